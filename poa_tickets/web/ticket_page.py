"""What the ticket page shows to one reader: state, whose turn it is, products, agreement, history, what may be done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from poa_tickets.domain import workflow as rules
from poa_tickets.domain.permissions import Actor, can_see_internal, is_requester
from poa_tickets.domain.vocabulary import N_, Cause, FilePurpose, Party, Stage, TicketStatus, label
from poa_tickets.domain.workflow import Action, deliverable_stage
from poa_tickets.services import briefs
from poa_tickets.store.agreements import Agreement
from poa_tickets.store.media import MediaFile
from poa_tickets.store.publishing import Publication
from poa_tickets.store.tickets import Deliverable, Ticket
from poa_tickets.web import presenting, rows
from poa_tickets.web.agreement_card import card_of

STAGE_ACTION = {Stage.COVER: Action.COVER, Stage.SELECT: Action.SELECT, Stage.PUBLISH: Action.PUBLISH}


@dataclass(frozen=True)
class Choice:
    """Something that can be done: words, where, and an icon. ``post`` has a button of its own."""

    label: str
    url: str
    icon: str = ""
    post: bool = False
    number: int | None = None


@dataclass(frozen=True)
class NextStep:
    """The one primary action, or why there is none and whose turn it is."""

    title: str
    why: str = ""
    choice: Choice | None = None


@dataclass(frozen=True)
class Proof:
    """One piece of evidence under a product."""

    label: str
    text: str = ""
    url: str = ""
    share_url: str = ""


@dataclass
class Product:
    """One line of the list of products."""

    id: int
    state: str
    label: str
    note: str
    due: rows.Due | None
    asked: list[tuple[str, str]]
    proofs: list[Proof] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)


@dataclass
class TicketPage:
    """Everything the page needs; built from rows already loaded, it asks the database nothing."""

    ticket: Ticket
    agreement: Agreement | None
    follows: bool
    files: Sequence[MediaFile]
    actor: Actor
    now: datetime

    def __post_init__(self) -> None:
        self.allowed = set(rules.allowed_actions(self.ticket, self.actor, self.now))
        self.internal = can_see_internal(self.actor)
        self.requester = is_requester(self.ticket, self.actor)
        self.steps = rows.steps_of(self.ticket)
        self.due = rows.due_of(self.ticket, self.now)
        self.products = [self._product(d) for d in self.ticket.deliverables]
        self.next = self._next_step()
        self.more = list(self._more())
        self.card = card_of(self.agreement, self.ticket) if self.agreement else None
        self.photos = [f for f in self.files if f.content_type.startswith("image/")]
        self.papers = [f for f in self.files if not f.content_type.startswith("image/")]
        self.files_of: dict[int | None, list[dict[str, Any]]] = {}
        for file in self.files:
            self.files_of.setdefault(file.entry_id, []).append(file_link(file))

    def url(self, action: Action | str, **values: Any) -> str:
        """The address of an action on this ticket."""
        return url_for(f"tickets.{action}", folio=self.ticket.folio, **values)

    @property
    def share_url(self) -> str:
        """The ticket as a WhatsApp message."""
        where = url_for("tickets.show", folio=self.ticket.folio, _external=True)
        return presenting.whatsapp(f"{self.ticket.folio} · {self.ticket.title}\n{where}")

    @property
    def balls(self) -> list[tuple[str, str, str]]:
        """Who has the ball: icon, who, what for."""
        ticket = self.ticket
        if ticket.status is not TicketStatus.OPEN:
            return []
        if ticket.is_waiting:
            who = ticket.waiting_on or ticket.department.short_name
            since = _(
                "%(missing)s, desde %(when)s", missing=ticket.waiting_for, when=_day(ticket.waiting_since)
            )
            return [("pause", who, since)]
        if ticket.agreement_open:
            return [("agree", ticket.department.short_name, _("aceptar el acuerdo o pedir un cambio"))]
        office = ticket.assignee.name if ticket.assignee else _("Comunicación Social")
        if ticket.stage is None:
            return [("user", office, _("cerrar la solicitud"))]
        at = [d for d in ticket.live_deliverables if deliverable_stage(d) is ticket.stage]
        names = {d.assignee.name if d.assignee else office: d for d in at}
        return [("user", name, DOING[ticket.stage]()) for name in names]

    def _next_step(self) -> NextStep:
        ticket = self.ticket
        if ticket.status is not TicketStatus.OPEN:
            return self._ended()
        if ticket.is_waiting:
            return self._waiting()
        if ticket.agreement_open:
            return self._answer()
        if ticket.stage is None:
            return self._closing()
        if ticket.stage is Stage.AGREE:
            return self._step(
                Action.PROPOSE_AGREEMENT, _("Sigue: acordar qué se va a decir."), _("Acordar"), "agree"
            )
        at = next(d for d in ticket.live_deliverables if deliverable_stage(d) is ticket.stage)
        title, words, icon = STEP_WORDS[ticket.stage](at)
        return self._step(STAGE_ACTION[ticket.stage], title, words, icon, producto=at.id)

    def _step(self, action: Action, title: str, words: str, icon: str, **values: Any) -> NextStep:
        refused = rules.refusal(action, self.ticket, self.actor, self.now)
        if refused:
            return NextStep(_("Le toca a %(who)s.", who=self._holder()), title)
        return NextStep(title, choice=Choice(words, self.url(action, **values), icon))

    def _holder(self) -> str:
        balls = self.balls
        return balls[0][1] if balls else _("Comunicación Social")

    def _ended(self) -> NextStep:
        ticket = self.ticket
        if Action.RATE in self.allowed:
            return NextStep(
                _("La solicitud se cerró."),
                _("Una pregunta: ¿quedó como lo necesitaba?"),
                Choice(_("Responder"), self.url(Action.RATE), "star"),
            )
        if ticket.outcome:
            return NextStep(_("Cerrada: %(outcome)s.", outcome=_(label(ticket.outcome)).lower()))
        cause = _(label(ticket.cause)) if ticket.cause else ""
        return NextStep(f"{_(label(ticket.status))}.", f"{cause}. {ticket.cause_text}".strip())

    def _waiting(self) -> NextStep:
        ticket = self.ticket
        missing = _("En pausa: falta %(missing)s.", missing=ticket.waiting_for)
        if Action.RESUME not in self.allowed:
            return NextStep(missing, _("Le toca a %(who)s.", who=self._holder()))
        if self.requester and not self.actor.is_office:
            why = _("Al enviarlo, seguimos donde íbamos.")
            if ticket.waiting_party is Party.THIRD_PARTY:
                why = _("Lo esperamos de %(who)s. Si usted lo tiene, envíelo.", who=ticket.waiting_on)
            return NextStep(missing, why, Choice(_("Enviar lo que falta"), self.url(Action.RESUME), "up"))
        return NextStep(
            missing,
            _("De %(who)s. Cuando llegue, reanude.", who=self._holder()),
            Choice(_("Reanudar"), self.url(Action.RESUME), "refresh"),
        )

    def _answer(self) -> NextStep:
        number = self.agreement.number if self.agreement else 0
        if Action.ACCEPT_AGREEMENT in self.allowed:
            accept = Choice(
                _("Aceptar el acuerdo"), self.url(Action.ACCEPT_AGREEMENT), "check", post=True, number=number
            )
            return NextStep(_("Le toca a usted."), _("Lea el acuerdo; al aceptarlo empezamos."), accept)
        if Action.RECORD_ACCEPTANCE in self.allowed:
            why = _("Si aceptó por teléfono o en persona, anótelo.")
            record = Choice(_("Anotar la aceptación"), self.url(Action.RECORD_ACCEPTANCE), "phone")
            return NextStep(
                _("Falta que %(who)s acepte.", who=self.ticket.department.short_name), why, record
            )
        return NextStep(_("Falta que %(who)s acepte.", who=self.ticket.department.short_name))

    def _closing(self) -> NextStep:
        ticket = self.ticket
        objected = ticket.objected_at and ticket.ready_at and ticket.objected_at >= ticket.ready_at
        told = _("Dijeron que aún falta algo: revise el historial.") if objected else ""
        if Action.CLOSE in self.allowed:
            words = _(label(rules.outcome(ticket.all_deliverables))).lower()
            return NextStep(
                _("Todo está hecho."),
                told or _("Se cerrará como %(outcome)s.", outcome=words),
                Choice(_("Cerrar"), self.url(Action.CLOSE), "check-circle"),
            )
        if Action.OBJECT in self.allowed:
            return NextStep(_("Todo está hecho."), _("Si algo falta, díganos; si no, se cierra sola."))
        return NextStep(_("Todo está hecho."), _("La cierra Comunicación Social."))

    def _more(self) -> Iterable[Choice]:
        shown = self.next.choice.url if self.next.choice else ""
        for action, words in MORE:
            if action in self.allowed and (self.actor.is_office or self.requester):
                url = self.url(action)
                if url != shown:
                    yield Choice(_(words), url)

    def _product(self, deliverable: Deliverable) -> Product:
        made = Product(
            deliverable.id,
            state_of(deliverable, self.ticket, self.now),
            _(deliverable.kind.label),
            self._note(deliverable),
            self._product_due(deliverable),
            asked_of(deliverable),
            proofs_of(deliverable, self.files),
        )
        stage = deliverable_stage(deliverable)
        open_one = deliverable.dropped_cause is None and stage is not None
        if not (self.actor.is_office or self.requester) or self.ticket.status is not TicketStatus.OPEN:
            return made
        if open_one and stage in STAGE_ACTION and STAGE_ACTION[stage] in self.allowed:
            words = STEP_WORDS[stage](deliverable)[1]
            made.choices.append(Choice(words, self.url(STAGE_ACTION[stage], producto=deliverable.id)))
        if open_one and Action.ASSIGN in self.allowed:
            made.choices.append(Choice(_("Encargar"), self.url("assign_product", producto=deliverable.id)))
        if open_one and Action.DROP in self.allowed:
            made.choices.append(Choice(_("No se hará"), self.url(Action.DROP, producto=deliverable.id)))
        undoable = [s for s in deliverable.progress if s != Stage.AGREE]
        if deliverable.dropped_cause is None and undoable and Action.UNDO_STAGE in self.allowed:
            made.choices.append(
                Choice(_("Deshacer un paso"), self.url(Action.UNDO_STAGE, producto=deliverable.id))
            )
        return made

    def _product_due(self, deliverable: Deliverable) -> rows.Due | None:
        over = deliverable.dropped_cause is not None or deliverable_stage(deliverable) is None
        if over or self.ticket.status is not TicketStatus.OPEN or deliverable.due_at is None:
            return None
        if self.ticket.is_waiting:
            return rows.Due("hold", _("En pausa"))
        words = presenting.moment(deliverable.due_at)
        late = deliverable.due_at < self.now
        soon = deliverable.due_at - self.now < rows.SOON
        return rows.Due(
            "late" if late else "soon" if soon else "ok", _("era %(when)s", when=words) if late else words
        )

    def _note(self, deliverable: Deliverable) -> str:
        if deliverable.dropped_cause is not None:
            cause = _(label(Cause(deliverable.dropped_cause))).lower()
            return f"{_('No se hará: %(cause)s.', cause=cause)} {deliverable.dropped_text}".strip()
        stage = deliverable_stage(deliverable)
        if stage is None:
            return _("Terminado %(when)s", when=presenting.moment(deliverable.done_at))
        who = deliverable.assignee.name if deliverable.assignee else ""
        return " · ".join(filter(None, (_("Falta %(doing)s", doing=DOING[stage]()), who)))


def state_of(deliverable: Deliverable, ticket: Ticket, now: datetime) -> str:
    """How a product shows: done, dropped, hold, late, now or todo."""
    if deliverable.dropped_cause is not None:
        return "dropped"
    stage = deliverable_stage(deliverable)
    if stage is None:
        return "done"
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
            found.append((_(question.label), _("Sí") if answer is True else str(answer)))
    if deliverable.wanted_on:
        found.append((_("Para el"), presenting.day(deliverable.wanted_on)))
    return found


def proofs_of(deliverable: Deliverable, files: Iterable[MediaFile]) -> list[Proof]:
    """What shows that it was done: final text, publications, files."""
    found = []
    for stage, step in deliverable.progress.items():
        if step.get("text") and stage != Stage.PUBLISH:
            found.append(Proof(PROOF_WORDS[Stage(stage)](), step["text"]))
    found += [publication_proof(p) for p in deliverable.publications]
    for file in files:
        if file.deliverable_id == deliverable.id and file.purpose is not FilePurpose.PHOTO:
            found.append(Proof(_(label(file.purpose)), file.name, url_for("media.download", key=file.key)))
    return found


def publication_proof(publication: Publication) -> Proof:
    """Where and when it came out, with its link."""
    where = f"{_(label(publication.channel))}, {presenting.moment(publication.published_at)}"
    share = presenting.whatsapp(publication.permalink) if publication.permalink else ""
    return Proof(where, publication.log, publication.permalink, share)


def file_link(file: MediaFile) -> dict[str, Any]:
    """A file as the conversation lists it."""
    return {"name": file.name, "url": url_for("media.download", key=file.key), "size": file.size}


def _day(when: datetime | None) -> str:
    return presenting.day(when)


def _photos(deliverable: Deliverable) -> bool:
    return deliverable.kind.evidence.get(Stage.SELECT) == "photos"


DOING = {
    Stage.AGREE: lambda: _("acordar qué se va a decir"),
    Stage.COVER: lambda: _("cubrir"),
    Stage.SELECT: lambda: _("elegir la versión final"),
    Stage.PUBLISH: lambda: _("publicar o entregar"),
}
PROOF_WORDS = {
    Stage.AGREE: lambda: _("Acuerdo"),
    Stage.COVER: lambda: _("Cobertura"),
    Stage.SELECT: lambda: _("Versión final"),
    Stage.PUBLISH: lambda: _("Publicación"),
}


def _cover_words(deliverable: Deliverable) -> tuple[str, str, str]:
    return (
        _("Sigue: cubrir, %(product)s.", product=_(deliverable.kind.label).lower()),
        _("Marcar cubierta"),
        "camera",
    )


def _select_words(deliverable: Deliverable) -> tuple[str, str, str]:
    if _photos(deliverable):
        return _("Sigue: elegir fotos."), _("Elegir fotos"), "photos"
    return (
        _("Sigue: la versión final, %(product)s.", product=_(deliverable.kind.label).lower()),
        _("Dejar lista la versión final"),
        "text",
    )


def _publish_words(deliverable: Deliverable) -> tuple[str, str, str]:
    return (
        _("Sigue: publicar, %(product)s.", product=_(deliverable.kind.label).lower()),
        _("Publicar"),
        "publish",
    )


STEP_WORDS = {Stage.COVER: _cover_words, Stage.SELECT: _select_words, Stage.PUBLISH: _publish_words}
MORE: tuple[tuple[Action, str], ...] = (
    (Action.PROPOSE_AGREEMENT, N_("Proponer el acuerdo")),
    (Action.RECORD_ACCEPTANCE, N_("Anotar que aceptaron el acuerdo")),
    (Action.REQUEST_CHANGE, N_("Pedir un cambio al acuerdo")),
    (Action.ASSIGN, N_("Encargar la solicitud")),
    (Action.WAIT, N_("Pedir un dato y pausar")),
    (Action.RESUME, N_("Reanudar")),
    (Action.EDIT, N_("Cambiar lo que se pidió")),
    (Action.ADD_DELIVERABLE, N_("Agregar un producto")),
    (Action.ATTACH, N_("Agregar archivos")),
    (Action.CHANGE_EVENT, N_("El evento cambió")),
    (Action.OBJECT, N_("Aún falta algo")),
    (Action.CLOSE, N_("Cerrar")),
    (Action.REOPEN, N_("Reabrir")),
    (Action.DECLINE, N_("No procede")),
    (Action.CANCEL, N_("Ya no se necesita")),
)
