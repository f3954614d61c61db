"""Compares two sets of policies."""
