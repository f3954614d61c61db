"""Escapes text, with one module per target.

The author of a pull request controls the names, tags and policies in a plan. Each module escapes text so that its
target displays it without interpreting it. All text of a report passes through one of them.
"""
