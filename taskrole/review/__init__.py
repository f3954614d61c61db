"""Plan review: from `terraform show -json` to what each role may do after the plan that it could not do before."""
