"""A Terraform plan: reading it, following references, linking policies to roles, accounting for every change."""
