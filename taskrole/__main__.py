"""`python -m taskrole`."""

from taskrole.cli import main

main()
