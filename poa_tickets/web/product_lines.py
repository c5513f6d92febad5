"""The products of a ticket page: how each stands, what was asked of it, what proves it, what can be done to it."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _

from poa_tickets.domain.evidence import awaits_approval
from poa_tickets.domain.kinds import BriefField, BriefType
from poa_tickets.domain.labels import label
from poa_tickets.domain.vocabulary import Cause, FilePurpose, Stage, TicketStatus
from poa_tickets.domain.workflow import Action, deliverable_stage
from poa_tickets.services import wording
from poa_tickets.services.tickets import briefs
from poa_tickets.store.media import MediaFile
from poa_tickets.store.publishing import Publication
from poa_tickets.store.tickets import Deliverable, Ticket
from poa_tickets.web import presenting, proofs, rows
from poa_tickets.web.file_links import FileLinks
from poa_tickets.web.step_words import DOING, PROOF_WORDS, STAGE_ACTION

ENDED_UNDONE = frozenset({TicketStatus.DECLINED, TicketStatus.CANCELLED})


@dataclass(frozen=True)
class Choice:
    """Something that can be done: words, where, and an icon. ``post`` is sent by a button of its own."""

    label: str
    url: str
    icon: str = ""
    post: dict[str, str] | None = None


class ProofKind(StrEnum):
    """What a piece of evidence is: words of a stage, where it came out, or a file."""

    WORDS = "words"
    OUTLET = "outlet"
    FILE = "file"


@dataclass(frozen=True)
class Proof:
    """One piece of evidence under a product."""

    kind: ProofKind
    label: str
    text: str = ""
    url: str = ""
    share_url: str = ""


@dataclass
class Product:
    """One line of the list of products: ``step`` does what comes next, ``choices`` are everything else."""

    id: int
    state: str
    label: str
    note: str
    due: rows.Due | None
    asked: list[tuple[str, str]]
    proofs: list[Proof] = field(default_factory=list)
    step: Choice | None = None
    choices: list[Choice] = field(default_factory=list)


def line_of(
    deliverable: Deliverable, ticket: Ticket, files: Iterable[MediaFile], links: FileLinks, now: datetime
) -> Product:
    """A product as its line shows it to every reader."""
    return Product(
        deliverable.id,
        state_of(deliverable, ticket, now),
        _(deliverable.kind.label),
        note_of(deliverable, ticket),
        due_of(deliverable, ticket, now),
        asked_of(deliverable),
        proofs_of(deliverable, files, links),
    )


def glance(deliverable: Deliverable, ticket: Ticket, now: datetime) -> dict[str, str]:
    """A product in one line of a ``checklist``: what it is and how it stands."""
    return {
        "state": state_of(deliverable, ticket, now),
        "label": _(deliverable.kind.label),
        "note": note_of(deliverable, ticket),
    }


def step_of(deliverable: Deliverable, allowed: Collection[Action], url: Callable[..., str]) -> Choice | None:
    """What the office does next to one product."""
    stage = deliverable_stage(deliverable)
    if (
        deliverable.dropped_cause is not None
        or stage not in STAGE_ACTION
        or STAGE_ACTION[stage] not in allowed
    ):
        return None
    words = proofs.step_words(deliverable.kind, stage)
    return Choice(words.button, url(STAGE_ACTION[stage], producto=deliverable.id), words.icon)


def choices_of(
    deliverable: Deliverable, allowed: Collection[Action], url: Callable[..., str]
) -> Iterator[Choice]:
    """What else the office may do to one product."""
    if deliverable.dropped_cause is not None:
        return
    if deliverable_stage(deliverable) is not None:
        if Action.EDIT in allowed:
            yield Choice(_("Cambiar o completar"), url("edit_product", producto=deliverable.id))
        if Action.ASSIGN in allowed:
            yield Choice(_("Encargar"), url("assign_product", producto=deliverable.id))
        if Action.DROP in allowed:
            yield Choice(_("No se hará"), url(Action.DROP, producto=deliverable.id))
    if Action.UNDO_STAGE in allowed and any(s != Stage.AGREE for s in deliverable.progress):
        yield Choice(_("Deshacer un paso"), url(Action.UNDO_STAGE, producto=deliverable.id))


def due_of(deliverable: Deliverable, ticket: Ticket, now: datetime) -> rows.Due | None:
    """When an open product is due."""
    over = deliverable.dropped_cause is not None or deliverable_stage(deliverable) is None
    if over or ticket.status is not TicketStatus.OPEN or deliverable.due_at is None:
        return None
    if ticket.is_waiting:
        return rows.Due("hold", _("En pausa"))
    words = presenting.moment(deliverable.due_at)
    if deliverable.due_at < now:
        return rows.Due("late", _("era %(when)s", when=words))
    return rows.Due("soon" if deliverable.due_at - now < rows.SOON else "ok", words)


def note_of(deliverable: Deliverable, ticket: Ticket) -> str:
    """One line: what is still to be done and by whom, when it was done, or why it will not be."""
    if deliverable.dropped_cause is not None:
        cause = _(label(Cause(deliverable.dropped_cause))).lower()
        said = _("No se hará: %(cause)s.", cause=cause)
        return f"{said} {deliverable.dropped_text}".strip()
    stage = deliverable_stage(deliverable)
    if stage is None:
        return _("Terminado %(when)s", when=presenting.moment(deliverable.done_at))
    if ticket.status in ENDED_UNDONE:
        return ""
    if awaits_approval(deliverable):
        return _("Espera la aprobación de la jefatura")
    who = deliverable.assignee.name if deliverable.assignee else ""
    return " · ".join(filter(None, (_("Falta %(doing)s", doing=DOING[stage]()), who)))


def state_of(deliverable: Deliverable, ticket: Ticket, now: datetime) -> str:
    """How a product shows: done, dropped, hold, late, now or todo."""
    if deliverable.dropped_cause is not None:
        return "dropped"
    stage = deliverable_stage(deliverable)
    if stage is None:
        return "done"
    if ticket.status in ENDED_UNDONE:
        return "dropped"
    if ticket.status is not TicketStatus.OPEN:
        return "todo"
    if ticket.is_waiting:
        return "hold"
    if deliverable.due_at and deliverable.due_at < now:
        return "late"
    return "now" if stage is ticket.stage else "todo"


def asked_of(deliverable: Deliverable) -> list[tuple[str, str]]:
    """The answers to a kind's questions, in its order."""
    found = []
    for question in briefs.fields(deliverable.kind):
        answer = deliverable.brief.get(question.key)
        if answer not in (None, "", False):
            found.append((_(question.label), _said(question, answer)))
    if deliverable.wanted_on:
        found.append((_("Para el"), presenting.day(deliverable.wanted_on)))
    return found


def _said(question: BriefField, answer: Any) -> str:
    if answer is True:
        return _("Sí")
    return _(answer) if question.type is BriefType.CHOICE else str(answer)


def proofs_of(deliverable: Deliverable, files: Iterable[MediaFile], links: FileLinks) -> list[Proof]:
    """What shows that it was done: final text, publications, files."""
    found = []
    for stage, step in deliverable.progress.items():
        if step.get("text") and stage != Stage.PUBLISH:
            found.append(Proof(ProofKind.WORDS, PROOF_WORDS[Stage(stage)](), step["text"]))
    found += [publication_proof(p, deliverable.ticket.title) for p in deliverable.publications]
    for file in files:
        if file.deliverable_id == deliverable.id and file.purpose is not FilePurpose.PHOTO:
            found.append(Proof(ProofKind.FILE, _(label(file.purpose)), file.name, links.whole(file)))
    return found


def publication_proof(publication: Publication, title: str) -> Proof:
    """Where and when it came out, with its link."""
    where = f"{_(label(publication.channel))}, {presenting.moment(publication.published_at)}"
    share = wording.whatsapp(f"{title}\n{publication.permalink}") if publication.permalink else ""
    return Proof(ProofKind.OUTLET, where, publication.log, publication.permalink, share)
