"""Recorded calls: what a role did, as CloudTrail and other tools tell it, and what follows for its permissions."""
