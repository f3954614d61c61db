"""Exports a stack as plain Terraform: a module, and optionally a root module, that need neither taskrole nor CDKTF."""
