"""Reads recorded calls of roles, from CloudTrail and from tools that record or infer calls."""
