"""Rules: small SQL conditions over declared facts, decided for one record with reasons, in Python and in the browser."""
