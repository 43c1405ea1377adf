"""Start the window, or a command: `python -m techkit`, `python -m techkit check`."""

import sys

from techkit.cli import main

if __name__ == "__main__":
    sys.exit(main())
