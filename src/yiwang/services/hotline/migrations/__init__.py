"""Schema of services.hotline."""
