"""Checks over readings, plans, and the runner that isolates them."""
