"""好差评: what people say of how they were served, and what is done about a bad rating."""
