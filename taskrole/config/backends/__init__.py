"""Where Terraform can store its state: one module per backend, and their registry."""
