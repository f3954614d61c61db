"""Policy documents as text: statements, canonical form, sizes, splitting."""
