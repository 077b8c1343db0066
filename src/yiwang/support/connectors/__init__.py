"""外部系统对接: what goes out to systems that are not ours, what comes back, and the daily comparison of both."""
