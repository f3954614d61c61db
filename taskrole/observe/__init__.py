"""Recorded calls of roles, from CloudTrail and from tools that record or derive calls."""
