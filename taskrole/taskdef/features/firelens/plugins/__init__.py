"""One file a group of plugins that work alike: their rules and their tables. registry.py lists them."""
