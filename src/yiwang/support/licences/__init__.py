"""证照: electronic licences and certificates, from issue to public verification."""
