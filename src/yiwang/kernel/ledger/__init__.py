"""存证: a tamper-evident log (RFC 6962 tree, signed checkpoints) of what must never be denied."""
