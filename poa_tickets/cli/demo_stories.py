"""Half a year in an office: each request is a story that says when it goes on, told through the real services.

A story is a generator: it yields the next moment at which somebody does something and is resumed when that
moment comes. What lies beyond now simply has not happened yet.
"""

from collections.abc import Generator
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from poa_tickets.cli import demo_words as words_of
from poa_tickets.cli.demo_filing import EVENT_CHANGES, Fate, Plot, eve, file, fitting_day, fitting_hour
from poa_tickets.cli.demo_hands import (
    COVERAGE,
    HEAD_READS,
    Cast,
    Task,
    agreed_text,
    do,
    done,
    event_start,
    still,
    tasks,
)
from poa_tickets.cli.demo_words import EVENT, pick
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import Cause, Party, SignMethod, Stage
from poa_tickets.extensions import db
from poa_tickets.services.agenda import events
from poa_tickets.services.tickets import agreements, conversation, deliverables, workflow
from poa_tickets.store.tickets import Deliverable, DeliverableKind, Ticket

Story = Generator[datetime, datetime, None]


def tell(cast: Cast, plot: Plot) -> Story:
    """One request, from its filing to wherever its fate leads."""
    dice, fate = cast.dice, plot.fate
    folio = file(cast, plot)
    if fate is Fate.NEW:
        return
    director = cast.directors[plot.area.email]
    keeper = cast.maker(plot.topic.kinds[0])
    now = yield cast.later(plot.filed_at, 0.3, 3)
    assign(cast, folio, keeper, now)
    if dice.random() < 0.3:
        now = yield from chat(cast, plot, folio, director, keeper, now)
    if fate in EARLY_ENDS:
        yield from EARLY_ENDS[fate](cast, plot, folio, director, keeper, now)
        return
    if fate is Fate.PROPOSED:
        agreements.propose(folio, plot.message, by=keeper, now=now, note="¿Así lo publicamos?")
        return
    now = yield from agree(cast, plot, folio, director, keeper, now)
    if fate in (Fate.WAITING, Fate.RESUMED):
        now = yield cast.later(now, 0.5, 2)
        missing = pick(dice, words_of.WAITS, plot.about)
        party = Party.THIRD_PARTY if missing.on else Party.REQUESTER
        workflow.wait(folio, party, missing.text, by=keeper, now=now, on=missing.on)
        if fate is Fate.WAITING:
            return
        now = yield cast.later(now, 3, 10)
        workflow.resume(folio, by=director, now=now, text=missing.answer)
    if fate in EVENT_CHANGES:
        now = yield from change_event(cast, plot, folio, director, keeper, now)
        if fate is Fate.DATELESS:
            return
    if fate is Fate.CANCELLED:
        now = yield cast.later(now, 1, 4)
        workflow.cancel(folio, by=director, now=now, text="Se resolvió por otro medio; ya no hace falta.")
        return
    if fate in (Fate.PARTLY, Fate.ALL_DROPPED):
        now = yield from drop(cast, folio, keeper, now, everything=fate is Fate.ALL_DROPPED)
    now = yield from work(cast, folio, now, steps=dice.randint(1, 4) if fate is Fate.STUCK else None)
    if fate is Fate.STUCK:
        yield from ask_the_head(cast, folio, now)
        return
    now = yield from finish(cast, plot, folio, director, keeper, now)
    if fate is Fate.REOPENED and still(folio).closed_at:
        now = yield cast.later(now, 2, 12)
        yield from reopen(cast, folio, director, keeper, now)


def assign(cast: Cast, folio: str, keeper: Actor, now: datetime) -> None:
    """To whoever makes its first product; what must be covered, to whoever goes."""
    workflow.assign(folio, keeper.id, by=cast.head, now=now)
    for task in tasks(folio):
        goes = cast.maker(task.kind)
        if task.kind in COVERAGE and goes.id != keeper.id:
            deliverables.assign(folio, task.id, goes.id, by=cast.head, now=now)


def chat(
    cast: Cast, plot: Plot, folio: str, director: Actor, keeper: Actor, now: datetime
) -> Generator[datetime, datetime, datetime]:
    """A question, an answer, and a word between colleagues."""
    now = yield cast.later(now, 0.1, 1)
    asked = pick(cast.dice, words_of.QUESTIONS, plot.about)
    conversation.reply(folio, asked.text, by=director, now=now)
    now = yield cast.later(now, 0.2, 2)
    conversation.reply(folio, asked.answer, by=keeper, now=now)
    if cast.dice.random() < 0.5:
        now = yield cast.later(now, 0.1, 0.5)
        conversation.note(folio, pick(cast.dice, words_of.NOTES, plot.about).text, by=keeper, now=now)
    return now


