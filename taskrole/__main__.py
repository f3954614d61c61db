"""`python -m taskrole`."""

from taskrole.python_version import require_python


def run() -> None:
    """Run the command line, for which an old Python has not the syntax."""
    require_python()
    from taskrole.cli import main

    main()


run()
