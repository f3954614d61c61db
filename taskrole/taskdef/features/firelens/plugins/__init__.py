"""One file per group of similar plugins, with their rules and tables. registry.py lists them."""
