"""Terraform plans: parsing, resolving references, attaching policies to roles, and classifying every change."""
