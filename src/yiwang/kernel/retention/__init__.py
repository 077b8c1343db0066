"""保存期限: how long things are kept, by packs; and their erasure afterwards, with proof."""
