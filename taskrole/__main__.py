"""`python -m taskrole`."""

from taskrole.python_version import require_python


def run() -> None:
    """Run the command line, after checking the Python version."""
    require_python()
    from taskrole.cli import main

    main()


run()
