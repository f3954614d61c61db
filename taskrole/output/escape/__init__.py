"""Escaping, one module a target.

Names, tags and policies of a plan are written by whoever opened the pull request. Each module here turns any text into
one that its target shows and never obeys; nothing of a report reaches an output but through one of them.
"""
