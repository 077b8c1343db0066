"""治理加工: tables of the lake made of others by SELECTs of packs, and where each of their columns comes from; not the reading of files."""
