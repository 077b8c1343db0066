"""驾驶舱: what is going wrong now, who is on it, since when."""
