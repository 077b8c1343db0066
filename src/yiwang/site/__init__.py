"""The roof: settings, addresses and start-up; it wires the rings together and contains no business."""
