"""Whether policies allow a request."""
