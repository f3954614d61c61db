"""What makes, refreshes and proves parts of the repository; none of it is in the wheel."""
