"""What a department answers to the weekly ask: events confirmed, mended and called off, new ones, and what they need.

One transaction holds the answer, its events and the requests that hang from them. Sent again it corrects: what was
noted down the first time stands in the form the second time.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from poa_tickets.domain import weekly_asks as rules
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.errors import Invalid, NotAllowed, NotFound, NotNow, Stale
from poa_tickets.domain.permissions import SYSTEM, Actor
from poa_tickets.domain.vocabulary import N_, AnswerVia, EventSource, Party, TicketStatus
from poa_tickets.extensions import db
from poa_tickets.services import people
from poa_tickets.services.agenda import agenda, event_details, event_rows, events
from poa_tickets.services.agenda.event_effects import Move
from poa_tickets.services.calendar import office_calendar
from poa_tickets.services.tickets import briefs, change, tickets
from poa_tickets.services.tickets.tickets import DeliverableRequest, TicketRequest
from poa_tickets.services.transaction import joining, transaction
from poa_tickets.store.agenda import Event
from poa_tickets.store.mailings import WeeklyAnswer
from poa_tickets.store.office import Office
from poa_tickets.store.queries import weekly_asks as queries
from poa_tickets.store.tickets import Deliverable, DeliverableKind, Ticket

MOST_NEW = 30
# What is asked for beside an event; whatever else there is, the whole form of a request offers.
COMMON_KINDS = ("photos", "social_post", "loudspeaker", "video", "news_note")
# Who covers an event needs to know where and when; who announces it, what to say.
NEEDS_NO_MESSAGE = frozenset({"photos", "video"})
NO_SUCH_ANSWER = N_("Esa semana no se le ha preguntado a la dependencia.")
SAID_SO = N_("Lo avisó la dependencia al decir su semana.")
OVER = N_("Esa semana ya terminó: lo que falte, anótelo en la agenda.")
EITHER = N_("Anotó eventos. Envíelos, o borre lo escrito para decir que no habrá.")
FOREIGN = N_("Contesta quien responde por la dependencia, o Comunicación Social en su nombre.")
CHANGED_MEANWHILE = N_(
    "Alguien más contestó por su dependencia mientras usted escribía. Abajo está lo que anotó; lo de usted sigue "
    "escrito. Revise y envíe otra vez."
)

GONE = N_(
    "«%(title)s» cambió mientras usted escribía. Lea abajo qué pasó con él y con lo que anotó, y envíe otra vez lo demás."
)
TOO_MANY_NEW = N_("Caben %(count)s eventos nuevos a la vez. Envíe estos y después agregue los demás.")


@dataclass(frozen=True)
class NewEvent:
    """One row that was filled in. ``number`` names its fields; without an hour, it is to be confirmed."""

    number: int
    title: str
    day: date | None
    hour: time | None = None
    place: str = ""
    presides: str = ""
    message: str = ""
    kind_ids: tuple[int, ...] = ()


class Verdict(StrEnum):
    """What is said of an event that was known already."""

    SAME = "none"
    CONFIRM = "confirm"
    CHANGE = "change"
    CANCEL = "cancel"


@dataclass(frozen=True)
class KnownEvent:
    """One event that was known; of the fields, only a change reads more than the verdict."""

    event_id: int
    version: int
    verdict: Verdict
    title: str = ""
    day: date | None = None
    hour: time | None = None
    place: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Reply:
    """A filled form. ``nothing``: there is nothing to add to what is known."""

    known: Sequence[KnownEvent] = ()
    new: Sequence[NewEvent] = ()
    nothing: bool = False


@dataclass(frozen=True)
class Done:
    """What an answer led to."""

    answer_id: int
    folios: tuple[str, ...]


def address(answer_id: int) -> str:
    """Where an answer is written and shown."""
    return f"/agenda/respuestas/{answer_id}"


def load(answer_id: int, by: Actor) -> WeeklyAnswer:
    """An answer that ``by`` may give; raises NotFound."""
    found = db.session.scalar(queries.answer(answer_id))
    if found is None or not rules.may_answer(found, by):
        raise NotFound(NO_SUCH_ANSWER)
    return found


def open_for(by: Actor, today: date) -> list[WeeklyAnswer]:
    """What somebody's departments are asked about the newest week that is not over."""
    found = list(db.session.scalars(queries.open_answers(by.department_ids, today - timedelta(days=6))))
    return [one for one in found if one.ask.monday == found[0].ask.monday]


