"""Where Terraform can keep its state: a file a backend, and their registry."""
