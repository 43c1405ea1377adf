"""One widget module per screen; Qt only, no decisions."""