def known(answer: WeeklyAnswer, zone: ZoneInfo) -> list[Event]:
    """What the agenda holds of the department's week, without what was called off."""
    monday = answer.ask.monday
    span = rules.starts_at(monday, zone), rules.ends_at(monday, zone)
    return list(db.session.scalars(queries.live(answer.department_id, *span)))


def left(answer: WeeklyAnswer, event_ids: Collection[int], zone: ZoneInfo) -> list[Event]:
    """Of some events of the department, those that are not of its week any more: called off or moved meanwhile."""
    if not event_ids:
        return []
    here = {event.id for event in known(answer, zone)}
    named = select(Event).where(Event.department_id == answer.department_id, Event.id.in_(event_ids))
    return [event for event in db.session.scalars(named.order_by(Event.id)) if event.id not in here]


def requests_of(event_ids: Sequence[int]) -> list[Ticket]:
    """The open requests that hang from events, with their products."""
    return list(
        db.session.scalars(
            select(Ticket)
            .options(selectinload(Ticket.deliverables).joinedload(Deliverable.kind))
            .where(Ticket.event_id.in_(event_ids), Ticket.status == TicketStatus.OPEN)
            .order_by(Ticket.id)
        )
    )


def kinds_on_offer() -> list[DeliverableKind]:
    """The products that may be asked for beside an event."""
    return list(
        db.session.scalars(
            select(DeliverableKind)
            .where(DeliverableKind.enabled, DeliverableKind.key.in_(COMMON_KINDS))
            .order_by(DeliverableKind.position, DeliverableKind.id)
        )
    )


def reply(
    answer_id: int,
    said: Reply,
    *,
    via: AnswerVia,
    version: str,
    by: Actor,
    now: datetime,
    once: str = "",
) -> Done:
    """Take an answer. Raises Invalid naming the row's field, Stale after somebody else's, AlreadyDone."""
    office = people.the_office()
    calendar = office_calendar(office, now)
    with transaction(by=by, now=now, once=once) as work:
        answer = _held(answer_id, version, by)
        if now >= rules.ends_at(answer.ask.monday, calendar.zone):
            raise NotNow(OVER)
        if said.nothing and said.new:
            raise Invalid("nothing", EITHER)
        with joining():
            for known_one in said.known:
                _tell(known_one, answer, calendar, by=by, now=now)
        folios = [
            folio for row in said.new for folio in _note_down(row, answer, office, calendar, by=by, now=now)
        ]
        _settle(answer, said, calendar.zone, via=via, by=by, now=now)
        work.answer = address(answer.id)
    return Done(answer_id, tuple(folios))


def faults(answer: WeeklyAnswer, said: Reply, *, by: Actor, now: datetime) -> Iterator[Invalid]:
    """Everything in the rows that ``reply`` would refuse, so that a form can say it all at once."""
    calendar = office_calendar(people.the_office(), now)
    if said.nothing and said.new:
        yield Invalid("nothing", EITHER)
    for known_one in said.known:
        yield from _faults_of_known(known_one, answer, calendar, now)
    for row in said.new:
        yield from _faults_of_new(row, answer, calendar, by=by, now=now)


def overtaken(answer: WeeklyAnswer, said: Reply, version: str) -> Iterator[Invalid]:
    """What changed since the form was drawn, beside its event: to be said with the faults, for it is drawn anew."""
    if version != str(answer.version):
        yield Invalid("", CHANGED_MEANWHILE)
    for known_one in said.known:
        event = db.session.get(Event, known_one.event_id)
        if event and known_one.verdict is not Verdict.SAME and event.version != known_one.version:
            yield _in_row("known", event.id, Invalid("verdict", events.CHANGED_MEANWHILE))


