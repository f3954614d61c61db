"""What replacing one set of policies by another changes."""
