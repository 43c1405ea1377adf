"""Techkit: a field technician's diagnostics, visit records, printed summary and sync."""
