"""Signing in: passwords, codes, second factors, sittings, tokens; what somebody may then do is kernel.access."""
