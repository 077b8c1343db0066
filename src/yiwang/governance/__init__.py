"""一网统管: seeing what happens in a place, and having it put right."""
