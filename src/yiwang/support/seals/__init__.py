"""印章: the place's certification authority, its electronic seals, and their signatures on documents."""
