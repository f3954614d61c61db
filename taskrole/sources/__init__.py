"""Roles as they are or will be, from wherever they are declared or read: one type for every verb."""
