"""Reading several accounts and regions concurrently, with a role in each, into one report."""
