"""The program's version; pyproject.toml says the same (tests/architecture hold them together)."""

VERSION = "0.1.0"
