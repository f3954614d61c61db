"""The CDKTF stacks of this project: roles, with provider, backend and outputs."""
