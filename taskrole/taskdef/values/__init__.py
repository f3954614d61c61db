"""Placeholders of task definitions: their syntax, and the values that fill them."""
