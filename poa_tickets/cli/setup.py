"""``flask poa setup``: the municipality without a browser."""

import os
from pathlib import Path

import click
from flask import current_app
from flask_babel import gettext as _

from poa_tickets.cli import Refused, poa
from poa_tickets.domain.errors import Invalid
from poa_tickets.extensions import clock
from poa_tickets.services import department_lists, logos, setup
from poa_tickets.services.setup import Municipality

VARIABLE = "POA_HEAD_PASSWORD"
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@poa.command("setup")
@click.option("--municipality", required=True, help="Name of the municipality.")
@click.option("--state", default="", help="Its state, as Jalisco.")
@click.option("--time-zone", default="America/Mexico_City", show_default=True)
@click.option("--office-name", default=Municipality.office_name, show_default=True)
@click.option("--folio-prefix", default=Municipality.folio_prefix, show_default=True)
@click.option("--letterhead", default="", help="What heads the printed receipts; \\n starts a line.")
@click.option("--accent", default=Municipality.accent, show_default=True, help="Its colour.")
@click.option("--logo", type=FILE, help="PNG or JPEG.")
@click.option("--head-email", required=True, help="Address of the head of office.")
@click.option("--head-name", default="", help="Their name; the address stands for it if left out.")
@click.option(
    "--departments", "listed", type=FILE, help="CSV or XLSX: name, director's address, director's name."
)
def set_up(head_name: str, letterhead: str, logo: Path | None, listed: Path | None, **given: str) -> None:
    """Set the municipality up. The head's password comes from POA_HEAD_PASSWORD, or is asked for.

    Run again, it changes nothing and succeeds.
    """
    if setup.is_set_up():
        click.echo(_("El municipio ya está configurado; no se cambió nada."))
        return
    password = os.environ.get(VARIABLE) or click.prompt(
        _("Contraseña de la jefatura"), hide_input=True, confirmation_prompt=True
    )
    try:
        entry = Municipality(
            **given,
            head_name=head_name or given["head_email"].partition("@")[0],
            head_password=password,
            letterhead=letterhead.replace("\\n", "\n"),
            logo=logos.read(logo.read_bytes()) if logo else None,
            logo_type=logos.TYPE if logo else "",
            departments=tuple(department_lists.from_file(listed.read_bytes(), listed.name) if listed else ()),
        )
    except Invalid as error:
        raise Refused(told(error)) from None
    problems = setup.problems(entry)
    if problems:
        raise Refused("\n".join(map(told, problems)))
    made = setup.set_up(entry, now=clock())
    click.echo(
        _(
            "%(municipality)s está configurado; entre como %(email)s.",
            municipality=made.office.municipality,
            email=made.head.email,
        )
    )
    for invited in made.invited:
        click.echo(f"{invited.person.email}\t{link(invited.token)}")


def told(error: Invalid) -> str:
    """What is wrong, after the option it is about."""
    return f"--{error.field.replace('_', '-')}: {_(error.refusal.sentence, **error.refusal.values)}"


def link(token: str) -> str:
    """The address where a director chooses a password."""
    return f"{current_app.extensions['settings'].public_url}/invitacion/{token}"
