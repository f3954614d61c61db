"""A module or package per feature: a field with its rules, permissions, options and flags. `registry.py` lists them."""
