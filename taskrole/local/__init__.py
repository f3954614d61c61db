"""The embedded AWS for development and tests: moto's server on the loopback interface, with all data in memory."""
