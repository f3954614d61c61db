"""Text for terminals: prose is wrapped to the width, and values such as ARNs are whole on separate lines."""
