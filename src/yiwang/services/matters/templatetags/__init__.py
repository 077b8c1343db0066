"""Template tags of services.matters."""
