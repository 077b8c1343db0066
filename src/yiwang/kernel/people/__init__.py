"""Parties and accounts that act, their posts and mandates; the population itself is data.registries."""
