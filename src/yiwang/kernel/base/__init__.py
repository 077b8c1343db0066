"""What every app leans on: actors, errors, sealed fields, paging, events, numbering and route audiences."""
