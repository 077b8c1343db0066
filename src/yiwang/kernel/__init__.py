"""内核: what every other ring stands on."""
