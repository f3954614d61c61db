"""The gate of all output: every line that taskrole prints passes through it."""
