"""What a post permits, where: permissions as sets, organisations as path prefixes; no rules about business."""
