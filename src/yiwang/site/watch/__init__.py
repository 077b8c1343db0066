"""What the operator watches: is it alive, does work get done, how fast and how often, and where time goes."""
