"""The review pages: each asks reports.py, never the database."""
