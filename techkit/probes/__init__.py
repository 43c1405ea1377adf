"""The one door to the machine: typed readings."""