def agree(
    cast: Cast,
    plot: Plot,
    folio: str,
    director: Actor,
    keeper: Actor,
    now: datetime,
    *,
    anew: bool = False,
) -> Generator[datetime, datetime, datetime]:
    """The office proposes; the department accepts in the system or by telephone, sometimes after a change."""
    dice = cast.dice
    now = yield cast.later(now, 0.2, 1 if anew else 4)
    ticket = still(folio)
    own, quick = ticket.filed_by_id == director.id, dice.random() < 0.35 and not anew
    if quick and own:
        agreements.accept_as_asked(folio, by=keeper, now=now)
        return now
    text = plot.message
    if anew and plot.fate is Fate.CALLED_OFF:
        text = f"Se cancela: {plot.title}. Disculpe las molestias."
    number = agreements.propose(folio, text, by=keeper, now=now).number
    now = yield cast.later(now, 0.2, 1 if anew else 5)
    if dice.random() < 0.08 and not anew:
        agreements.request_change(
            folio, "Falta decir a qué teléfono se piden informes.", by=director, now=now
        )
        now = yield cast.later(now, 0.5, 2)
        number = agreements.propose(folio, text + " Informes: 33 0000 2200.", by=keeper, now=now).number
        now = yield cast.later(now, 0.5, 3)
    if dice.random() < 0.25:
        agreements.record_acceptance(
            folio, number, person=director.name, method=SignMethod.PHONE, at=now, by=keeper, now=now
        )
    else:
        agreements.accept(folio, number, by=director, now=now)
    return now


def end_declined(cast: Cast, plot: Plot, folio: str, director: Actor, keeper: Actor, now: datetime) -> Story:
    """The office can't."""
    now = yield cast.later(now, 0.5, 5)
    line = pick(cast.dice, words_of.DECLINED, plot.about)
    workflow.decline(folio, line.cause, line.text, by=keeper, now=now)


def end_duplicate(cast: Cast, plot: Plot, folio: str, director: Actor, keeper: Actor, now: datetime) -> Story:
    """It had been asked before."""
    now = yield cast.later(now, 0.5, 3)
    named = cast.folios[plot.area.email, plot.title]
    words = f"Es lo mismo que se pidió en {named}; ahí seguimos."
    workflow.decline(folio, Cause.DUPLICATE, words, by=keeper, now=now, duplicate_of=named)


def end_out_of_catalogue(
    cast: Cast, plot: Plot, folio: str, director: Actor, keeper: Actor, now: datetime
) -> Story:
    """Another department does that."""
    now = yield cast.later(now, 0.5, 3)
    workflow.decline(folio, Cause.OUT_OF_CATALOGUE, words_of.OUT_OF_CATALOGUE, by=keeper, now=now)


def end_withdrawn(cast: Cast, plot: Plot, folio: str, director: Actor, keeper: Actor, now: datetime) -> Story:
    """The department no longer needs it."""
    now = yield cast.later(now, 0.5, 3)
    workflow.cancel(folio, by=director, now=now, text="Ya no hace falta; gracias.")


EARLY_ENDS = {
    Fate.DECLINED: end_declined,
    Fate.DUPLICATE: end_duplicate,
    Fate.OUT_OF_CATALOGUE: end_out_of_catalogue,
    Fate.WITHDRAWN: end_withdrawn,
}


def change_event(
    cast: Cast, plot: Plot, folio: str, director: Actor, keeper: Actor, now: datetime
) -> Generator[datetime, datetime, datetime]:
    """The event gets another day, at once or after a while without any; or it is called off."""
    now = yield cast.later(now, 0.3, 2)
    old, reason = event_start(folio), cast.dice.choice(words_of.POSTPONEMENTS)
    if old is None or old <= now + timedelta(hours=12):
        return now
    if plot.fate is Fate.CALLED_OFF:
        events.cancel(folio, reason, by=director, now=now)
        return (
            (yield from agree(cast, plot, folio, director, keeper, now, anew=True)) if tasks(folio) else now
        )
    if plot.fate in (Fate.POSTPONED, Fate.DATELESS):
        events.postpone(folio, reason, by=director, now=now)
        if plot.fate is Fate.DATELESS:
            return now
        now = yield cast.later(now, 6, 14)
    new = cast.calendar.today(max(old, now)) + timedelta(days=cast.dice.randint(3, 8))
    starts_at = cast.calendar.at(fitting_day(cast, plot.topic, new), fitting_hour(cast, plot.topic))
    events.move(folio, starts_at, reason, by=director, now=now)
    return (yield from agree(cast, plot, folio, director, keeper, now, anew=True))


def drop(
    cast: Cast, folio: str, keeper: Actor, now: datetime, *, everything: bool
) -> Generator[datetime, datetime, datetime]:
    """One product, or none of them, will be made."""
    now = yield cast.later(now, 0.5, 3)
    open_ones = tasks(folio)
    for task in open_ones if everything else open_ones[-1:]:
        why = pick(cast.dice, words_of.DROPPED, (task.kind,))
        deliverables.drop(folio, task.id, cause=why.cause, by=keeper, now=now, text=why.text)
    return now


