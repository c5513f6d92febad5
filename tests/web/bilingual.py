"""A town hall that writes in no language, and what a reader sees of its pages: whatever words are left are ours."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from html.parser import HTMLParser
from typing import Any

from sqlalchemy import select

from bin.translations import read as read_catalogue
from poa_tickets.domain.kinds import BriefType
from poa_tickets.domain.municipality import STATES
from poa_tickets.domain.plan import ActivitySheet, GoalSheet, ObjectiveSheet, PlanSheet
from poa_tickets.domain.vocabulary import Cause, Channel, MailingKey, Party, Role, SignMethod, Stage
from poa_tickets.extensions import clock, db
from poa_tickets.services import media, offices, plan
from poa_tickets.services.agenda import events
from poa_tickets.services.digests import digest_trials
from poa_tickets.services.tickets import agreements, briefs, conversation, deliverables, workflow
from poa_tickets.services.tickets.tickets import DeliverableRequest
from poa_tickets.store.mailings import Digest
from poa_tickets.store.people import Person
from poa_tickets.store.tickets import Deliverable, DeliverableKind, Ticket
from tests import factories, files

DAY = timedelta(days=1)
WORD = re.compile(r"[^\W\d_]+")
READ_ALOUD = {"alt", "aria-label", "data-label", "placeholder", "title"}
# Names that are the same in every language.
PROPER = (*STATES, "San Aurelio del Monte", "Bahía de Banderas", "Mérida", "Juárez", "Español", "English")
NAMES = re.compile("|".join(sorted(map(re.escape, PROPER), key=len, reverse=True)))

SPANISH = (
    "de la el los las que y en para por con sin su sus se del al un una es ya lo le les más fue hay está este esta "
    "cada sólo desde hasta usted si qué quién cuándo dónde aún todo todos todas"
)
ENGLISH = (
    "the of and to is are not your with for from this that by at it was an been will must please you what who "
    "when where which there here all"
)
HTML_LANG = {"en": "en", "es_MX": "es-MX"}


class Reader(HTMLParser):
    """Collects what is read on a page: its texts, and the attributes that are said or shown by scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.ours = True
        self.silent = ""
        self.language = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = at["lang"]
        # Only the name of another language is written in it.
        self.ours = tag == "html" or "lang" not in at
        if tag in ("script", "style", "code", "textarea"):
            self.silent = tag
        said = [
            value
            for name, value in at.items()
            if name in READ_ALOUD or (name.startswith("data-") and " " in value)
        ]
        self.texts += [text for text in said if not text.startswith("{")]

    def handle_endtag(self, tag: str) -> None:
        self.ours = True
        if tag == self.silent:
            self.silent = ""

    def handle_data(self, data: str) -> None:
        if self.ours and not self.silent:
            self.texts.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.texts = [text for text in (" ".join(text.split()) for text in reader.texts) if WORD.search(text)]
    return reader


def words_of(text: str) -> set[str]:
    """The words of a text in small letters, without proper names, addresses and folios."""
    bare = NAMES.sub(" ", re.sub(r"\S+@\S+|https?://\S+|\S*\{\w+\}\S*", " ", text))
    return {word.lower() for word in WORD.findall(bare)}


FOREIGN = {"en": words_of(SPANISH), "es_MX": words_of(ENGLISH)}


def both_ways() -> dict[str, dict[str, str]]:
    """For each language, what the other says where the two differ: none of it may stand on a page."""
    pairs = {}
    for message in read_catalogue():
        ids = (message.id,) if isinstance(message.id, str) else message.id
        english = (message.string,) if isinstance(message.string, str) else message.string
        pairs.update(zip(ids, english, strict=True))
    pairs.pop("", None)
    wrong_in_english = {es: en for es, en in pairs.items() if es not in pairs.values()}
    return {"en": wrong_in_english, "es_MX": {en: es for es, en in pairs.items() if en not in pairs}}


OTHERS = both_ways()


@cache
def faults(text: str, spoken: str) -> list[str]:
    """What a text says in the other language; most stand on every page."""
    words = words_of(text)
    found = sorted(words & FOREIGN[spoken])
    if spoken == "en":
        found += sorted(word for word in words if not word.isascii())
    return found + ([OTHERS[spoken][text]] if text in OTHERS[spoken] else [])


BUTTON = re.compile(r'<a class="button" href="([^"]+)"')
# What a template, a sentence or a value leaves behind when something is missing.
RAW = re.compile(r"%\(|\{\{|\}\}|\{%|\bNone\b|Undefined|…")


