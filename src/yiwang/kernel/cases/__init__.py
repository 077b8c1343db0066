"""Everything that is handled is a case: flows, tasks, clocks, families of cases; it knows no kind of business."""
