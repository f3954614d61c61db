"""Tools that generate, refresh and verify parts of the repository; not part of the wheel."""
