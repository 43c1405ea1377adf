"""One presenter per screen; plain Python, no Qt."""
