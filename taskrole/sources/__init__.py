"""Reads roles from every source (roles.yaml, plans, accounts, files) into one type for all verbs."""
