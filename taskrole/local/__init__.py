"""The embedded AWS, for development and tests only: moto's server on loopback, holding all that it knows in memory."""
