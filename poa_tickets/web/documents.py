"""The acuses: of a request received, and of an agreement that both sides signed.

They are official papers of the town hall, filed by departments and signed in Spanish: in Spanish for every reader.
"""

from datetime import datetime
from typing import Any

from flask import g
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from poa_tickets.domain.labels import label
from poa_tickets.services import documents, wording
from poa_tickets.services.addresses import whole
from poa_tickets.services.tickets import receipts
from poa_tickets.services.transaction import release
from poa_tickets.store.agreements import Agreement
from poa_tickets.store.tickets import Ticket
from poa_tickets.web.language import DEFAULT
from poa_tickets.web.presenting import html_lang, local


@force_locale(DEFAULT)
def ticket_receipt(ticket: Ticket) -> bytes:
    """The acuse of a request: folio, hour, who received it, how many files, each product with its due time."""
    count = receipts.files_received(ticket)
    own = ticket.filed_by_id == ticket.requester_id
    facts = [
        (_("Dependencia"), ticket.department.name),
        (_("Asunto"), ticket.title),
        (_("Recibida"), exactly(ticket.received_at)),
        (_("Recibió"), g.office.office_name if own else ticket.filed_by.name),
        (_("Archivos recibidos"), ngettext("%(num)s archivo", "%(num)s archivos", count)),
    ]
    if ticket.requester:
        facts.insert(1, (_("Quién pide"), ticket.requester.name))
    if ticket.oficio_number:
        facts.append((_("Oficio"), ticket.oficio_number))
    if ticket.event:
        event = ticket.event
        facts.append((_("Evento"), when_and_where(event.starts_at, event.hour_known, event.place)))
    rows = [(_(d.kind.label), due_words(d.due_at)) for d in ticket.live_deliverables]
    return _receipt(
        _("Acuse de recibo"),
        ticket,
        ticket.receipt_token,
        facts=facts,
        products={"heading": _("Productos y para cuándo"), "rows": rows},
    )


@force_locale(DEFAULT)
def agreement_receipt(agreement: Agreement) -> bytes:
    """The acuse of a signed version: its text and products, both names, how and when each was put."""
    ticket = agreement.ticket
    facts = [
        (_("Dependencia"), ticket.department.name),
        (_("Asunto"), ticket.title),
        (_("Versión"), str(agreement.number)),
    ]
    event = agreement.terms.get("event") or {}
    starts_at = _moment(event.get("starts_at"))
    if starts_at or event.get("place"):
        where = when_and_where(starts_at, event.get("hour_known", True), event.get("place", ""))
        facts.append((_("Evento"), where))
    if agreement.voided_at:
        facts.append((_("Sin efecto desde"), exactly(agreement.voided_at)))
    promised = [(term["label"], term.get("due_at")) for term in agreement.terms.get("deliverables", ())]
    rows = [(_(product), due_words(_moment(due_at))) for product, due_at in promised]
    return _receipt(
        _("Acuse del acuerdo"),
        ticket,
        agreement.receipt_token,
        facts=facts,
        products={"heading": _("Productos y para cuándo"), "rows": rows},
        text=[part for part in agreement.text.split("\n") if part.strip()],
        signs=_signs(agreement),
    )


def _signs(agreement: Agreement) -> list[dict[str, str]]:
    made = []
    if agreement.office_signed_at and agreement.office_signer:
        made.append(
            {
                "who": agreement.office_signer.name,
                "how": f"{g.office.office_name}, {exactly(agreement.office_signed_at)}",
            }
        )
    if agreement.requester_signed_at:
        signer = agreement.requester_signer.name if agreement.requester_signer else ""
        how = _(label(agreement.method)) if agreement.method else ""
        parts = (agreement.ticket.department.name, how, exactly(agreement.requester_signed_at))
        made.append({"who": agreement.requester_name or signer, "how": ", ".join(filter(None, parts))})
    return made


def _receipt(
    title: str,
    ticket: Ticket,
    token: str,
    *,
    facts: list[tuple[str, str]],
    products: dict[str, Any],
    text: list[str] | None = None,
    signs: list[dict[str, str]] | None = None,
) -> bytes:
    office = g.office
    address = whole(f"/acuse/{token}")
    letterhead = [line for line in office.letterhead.splitlines() if line.strip()]
    data = {
        "lang": html_lang().split("-")[0],
        "municipality": office.municipality,
        "letterhead": [*(letterhead or [office.municipality]), office.office_name],
        "accent": office.accent,
        "title": title,
        "folio": ticket.folio,
        "facts": facts,
        "products": products,
        "text": text or [],
        "signs": signs or [],
        "qr": documents.qr(address),
        "qr_note": _("Con este código cualquier persona puede ver el avance."),
        "address": address,
        "foot": f"{office.municipality} · {office.office_name} · {ticket.folio}",
    }
    logo = office.logo
    release()
    return documents.render("receipt", data, logo=logo)


def exactly(when: datetime) -> str:
    """A moment as paper needs it: with its year, never "hoy"."""
    wall = local(when)
    return f"{wording.dated(wall, wording.LONG_WITH_YEAR)}, {wording.clock(wall)}"


def due_words(when: datetime | None) -> str:
    """A due time on paper."""
    return exactly(when) if when else _("por acordar")


def when_and_where(starts_at: datetime | None, hour_known: bool, place: str) -> str:
    """An event in one line; no hour that nobody gave."""
    when = _("fecha por confirmar")
    if starts_at:
        when = exactly(starts_at) if hour_known else wording.dated(local(starts_at), wording.LONG_WITH_YEAR)
    return " · ".join(filter(None, (when, place)))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
