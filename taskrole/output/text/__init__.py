"""Text for people: prose wrapped to the width of the terminal, values such as ARNs whole on lines of their own."""
