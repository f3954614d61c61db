"""taskrole's CDKTF part: the construct, the stack, the backends."""
