"""Pictures of every screen, page and paper, made from the real thing: `./dev shots`."""
