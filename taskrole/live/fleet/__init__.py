"""Many accounts and regions: which, read with which role, several at a time, and put together into one report."""
