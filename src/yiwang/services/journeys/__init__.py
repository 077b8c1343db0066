"""一件事: several matters on one form, each with its own case, clock and organisation."""
