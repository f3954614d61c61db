"""What verbs share, and the larger steps of a single verb: options, formats, progress and error handling."""
