"""Measures the engines on this machine; every bench answers one dict of figures. Nothing of the product imports it."""
