"""Messages, merge rules and the write-read loop with the central service."""
