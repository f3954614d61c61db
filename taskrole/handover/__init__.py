"""A stack as plain Terraform: a module, and where asked a root module, that need neither taskrole nor CDKTF."""
