"""The benchmarks, and the command that runs them: `python -m bench`."""
