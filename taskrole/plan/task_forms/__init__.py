"""Plans and states of Terraform as forms of task definitions: the registry of forms names what is here."""
