"""Values for the placeholders of task definitions: how placeholders are written, and what fills them."""
