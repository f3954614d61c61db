"""The review as one HTML page: for a person who would rather look, and for evidence that is kept."""
