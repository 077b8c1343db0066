"""一网协同: what offices do among themselves."""
