"""Recorded calls: what a role did, read from CloudTrail and from the tools that watch or guess calls."""
