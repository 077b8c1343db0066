"""寄递: papers carried to the door, and where each parcel is."""
