"""汇聚: takes departments' files into the lake, whole or set aside with reasons; it judges shapes, not quality."""
