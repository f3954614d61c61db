"""Reads an EffectiveRole from each source: roles.yaml, a plan, policy files, the lock; accounts by `taskrole/live`."""
