"""The review pages: each asks reports.py and its neighbours, never the database."""
