"""CloudFormation templates: their task definitions, with intrinsic functions resolved as far as values are known."""
