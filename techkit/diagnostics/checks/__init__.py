"""One file per check; the catalogue finds them."""
