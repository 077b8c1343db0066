"""Template tags of services.journeys."""
