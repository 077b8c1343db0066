"""Policy as files: reading, checking, releasing and handing out packs; it knows no kind of business."""
