"""Asking a person before something is written."""

import sys

import typer

from basebump.errors import UsageError


def confirm(verb: str, what: str) -> None:
    """Ask at the terminal. Raises UsageError where nobody is there, Exit after a no."""
    if not sys.stdin.isatty():
        raise UsageError(f"{what}: nobody is there to be asked; --yes goes ahead")
    if not typer.confirm(f"{verb} {what}?", err=True):
        sys.stderr.write("Nothing was written.\n")
        raise typer.Exit(0)
