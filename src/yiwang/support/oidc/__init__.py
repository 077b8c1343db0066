"""The place's one login for other systems: an OpenID Connect provider; who somebody is, is support.login."""
