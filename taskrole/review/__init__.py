"""Plan review: from `terraform show -json` to the permissions that each role gains and loses with the plan."""