def work(
    cast: Cast, folio: str, now: datetime, *, steps: int | None = None
) -> Generator[datetime, datetime, datetime]:
    """Every product through its stages, or ``steps`` of them: before the event, and the coverage when it happens."""
    while steps != 0:
        open_ones = tasks(folio)
        if not open_ones:
            return now
        if steps is not None:
            if len(open_ones) == 1 and open_ones[0].stage is Stage.PUBLISH:
                return now  # stuck before the end
            steps -= 1
        starts_at = event_start(folio)
        when, task = min(
            ((moment_of(cast, t, starts_at, now), t) for t in open_ones), key=lambda pair: pair[0]
        )
        now = yield when
        too_late = starts_at is not None and starts_at < now and still(folio).reopened_at is None
        if too_late and invites(task, starts_at):
            words = "El evento ya había pasado."
            deliverables.drop(
                folio, task.id, cause=Cause.LATE_NOTICE, by=cast.maker(task.kind), now=now, text=words
            )
        else:
            do(cast, folio, task, now)
    return now


def ask_the_head(cast: Cast, folio: str, now: datetime) -> Story:
    """The next text that the head must read lies before her."""
    for task in tasks(folio):
        if task.stage is Stage.SELECT and task.kind in HEAD_READS:
            now = yield cast.later(now, 0.5, 3)
            text, by = agreed_text(folio), cast.maker(task.kind)
            deliverables.ask_approval(folio, task.id, text, by=by, now=now)
            return


def invites(task: Task, starts_at: datetime | None) -> bool:
    """Whether it is of use only before the event."""
    return starts_at is not None and task.kind not in COVERAGE


def moment_of(cast: Cast, task: Task, starts_at: datetime | None, now: datetime) -> datetime:
    """When somebody gets to it."""
    if task.stage is Stage.COVER and starts_at is not None:
        return max(starts_at + timedelta(minutes=cast.dice.randint(60, 150)), now)
    soon = cast.later(now, 0.4, 4)
    if task.due_at is not None and task.stage is Stage.PUBLISH and cast.dice.random() < 0.4:
        # Some wait for the day it was promised for.
        soon = max(soon, task.due_at - timedelta(hours=cast.dice.uniform(1, 5)))
    last = eve(cast, cast.calendar.today(starts_at)) if starts_at else date.max
    day = cast.calendar.today(soon)
    if invites(task, starts_at) and day > last and cast.calendar.at(last, time(11)) > now:
        day, soon = last, cast.calendar.at(last, time(11)) + timedelta(minutes=cast.dice.randint(0, 150))
    if task.kind == "loudspeaker" and task.stage is Stage.PUBLISH:
        # Noted once the last of the day's runs is over.
        over = cast.calendar.at(day, time(13, 45)) + timedelta(minutes=cast.dice.randint(0, 40))
        return max(soon, over)
    return max(soon, cast.calendar.at(day, time(8, 50)))


def finish(
    cast: Cast, plot: Plot, folio: str, director: Actor, keeper: Actor, now: datetime
) -> Generator[datetime, datetime, datetime]:
    """Somebody closes it, or it closes by itself some days later; then the one question."""
    dice = cast.dice
    if dice.random() < 0.75:
        now = yield cast.later(now, 0.3, 6)
        if still(folio).closed_at is None:
            workflow.close(folio, by=keeper, now=now)
    else:
        now = yield cast.calendar.add_working_time(now, timedelta(hours=40))
    ticket = still(folio)
    if ticket.closed_at is not None and ticket.satisfied is None and dice.random() < 0.5:
        now = yield cast.later(now, 0.5, 8)
        if still(folio).closed_at is not None:
            made = done(folio)
            happy = bool(made) and dice.random() < 0.86
            held = (EVENT,) if plot.topic.is_event and plot.fate is not Fate.CALLED_OFF else ()
            lines = words_of.THANKS if happy else words_of.COMPLAINTS
            said = pick(dice, lines, (*made, *held)).text if made else words_of.NOTHING_CAME
            workflow.rate(folio, happy, said, by=director, now=now)
    return now


def reopen(cast: Cast, folio: str, director: Actor, keeper: Actor, now: datetime) -> Story:
    """Something was missing: it is opened again, mended and closed."""
    found = db.session.execute(
        select(Deliverable.id, DeliverableKind.key)
        .join(DeliverableKind)
        .join(Ticket, Ticket.id == Deliverable.ticket_id)
        .where(Ticket.folio == folio, Deliverable.done_at.is_not(None))
        .limit(1)
    ).one()
    words = pick(cast.dice, words_of.STILL_MISSING, (found.key,)).text
    workflow.reopen(folio, words, by=director, now=now, deliverable_id=found.id, stage=Stage.PUBLISH)
    now = yield cast.later(now, 1, 4)
    now = yield from work(cast, folio, now)
    now = yield cast.later(now, 0.5, 2)
    workflow.close(folio, by=keeper, now=now, text="Corregido; gracias por avisar.")


def evenings(cast: Cast, first: date) -> Story:
    """Every evening, what nobody objected to closes by itself."""
    day = first
    while True:
        now = yield cast.calendar.at(day, time(20))
        workflow.close_by_itself(now)
        day += timedelta(days=1)