def mail_faults(said: list[str], html: str, spoken: str, *, buttons: int = 1) -> list[str]:
    """What is wrong with a mail: words of the other language, a hole, another number of buttons than it should have."""
    page = read(html)
    texts = [*said, *page.texts]
    found = [f"{spoken} {text!r} {wrong}" for text in texts if (wrong := faults(text.strip(), spoken))]
    found += [f"{spoken} {text!r} has a hole" for text in texts if RAW.search(text)]
    if (page.language, len(BUTTON.findall(html))) != (HTML_LANG[spoken], buttons):
        found.append(f"{page.language}, {BUTTON.findall(html)}")
    return found


class Town:
    """One of everything that a page can show."""

    def __init__(self) -> None:
        self.now = clock() - 9 * DAY
        self.office = factories.make_office(
            municipality="Zyx", office_name="Qvw", state="Jalisco", letterhead="Zyx", set_up_at=self.now
        )
        self.kinds = factories.seed_catalogue()
        self.department = factories.make_department("Wyz")
        other = factories.make_department("Vyq")
        self.director = factories.make_person(Role.DIRECTOR, name="Xul Zyt", department=self.department)
        factories.make_person(Role.DIRECTOR, name="Zut Wuv", department=other)
        self.staff = factories.make_person(Role.STAFF, name="Qux Vyt")
        self.head = factories.make_person(Role.HEAD, Role.ADMINISTRATOR, name="Wux Zyl")
        self.auditor = factories.make_person(Role.AUDITOR, name="Vux Tyz")
        self.asks, self.works, self.heads = (
            factories.acting(person, self.now) for person in (self.director, self.staff, self.head)
        )
        offices.add_day_off(self.now.date() + 40 * DAY, "Zyx", works=False, by=self.heads, now=self.now)
        plan.load(PLAN(self.now.year), by=self.heads, now=self.now)
        monday = self.now.date() - self.now.weekday() * DAY
        for weeks in (-1, 2):  # one that nobody answered, and the next one
            factories.ask_about(
                monday + 7 * weeks * DAY, self.now, min(self.now + 7 * (weeks - 1) * DAY, clock())
            )
        self.tickets = [ticket.folio for ticket in self._tickets()]

    @property
    def people(self) -> list[Person]:
        return [self.director, self.staff, self.head, self.auditor]

    def brief(self, kind: DeliverableKind) -> dict[str, Any]:
        """An answer of no language to each question; choices have words of ours."""
        answers = {BriefType.NUMBER: "3", BriefType.DATE: "2026-12-01", BriefType.YES_NO: True}
        return {
            asked.key: asked.choices[0] if asked.type is BriefType.CHOICE else answers.get(asked.type, "Zyx")
            for asked in briefs.fields(kind)
        }

    def file(self, *keys: str, event_in: int | None = 3, **changes: Any) -> Ticket:
        event = {}
        if event_in is not None:
            day = (self.now + event_in * DAY).date()
            event = {"event": factories.event_on(day, place="Zyx", contact="Zyx 33 0000 0000")}
        return factories.file_ticket(
            changes.pop("by", self.director),
            self.department,
            now=self.now,
            title="Zyx",
            message="Zyx",
            audience="Zyx",
            localities="Zyx",
            urgent_reason="Zyx",
            deliverables=[
                DeliverableRequest(self.kinds[key].id, self.brief(self.kinds[key]), None) for key in keys
            ],
            **event,
            **changes,
        )

    def agreed(self, *keys: str, **changes: Any) -> Ticket:
        ticket = self.file(*keys, **changes)
        agreements.accept_as_asked(ticket.folio, by=self.works, now=self.now)
        return ticket

    def done(self, ticket: Ticket, product: Deliverable) -> None:
        deliverables.select(ticket.folio, product.id, text="Zyx", by=self.heads, now=self.now)
        self.publish(ticket, product)

    def publish(self, ticket: Ticket, product: Deliverable) -> None:
        deliverables.publish(
            ticket.folio,
            product.id,
            channel=Channel.FACEBOOK,
            published_at=self.now,
            permalink="https://www.facebook.com/zyx/1",
            by=self.heads,
            now=self.now,
        )

    def _tickets(self) -> Iterator[Ticket]:
        now, works, asks = self.now, self.works, self.asks
        yield self.file(*self.kinds)
        yield self.file("social_post", event_in=None, by=self.staff, oficio_number="ZYX/1")
        proposed = self.file("design", "loudspeaker")
        agreements.propose(proposed.folio, "Zyx", by=works, now=now)
        agreements.request_change(proposed.folio, "Zyx", by=asks, now=now)
        agreements.propose(proposed.folio, "Zyx", by=works, now=now)
        yield proposed
        recorded = self.file("photos", event_in=9)
        agreements.propose(recorded.folio, "Zyx", by=works, now=now)
        agreements.record_acceptance(
            recorded.folio, 1, person="Zyx", method=SignMethod.PHONE, at=now, note="Zyx", by=works, now=now
        )
        workflow.assign(recorded.folio, self.staff.id, by=self.heads, now=now)
        yield recorded
        yield self._with_photos(now)
        waiting = self.file("video")
        workflow.wait(waiting.folio, Party.REQUESTER, "Zyx", by=works, now=now)
        yield waiting
        yield from self._moved(now)
        yield from self._ended(now)

    def _with_photos(self, now: datetime) -> Ticket:
        ticket = self.agreed("photos", "social_post")
        photo = ticket.deliverables[0]
        deliverables.cover(ticket.folio, photo.id, text="Zyx", by=self.works, now=now + 4 * DAY)
        received = media.receive_all([(io.BytesIO(files.picture("JPEG")), "zyx.jpg")])
        conversation.attach(ticket.folio, received, by=self.works, now=now)
        conversation.reply(ticket.folio, "Zyx @Qux", by=self.asks, now=now)
        conversation.note(ticket.folio, "Zyx", by=self.works, now=now)
        deliverables.assign(ticket.folio, photo.id, self.staff.id, by=self.heads, now=now)
        deliverables.select(ticket.folio, ticket.deliverables[1].id, text="Zyx", by=self.heads, now=now)
        return ticket

    def _moved(self, now: datetime) -> Iterator[Ticket]:
        ticket = self.agreed("social_post", "news_note")
        workflow.edit(ticket.folio, {"message": "Zyx zyx"}, by=self.works, now=now)
        events.postpone(ticket.folio, "Zyx", by=self.works, now=now)
        yield ticket

    def _ended(self, now: datetime) -> Iterator[Ticket]:
        closed = self.agreed("social_post")
        self.done(closed, closed.deliverables[0])
        workflow.close(closed.folio, by=self.works, now=now)
        yield closed
        rated = self.agreed("social_post", "design")
        self.done(rated, rated.deliverables[0])
        deliverables.drop(
            rated.folio, rated.deliverables[1].id, cause=Cause.NO_STAFF, text="Zyx", by=self.works, now=now
        )
        workflow.close(rated.folio, by=self.works, now=now)
        workflow.rate(rated.folio, False, "Zyx", by=self.asks, now=now)
        yield rated
        finished = self.agreed("social_post")
        self.done(finished, finished.deliverables[0])
        deliverables.undo_stage(
            finished.folio, finished.deliverables[0].id, Stage.PUBLISH, by=self.works, now=now
        )
        self.publish(finished, finished.deliverables[0])
        yield finished
        declined = self.file("advice")
        workflow.decline(declined.folio, Cause.OUT_OF_CATALOGUE, "Zyx", by=self.works, now=now)
        yield declined
        cancelled = self.file("advice")
        workflow.cancel(cancelled.folio, text="Zyx", by=self.asks, now=now)
        yield cancelled
        reopened = self.agreed("social_post")
        self.done(reopened, reopened.deliverables[0])
        workflow.close(reopened.folio, by=self.works, now=now)
        workflow.reopen(
            reopened.folio,
            "Zyx",
            deliverable_id=reopened.deliverables[0].id,
            stage=Stage.PUBLISH,
            by=self.works,
            now=now,
        )
        yield reopened

    def edition(self) -> str:
        """Where a digest that was sent can be read again."""
        made = digest_trials.draft(MailingKey.WEEKLY, by=self.heads, now=clock())
        digest = Digest(
            key=made.key, period="2030-W01", made_at=clock(), due_at=clock(), content=made.content
        )
        db.session.add(digest)
        db.session.commit()
        return f"/agenda/resumenes/{digest.id}"

    def receipt_token(self) -> str:
        return db.session.scalars(select(Ticket.receipt_token)).first() or ""


def PLAN(year: int) -> PlanSheet:
    goal = GoalSheet(
        "2.1",
        "Zyx",
        indicator_name="Zyx",
        indicator_key="support_requests_fulfilled",
        target=90.0,
        activities=(ActivitySheet("2.1.1", "Zyx", "Zyx"),),
    )
    return PlanSheet(year, "Zyx", "Zyx", (ObjectiveSheet("2", "Zyx", (goal,)),))
