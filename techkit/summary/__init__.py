"""The customer's summary: blocks, PDF and HTML."""
