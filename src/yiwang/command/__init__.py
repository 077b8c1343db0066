"""指挥中心: what a leader sees."""
