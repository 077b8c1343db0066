"""Outside systems played by separate processes, so that the platform can be shown and tested; no part of the platform itself."""
