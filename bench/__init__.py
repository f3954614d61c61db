"""Measured figures, and the command that measures them: `python -m bench`."""
