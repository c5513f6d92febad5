"""Top floor: commands; each parses, calls one service and prints."""

from typing import IO, Any

import click
from flask import Flask
from flask.cli import AppGroup

poa = AppGroup("poa", help="The desk of the communications office.")


class Refused(click.ClickException):
    """A sentence for whoever typed the command; it ends with status 2."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence alone."""
        click.echo(self.message, err=True)


def init_app(app: Flask) -> None:
    """Register the command group; importing a module of commands adds them to it."""
    from poa_tickets.cli import indicators, setup  # noqa: F401

    app.cli.add_command(poa)
