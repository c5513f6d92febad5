"""``flask poa setup``: the municipality without a browser."""

import os
from pathlib import Path

import click
from flask import current_app

from poa_tickets.cli import Refused, poa
from poa_tickets.domain.errors import Invalid
from poa_tickets.extensions import clock
from poa_tickets.services import department_lists, departments, setup
from poa_tickets.services.setup import Municipality

VARIABLE = "POA_HEAD_PASSWORD"


@poa.command("setup")
@click.option("--municipality", required=True, help="Name of the municipality.")
@click.option("--state", default="", help="Its state, as Jalisco.")
@click.option("--time-zone", default="America/Mexico_City", show_default=True)
@click.option("--folio-prefix", default="CS", show_default=True)
@click.option("--head-email", required=True, help="Address of the head of office.")
@click.option("--head-name", default="", help="Their name; the address stands for it if left out.")
@click.option(
    "--departments",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV or XLSX: name, director's address, director's name.",
)
def set_up(
    municipality: str,
    state: str,
    time_zone: str,
    folio_prefix: str,
    head_email: str,
    head_name: str,
    file: Path | None,
) -> None:
    """Set the municipality up. The head's password comes from POA_HEAD_PASSWORD, or is asked for.

    Run again, it changes nothing and succeeds.
    """
    if setup.is_set_up():
        click.echo("The municipality is already set up; nothing was changed.")
        return
    password = os.environ.get(VARIABLE) or click.prompt(
        "Password of the head", hide_input=True, confirmation_prompt=True
    )
    try:
        entries = department_lists.from_file(file.read_bytes(), file.name) if file else []
        problems = departments.check(entries)
        if problems:
            raise Refused("\n".join(_told(problem) for problem in problems))
        made = setup.set_up(
            Municipality(
                municipality=municipality,
                state=state,
                time_zone=time_zone,
                folio_prefix=folio_prefix,
                head_email=head_email,
                head_name=head_name or head_email.partition("@")[0],
                head_password=password,
                departments=tuple(entries),
            ),
            now=clock(),
        )
    except Invalid as error:
        raise Refused(f"{error.field}: {_told(error)}") from None
    click.echo(f"{made.office.municipality} is set up; sign in as {made.head.email}.")
    for invited in made.invited:
        click.echo(f"{invited.person.email}\t{_link(invited.token)}")


def _told(error: Invalid) -> str:
    return error.refusal.sentence % error.refusal.values


def _link(token: str) -> str:
    return f"{current_app.extensions['settings'].public_url}/invitacion/{token}"
