"""Formats roles and findings as tables, sentences and JSON."""
