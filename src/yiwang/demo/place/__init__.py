"""The demo place: made-up regions, bodies, people and firms, and a working day played on them."""
