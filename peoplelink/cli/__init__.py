"""The `peoplelink` command."""

from peoplelink.cli.command import main

__all__ = ["main"]
