"""审计: who did what to which record, and who was shown whose data."""
