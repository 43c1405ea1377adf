"""What is written down: pure values, no input or output."""
