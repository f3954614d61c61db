"""The review as a single HTML page, to read and to keep as evidence."""
