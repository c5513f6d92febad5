"""An agreement as its card shows it: the text, the facts of its snapshot, and the two names."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from poa_tickets.domain.labels import label
from poa_tickets.store.agreements import Agreement
from poa_tickets.store.tickets import Ticket
from poa_tickets.web import presenting


@dataclass(frozen=True)
class Sign:
    """One of the two names under an agreement."""

    name: str
    post: str
    words: str
    signed: bool


@dataclass(frozen=True)
class AgreementCard:
    """What ``agreement_card`` draws."""

    version: int
    proposed_at: datetime
    text: str
    facts: list[tuple[str, str]]
    signs: list[Sign]
    changes: str | None = None
    voided: str = ""
    signed: bool = False


def card_of(found: Agreement, ticket: Ticket, before: Agreement | None) -> AgreementCard:
    """The card of one version, with what it changed from the one before."""
    return AgreementCard(
        version=found.number,
        proposed_at=found.created_at,
        text=found.text,
        facts=facts_of(found.terms),
        signs=[_office_sign(found), _requester_sign(found, ticket)],
        changes=changes(found, before),
        voided=_(found.void_reason) if found.voided_at else "",
        signed=found.signed,
    )


def changes(made: Agreement, before: Agreement | None) -> str | None:
    """The names of what differs from the version before; None in the first one."""
    if before is None:
        return None
    old, new = dict(facts_of(before.terms)), dict(facts_of(made.terms))
    names = [name for name in {**new, **old} if old.get(name) != new.get(name)]
    return ", ".join([*([_("Texto")] if made.text != before.text else []), *names]) or None


def facts_of(terms: dict[str, Any]) -> list[tuple[str, str]]:
    """What an agreement says besides its text, from its snapshot."""
    event = terms.get("event") or {}
    starts = event.get("starts_at")
    when = datetime.fromisoformat(starts) if starts else None
    shown = presenting.moment(when) if event.get("hour_known") else presenting.day(when)
    products = [_promised(term["label"], term.get("due_at")) for term in terms.get("deliverables", [])]
    facts = [
        (_("Cuándo"), shown or (_("por confirmar") if event else "")),
        (_("Dónde"), event.get("place", "")),
        (_("Para quién"), terms.get("audience", "")),
        (_("Localidades"), terms.get("localities", "")),
        (_("Se entrega"), ", ".join(products)),
    ]
    return [(name, value) for name, value in facts if value]


def _promised(product: str, due_at: str | None) -> str:
    name = _(product)
    if not due_at:
        return name
    return _("%(product)s (%(when)s)", product=name, when=presenting.day(datetime.fromisoformat(due_at)))


def _office_sign(agreement: Agreement) -> Sign:
    signer = agreement.office_signer
    return Sign(
        signer.name if signer else _("Comunicación Social"),
        (signer.position if signer else "") or _("Comunicación Social"),
        _("propuso %(when)s", when=presenting.moment(agreement.office_signed_at)),
        agreement.office_signed_at is not None and agreement.voided_at is None,
    )


def _requester_sign(agreement: Agreement, ticket: Ticket) -> Sign:
    signer = agreement.requester_signer
    name = agreement.requester_name or (ticket.requester.name if ticket.requester else ticket.department.name)
    if agreement.requester_signed_at is None or agreement.method is None:
        return Sign(name, ticket.department.name, _("falta su aceptación"), False)
    when, how = presenting.moment(agreement.requester_signed_at), _(label(agreement.method))
    words = _("aceptó %(when)s, %(how)s", when=when, how=how)
    words += f" ({agreement.method_note})" if agreement.method_note else ""
    return Sign(
        name,
        (signer.position if signer else "") or ticket.department.name,
        words,
        agreement.voided_at is None,
    )
