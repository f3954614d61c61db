"""Terraform's plans and states: the task definitions among their resources."""
