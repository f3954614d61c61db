"""The exact IAM roles that ECS tasks need, as Terraform."""

__version__ = "0.1.0"