def _faults_of_known(
    said: KnownEvent, answer: WeeklyAnswer, calendar: OfficeCalendar, now: datetime
) -> Iterator[Invalid]:
    """What is wrong with the words of a change, and what with its date. Whose event it is, ``reply`` asks."""
    event = db.session.get(Event, said.event_id)
    if said.verdict is not Verdict.CHANGE or event is None or event.department_id != answer.department_id:
        return

    def date_of_change() -> None:
        if (moved := _moved(event, said, calendar)) is not None:
            events.check_date(moved, calendar, now)

    words = _changed_words(event, said)
    yield from _refusals("known", event.id, lambda: agenda.check_details(words), date_of_change)


def _faults_of_new(
    row: NewEvent, answer: WeeklyAnswer, calendar: OfficeCalendar, *, by: Actor, now: datetime
) -> Iterator[Invalid]:
    """What is wrong with the words of a new event, and what with its day."""

    def day() -> None:
        agenda.check_time(_begins(row, answer, calendar), None, calendar, by=by, now=now)

    words = _words_of(row, answer)
    yield from _refusals("new", row.number, lambda: agenda.check_details(words), day)


def _refusals(group: str, number: int, *checks: Callable[[], object]) -> Iterator[Invalid]:
    """What each check of a row has to say."""
    for check in checks:
        try:
            check()
        except Invalid as refusal:
            yield _in_row(group, number, refusal)


def _in_row(group: str, number: int, refusal: Invalid) -> Invalid:
    """A refusal under the name that the form has for the field of that row."""
    return Invalid(field_name(group, number, refusal.field), refusal.refusal)


def _held(answer_id: int, version: str, by: Actor) -> WeeklyAnswer:
    """The answer, locked; nobody writes over what they have not seen."""
    answer = db.session.get(WeeklyAnswer, answer_id, with_for_update=True, populate_existing=True)
    if answer is None:
        raise NotFound(NO_SUCH_ANSWER)
    if not rules.may_answer(answer, by):
        raise NotAllowed(FOREIGN)
    if version != str(answer.version):
        raise Stale(CHANGED_MEANWHILE, {"version": answer.version})
    return answer


def _settle(
    answer: WeeklyAnswer, said: Reply, zone: ZoneInfo, *, via: AnswerVia, by: Actor, now: datetime
) -> None:
    """It has answered: who was first, and how, stays noted when it is corrected."""
    db.session.flush()
    live = known(answer, zone)
    if not (live or said.nothing or said.known or answer.answered_at):
        raise Invalid("", N_("Anote al menos un evento, o diga que no habrá ninguno."))
    answer.no_events = not live
    answer.version += 1
    if answer.answered_at is None:
        answer.answered_at, answer.answered_by_id, answer.via = now, by.id, via


def _tell(
    said: KnownEvent, answer: WeeklyAnswer, calendar: OfficeCalendar, *, by: Actor, now: datetime
) -> None:
    """Do to a known event what was said of it; raises Invalid, Stale."""
    if said.verdict is Verdict.SAME:
        return
    event = db.session.get(Event, said.event_id)
    if event is None or event.department_id != answer.department_id:
        raise NotFound(event_rows.NO_SUCH_EVENT)
    try:
        if said.verdict is Verdict.CONFIRM:
            events.confirm(event.id, by=by, now=now, version=said.version)
        elif said.verdict is Verdict.CANCEL:
            events.cancel(event.id, said.reason.strip() or SAID_SO, by=by, now=now, version=said.version)
        else:
            _change(event, said, calendar, by=by, now=now)
    except Invalid as refusal:
        raise _in_row("known", said.event_id, refusal) from None


def _change(event: Event, said: KnownEvent, calendar: OfficeCalendar, *, by: Actor, now: datetime) -> None:
    """Another title or place, another day or hour: whatever is told otherwise than it stood."""
    moved = _moved(event, said, calendar)
    version: int | None = said.version
    if (said.title.strip(), said.place.strip()) != (event.title, event.place):
        event_details.edit(event.id, _changed_words(event, said), by=by, now=now, version=version)
        version = None  # it is one further now, and held
    if moved is not None:
        words, hour_known = said.reason.strip() or SAID_SO, moved.hour_known
        events.move(event.id, moved.starts_at, words, by=by, now=now, hour_known=hour_known, version=version)


