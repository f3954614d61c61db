"""Evaluates whether policies allow a request."""
