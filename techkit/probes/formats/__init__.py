"""Parsers of what tools and systems print: text in, typed readings out, never an exception."""