def _changed_words(event: Event, said: KnownEvent) -> agenda.EventData:
    """The event with the title and the place it is told to have now."""
    return replace(event_details.data_of(event), title=said.title, place=said.place)


def _moved(event: Event, said: KnownEvent, calendar: OfficeCalendar) -> Move | None:
    """The day and hour it is told to have now, None where they are those it had; raises Invalid."""
    if said.day is None:
        raise Invalid("day", N_("Elija el día."))
    starts_at, hour_known = calendar.begins(said.day, said.hour), said.hour is not None
    before = calendar.local(event.starts_at) if event.starts_at else None
    same_day = before is not None and before.date() == said.day
    if same_day and hour_known == event.hour_known and (not hour_known or starts_at == event.starts_at):
        return None
    return Move(starts_at, hour_known)


def _note_down(
    row: NewEvent,
    answer: WeeklyAnswer,
    office: Office,
    calendar: OfficeCalendar,
    *,
    by: Actor,
    now: datetime,
) -> list[str]:
    """One new event and, where products are asked for, its request; the folios given out."""
    try:
        with joining():
            event = agenda.put(
                _event_of(row, answer, calendar), by=by, now=now, source=EventSource.WEEKLY_ASK
            )
            if not row.kind_ids:
                return []
            return [_ask_for(row, event, office, calendar, by=by, now=now)]
    except Invalid as refusal:
        raise _in_row("new", row.number, refusal) from None


def _event_of(row: NewEvent, answer: WeeklyAnswer, calendar: OfficeCalendar) -> agenda.EventData:
    return replace(_words_of(row, answer), starts_at=_begins(row, answer, calendar))


def _words_of(row: NewEvent, answer: WeeklyAnswer) -> agenda.EventData:
    """The event of a row, without its day."""
    return agenda.EventData(
        title=row.title,
        department_id=answer.department_id,
        hour_known=row.hour is not None,
        place=row.place,
        presides=row.presides,
        note=row.message,
    )


def _begins(row: NewEvent, answer: WeeklyAnswer, calendar: OfficeCalendar) -> datetime:
    """When the event of a row begins; raises Invalid for a day that is none of the week."""
    if row.day is None:
        raise Invalid("day", N_("Elija el día."))
    if row.day not in rules.days_of(answer.ask.monday):
        raise Invalid("day", N_("Elija un día de esa semana."))
    return calendar.begins(row.day, row.hour)


def _ask_for(
    row: NewEvent, event: Event, office: Office, calendar: OfficeCalendar, *, by: Actor, now: datetime
) -> str:
    """File what the event needs; what cannot be done yet for want of a datum waits for it, and says so."""
    request = TicketRequest(
        title=event.title,
        department_id=event.department_id,
        deliverables=[DeliverableRequest(kind_id) for kind_id in row.kind_ids],
        message=row.message,
        event_id=event.id,
        details_later=True,
    )
    ticket = tickets.file(request, by=by, now=now, office=office, calendar=calendar)
    missing = _missing([d.kind for d in ticket.deliverables], row.message)
    if missing:
        held = change.held(ticket, by=SYSTEM, now=now)
        ticket.waiting_party, ticket.waiting_for, ticket.waiting_since = Party.REQUESTER, missing, now
        held.record("waiting", missing=missing, party=Party.REQUESTER, on="")
    return ticket.folio


def _missing(kinds: Sequence[DeliverableKind], message: str) -> str:
    """What is still to be told, in the words of the questions; empty where nothing is."""
    words = [question.label for kind in kinds for question in briefs.fields(kind) if question.required]
    if not message.strip() and any(kind.key not in NEEDS_NO_MESSAGE for kind in kinds):
        words.insert(0, N_("¿Qué debe saber la gente?"))
    return "; ".join(dict.fromkeys(words))[:250]


FIELDS = {"starts_at": "day", "event_day": "day", "event_id": "day", "kinds": "kind_ids", "note": "message"}


def field_name(group: str, number: int, field: str) -> str:
    """What the form calls a field of a row; refusals name it so."""
    return f"{group}-{number}-{FIELDS.get(field, field)}"
