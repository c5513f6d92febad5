"""``flask poa indicator``: the number of a period, for people and for programs."""

import json
from datetime import datetime
from typing import IO, Any

import click
from flask_babel import gettext as _

from poa_tickets.cli import Refused, poa
from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.indicators import PART_LABELS, PARTS, Part, Period
from poa_tickets.domain.permissions import SYSTEM, Scope
from poa_tickets.domain.plan import PlanSheet
from poa_tickets.extensions import clock
from poa_tickets.services import indicators, people, plan
from poa_tickets.services.indicators import Filter, Reading
from poa_tickets.store.office import Office

EVERYTHING = Scope(all=True)


@poa.command("indicator")
@click.option("--period", "written", required=True, help="2026, 2026-Q3 or 2026-09")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def indicator(written: str, as_json: bool) -> None:
    """Print the share of support requests fulfilled in a period."""
    try:
        period = Period.parse(written)
    except Invalid as error:
        raise Refused(_(error.refusal.sentence, **error.refusal.values)) from None
    office = people.office()
    if office is None:
        raise Refused(_("Primero configure el municipio."))
    now = clock()
    reading = indicators.reading(period, scope=EVERYTHING, office=office, now=now)
    if as_json:
        click.echo(json.dumps(as_object(reading, office, now), ensure_ascii=False))
    else:
        click.echo(as_line(reading))


def as_object(reading: Reading, office: Office, now: datetime) -> dict[str, Any]:
    """The reading with the folios of each part."""
    lines = indicators.folios(
        reading.period, Filter(), scope=EVERYTHING, office=office, now=now, cutoff=reading.cutoff
    )
    return {
        "period": str(reading.period),
        "cohort": reading.cohort,
        "fulfilled": reading.amount(Part.FULFILLED),
        "partly": reading.amount(Part.PARTLY),
        "not_fulfilled": reading.amount(Part.NOT_FULFILLED),
        "pending": reading.amount(Part.PENDING),
        "late": reading.amount(Part.LATE),
        "percent": reading.percent,
        "folios": {part.value: [line.folio for line in lines if line.part is part] for part in PARTS},
    }


def as_line(reading: Reading) -> str:
    """The reading in one line."""
    name = _(reading.period.label.text, **reading.period.label.values)
    value = _("sin dato") if reading.percent is None else f"{reading.percent} %"
    parts = ", ".join(f"{_(PART_LABELS[part]).lower()}: {reading.amount(part)}" for part in PARTS)
    return f"{name}: {value} ({reading.amount(Part.FULFILLED)}/{reading.cohort}; {parts})"


@poa.command("load-plan")
@click.argument("file", type=click.File(encoding="utf-8"))
def load_plan(file: IO[str]) -> None:
    """Keep a yearly plan written as JSON (see cli/sample_plan.json)."""
    try:
        kept = plan.load(PlanSheet.read(json.load(file)), by=SYSTEM, now=clock())
    except json.JSONDecodeError as error:
        raise Refused(_("El archivo no es JSON: %(what)s.", what=str(error))) from None
    except Invalid as error:
        raise Refused(_(error.refusal.sentence, **error.refusal.values)) from None
    click.echo(_("Se guardó el plan de %(year)s.", year=kept.year))
