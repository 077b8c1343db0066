"""Names of tables in the pages of transformations."""
