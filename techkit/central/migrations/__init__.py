"""Changes of the service's tables, in order; made by Django from models.py."""
