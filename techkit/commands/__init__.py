"""The program's words, a room each; `techkit.cli` reads what was typed and calls the one that was meant."""
