"""The lake 湖: tables of Parquet files whose snapshots are listed in PostgreSQL, read and written by DuckDB; it knows no kind of business."""
