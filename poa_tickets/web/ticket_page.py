"""What the ticket page shows to one reader: state, whose turn it is, products, agreement, history, what may be done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from poa_tickets.domain import workflow as rules
from poa_tickets.domain.evidence import approval_refusal, awaits_approval
from poa_tickets.domain.labels import label
from poa_tickets.domain.permissions import Actor, can_see_internal, is_requester
from poa_tickets.domain.vocabulary import N_, EventStatus, Party, Stage, TicketStatus
from poa_tickets.domain.workflow import Action, deliverable_stage
from poa_tickets.services import nudges, wording
from poa_tickets.services.addresses import whole
from poa_tickets.services.tickets import conversation, tickets
from poa_tickets.store.agreements import Agreement
from poa_tickets.store.media import MediaFile
from poa_tickets.store.tickets import Deliverable, Ticket
from poa_tickets.web import presenting, proofs, rows
from poa_tickets.web.agreement_card import card_of
from poa_tickets.web.file_links import FileLinks, Listed
from poa_tickets.web.product_lines import Choice, Product, choices_of, line_of, step_of
from poa_tickets.web.step_words import DOING, STAGE_ACTION

JUST_NOW = timedelta(minutes=15)
LINKS = FileLinks()


@dataclass(frozen=True)
class NextStep:
    """The one primary action, or why there is none and whose turn it is; ``other`` is a quieter one beside it."""

    title: str
    why: str = ""
    choice: Choice | None = None
    other: Choice | None = None


@dataclass
class TicketPage:
    """Everything the page needs; built from rows already loaded, it asks the database nothing."""

    ticket: Ticket
    agreement: Agreement | None
    follows: bool
    files: Sequence[MediaFile]
    actor: Actor
    now: datetime
    closes_at: datetime | None = None
    before: Agreement | None = None
    followers: str = ""
    reminder: nudges.Reminder | None = None

    def __post_init__(self) -> None:
        self.allowed = set(rules.allowed_actions(self.ticket, self.actor, self.now))
        self.internal = can_see_internal(self.actor)
        self.requester = is_requester(self.ticket, self.actor)
        self.asks = self.requester and not self.actor.is_office
        self.steps = rows.steps_of(self.ticket)
        self.due = rows.due_of(self.ticket, self.now)
        self.next = self._next_step()
        self.products = list(self._products())
        self.more = list(self._more())
        self.card = card_of(self.agreement, self.ticket, self.before) if self.agreement else None
        listed = Listed(self.files, LINKS)
        self.photos, self.papers, self.files_of = listed.photos, listed.papers, listed.by_entry

    def url(self, action: Action | str, **values: Any) -> str:
        """The address of an action on this ticket."""
        return url_for(f"tickets.{action}", folio=self.ticket.folio, **values)

    @property
    def share_url(self) -> str:
        """The ticket as a WhatsApp message."""
        where = whole(tickets.address(self.ticket.folio))
        return wording.whatsapp(f"{self.ticket.folio} · {self.ticket.title}\n{where}")

    @property
    def contact(self) -> str:
        """Who receives the crew, with telephone."""
        event = self.ticket.event
        return (event.contact if event else "") or self.ticket.contact

    @property
    def handles(self) -> list[str]:
        """Those at hand whom one may call with @."""
        ticket = self.ticket
        people = (ticket.requester, ticket.assignee, *(d.assignee for d in ticket.live_deliverables))
        named = [f"@{conversation.handle(p.name)}" for p in people if p and p.id != self.actor.id]
        return list(dict.fromkeys(named))

    @property
    def to_be_there(self) -> bool:
        """Whether somebody still has to go: whom to call and where it is stand at hand."""
        event, live = self.ticket.event, self.ticket.live_deliverables
        known = event is not None and bool(self.contact or event.place)
        to_cover = any(Stage.COVER in d.stages and Stage.COVER not in d.progress for d in live)
        return self.actor.is_office and self.ticket.status is TicketStatus.OPEN and known and to_cover

    @property
    def just_filed(self) -> bool:
        """Whether the reader sent it minutes ago: then what follows is said, and its acuse is at hand."""
        mine = self.asks and self.ticket.filed_by_id == self.actor.id
        untouched = self.agreement is None and self.ticket.status is TicketStatus.OPEN
        return mine and untouched and self.now - self.ticket.received_at < JUST_NOW

    @property
    def my_turn(self) -> bool:
        """Whether it waits for whoever asked, and that is the reader: the next step says so already."""
        ticket = self.ticket
        theirs = ticket.waiting_party is Party.REQUESTER if ticket.is_waiting else ticket.agreement_open
        return self.asks and ticket.status is TicketStatus.OPEN and bool(theirs)

    @property
    def after_the_end(self) -> str:
        """What whoever asked reads before they write to a request that is over."""
        said = rules.after_the_end(self.ticket, self.actor, self.now)
        return wording.refusal(said) if said else ""

    @property
    def reminder_words(self) -> str:
        """When whoever holds the ball is reminded next."""
        if self.reminder is None:
            return ""
        if self.reminder.next_at is None:
            return _("Ya no se envían recordatorios.")
        if self.reminder.next_at <= self.now:
            return _("Próximo recordatorio: en cuanto abra la oficina.")
        return _("Próximo recordatorio: %(when)s.", when=presenting.day(self.reminder.next_at))

    @property
    def balls(self) -> list[tuple[str, str, str]]:
        """Who has the ball: icon, who, what for."""
        ticket = self.ticket
        if ticket.status is not TicketStatus.OPEN or self.my_turn:
            return []
        if ticket.is_waiting:
            who = ticket.waiting_on or ticket.department.short_name
            since = _(
                "%(missing)s, desde %(when)s",
                missing=ticket.waiting_for,
                when=presenting.day(ticket.waiting_since),
            )
            return [("pause", who, since)]
        if ticket.agreement_open:
            return [("agree", ticket.department.short_name, _("aceptar el acuerdo o pedir un cambio"))]
        office = ticket.assignee.name if ticket.assignee else _("Comunicación Social")
        if ticket.stage is None:
            return [("user", office, _("cerrar la solicitud"))]
        found: dict[tuple[str, str], None] = {}
        for one in self._at_stage():
            who = one.assignee.name if one.assignee else office
            doing = DOING[ticket.stage]()
            if awaits_approval(one):
                who, doing = _("Jefatura de Comunicación Social"), _("aprobar la versión final")
            found[who, doing] = None
        return [("user", who, doing) for who, doing in found]

    def _at_stage(self) -> list[Deliverable]:
        """The products that stand where the ticket does: what the reader can do first, then what is due first."""
        at = [d for d in self.ticket.live_deliverables if deliverable_stage(d) is self.ticket.stage]

        def order(one: Deliverable) -> tuple[bool, bool, float]:
            blocked = awaits_approval(one) and approval_refusal(one, self.actor) is not None
            elsewhere = (one.assignee_id or self.ticket.assignee_id) != self.actor.id
            return blocked, elsewhere, one.due_at.timestamp() if one.due_at else float("inf")

        return sorted(at, key=order)

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
            return self._step(Action.PROPOSE_AGREEMENT, proofs.USUAL[Stage.AGREE](), "")
        at = self._at_stage()
        words = proofs.step_words(at[0].kind, ticket.stage)
        why = self._what([d for d in at if proofs.step_words(d.kind, ticket.stage) == words])
        if awaits_approval(at[0]):
            if approval_refusal(at[0], self.actor):
                return NextStep(_("Espera la aprobación de la jefatura."), why)
            words = proofs.StepWords(_("Espera su aprobación."), _("Revisar y aprobar"), "check")
        return self._step(STAGE_ACTION[ticket.stage], words, why, producto=at[0].id)

    def _what(self, at: Sequence[Deliverable]) -> str:
        """Of which products the next step is; a coverage says when and where."""
        names = ", ".join(dict.fromkeys(_(d.kind.label) for d in at))
        event = self.ticket.event
        if self.ticket.stage is not Stage.COVER or event is None:
            return names
        when = rows.event_words(event.starts_at, event.hour_known)
        return " · ".join(filter(None, (names, when, event.place)))

    def _step(self, action: Action, words: proofs.StepWords, why: str, **values: Any) -> NextStep:
        refused = rules.refusal(action, self.ticket, self.actor, self.now)
        if refused:
            if self._lacks_date:
                when = Choice(_("Poner la fecha"), self.url(Action.CHANGE_EVENT), "calendar")
                return NextStep(_("El evento aún no tiene fecha."), _("Cuando la sepa, anótela."), other=when)
            return NextStep(_("Le toca a %(who)s.", who=self._holder()), words.title)
        return NextStep(words.title, why, Choice(words.button, self.url(action, **values), words.icon))

    @property
    def _lacks_date(self) -> bool:
        event = self.ticket.event
        undated = event is not None and event.starts_at is None and event.status is not EventStatus.CANCELLED
        return self.asks and undated and Action.CHANGE_EVENT in self.allowed

    def _holder(self) -> str:
        balls = self.balls
        return balls[0][1] if balls else _("Comunicación Social")

    def _ended(self) -> NextStep:
        ticket = self.ticket
        again = Choice(_("Reabrir"), self.url(Action.REOPEN), "refresh") if self._may_reopen else None
        if self.asks and not again:
            again = self.another
        if Action.RATE in self.allowed:
            return NextStep(
                _("La solicitud se cerró: %(outcome)s.", outcome=self._outcome()),
                _("¿Quedó como lo necesitaba?"),
                Choice(_("Sí, gracias"), self.url(Action.RATE), "check", post={"satisfied": "yes"}),
                Choice(_("Faltó algo"), self.url(Action.RATE)),
            )
        if ticket.outcome:
            return NextStep(_("Cerrada: %(outcome)s.", outcome=self._outcome()), self._rated(), other=again)
        cause = _(label(ticket.cause)) if ticket.cause else ""
        return NextStep(f"{_(label(ticket.status))}.", f"{cause}. {ticket.cause_text}".strip(), other=again)

    @property
    def _may_reopen(self) -> bool:
        return self.asks and Action.REOPEN in self.allowed

    def _outcome(self) -> str:
        return _(label(self.ticket.outcome)).lower() if self.ticket.outcome else ""

    def _rated(self) -> str:
        """What the department answered, once it has."""
        if self.ticket.satisfied is None:
            return ""
        if self.ticket.satisfied:
            return _("Quedó como lo necesitaban.")
        said = _("No quedó del todo como lo necesitaban.")
        return f"{said} {self.ticket.missed}".strip()

    def _waiting(self) -> NextStep:
        ticket = self.ticket
        missing = _("En pausa: falta %(missing)s.", missing=ticket.waiting_for)
        if Action.RESUME not in self.allowed:
            return NextStep(missing, _("Le toca a %(who)s.", who=self._holder()))
        if self.asks:
            why = _("Al enviarlo, continuamos.")
            if ticket.waiting_party is Party.THIRD_PARTY:
                why = _("Lo esperamos de %(who)s. Si usted lo tiene, envíelo.", who=ticket.waiting_on)
            return NextStep(missing, why, Choice(_("Enviar lo que falta"), self.url(Action.RESUME), "clip"))
        return NextStep(
            missing,
            _("De %(who)s. Cuando llegue, reanude.", who=self._holder()),
            Choice(_("Reanudar"), self.url(Action.RESUME), "refresh"),
        )

    def _answer(self) -> NextStep:
        number = self.agreement.number if self.agreement else 0
        if Action.ACCEPT_AGREEMENT in self.allowed:
            accept = Choice(
                _("Aceptar el acuerdo"), self.url(Action.ACCEPT_AGREEMENT), "check", {"number": str(number)}
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
            words = _(label(rules.outcome(ticket.promised_deliverables))).lower()
            return NextStep(
                told or _("Todo está hecho."),
                "" if told else self._how_it_closes(words),
                Choice(_("Cerrar"), self.url(Action.CLOSE), "check-circle", post={}),
            )
        if Action.OBJECT in self.allowed:
            why = _("Si algo falta, díganos; si no, se cierra sola.")
            missing = Choice(_("Aún falta algo"), self.url(Action.OBJECT))
            if objected:
                return NextStep(
                    _("Se avisó que falta algo."), _("Comunicación Social va a atenderlo."), other=missing
                )
            return NextStep(_("Todo está hecho."), why, other=missing)
        return NextStep(_("Todo está hecho."), _("La cierra Comunicación Social."))

    def _how_it_closes(self, words: str) -> str:
        if self.closes_at is None:
            return _("Se cerrará como %(outcome)s.", outcome=words)
        when = presenting.day(self.closes_at)
        return _(
            "Se cerrará como %(outcome)s. Si nadie objeta, se cierra sola: %(when)s.",
            outcome=words,
            when=when,
        )

    @property
    def another(self) -> Choice:
        """The same once more: most of what a department asks for comes back."""
        return Choice(_("Pedir otra igual"), url_for("filing.new", como=self.ticket.folio), "plus")

    def _more(self) -> Iterable[Choice]:
        if not (self.actor.is_office or self.requester):
            return
        # What acts at once has its form here, for whoever wants to say more.
        shown = {c.url for c in (self.next.choice, self.next.other) if c and c.post is None}
        for action, words in MORE:
            if action in self.allowed and self.url(action) not in shown:
                yield Choice(_(words), self.url(action))
        if self.actor.is_office and Action.ASSIGN in self.allowed:
            url = url_for("assignments.to_ticket", folio=self.ticket.folio)
            yield Choice(_("Apartar equipo o encargar una salida"), url)
        # The office has this beside each product; to whoever asked, three times the same words are noise.
        if self.asks and Action.DROP in self.allowed and len(self.ticket.live_deliverables) > 1:
            yield Choice(_("Ya no se necesita uno de los productos"), self.url(Action.DROP))
        if self.asks and self.another.url not in shown:
            yield self.another

    def _products(self) -> Iterable[Product]:
        works = self.actor.is_office and self.ticket.status is TicketStatus.OPEN
        for deliverable in self.ticket.deliverables:
            line = line_of(deliverable, self.ticket, self.files, LINKS, self.now)
            if works:
                line.choices += choices_of(deliverable, self.allowed, self.url)
                step = step_of(deliverable, self.allowed, self.url)
                first = self.next.choice
                line.step = None if step and first and first.url == step.url else step
            yield line


MORE: tuple[tuple[Action, str], ...] = (
    (Action.PROPOSE_AGREEMENT, N_("Proponer el acuerdo")),
    (Action.RECORD_ACCEPTANCE, N_("Anotar que aceptaron el acuerdo")),
    (Action.ASSIGN, N_("Encargar la solicitud")),
    (Action.WAIT, N_("Pedir un dato y pausar")),
    (Action.RESUME, N_("Reanudar")),
    (Action.EDIT, N_("Cambiar lo que se pidió")),
    (Action.ADD_DELIVERABLE, N_("Agregar un producto")),
    (Action.ATTACH, N_("Agregar archivos")),
    (Action.CHANGE_EVENT, N_("El evento cambió")),
    (Action.OBJECT, N_("Aún falta algo")),
    (Action.CLOSE, N_("Cerrar con un mensaje")),
    (Action.REOPEN, N_("Reabrir")),
    (Action.DECLINE, N_("No procede")),
    (Action.CANCEL, N_("Ya no se necesita la solicitud")),
)
