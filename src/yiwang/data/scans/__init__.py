"""扫描件: old paper read by a machine, its doubtful fields confirmed by people, handed on to ingest row by row."""
