"""The central service remote staff use: a Django project."""
