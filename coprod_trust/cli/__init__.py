"""The command line: ``coprod-trust``. Everything heavy is imported inside the command that needs it."""

from coprod_trust.cli.app import main

__all__ = ["main"]
