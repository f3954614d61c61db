"""CloudFormation templates: their task definitions, with the intrinsic functions resolved as far as they are known."""
