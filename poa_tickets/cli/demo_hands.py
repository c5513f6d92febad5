"""The hands of the sample's people: one stage of one product, with its evidence, through the real services."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from sqlalchemy import select

from poa_tickets.cli.demo_pictures import photograph
from poa_tickets.cli.demo_words import READY
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import Approver, Channel, Evidence, FilePurpose, Stage
from poa_tickets.domain.workflow import deliverable_stage
from poa_tickets.extensions import db
from poa_tickets.services import media
from poa_tickets.services.tickets import conversation, deliverables
from poa_tickets.store.agreements import Agreement
from poa_tickets.store.media import MediaFile
from poa_tickets.store.tickets import Deliverable, DeliverableKind, Ticket

PICTURES = 24
PAGE = "https://www.facebook.com/sanaureliodelmonte/posts/"
SITE = "https://sanaureliodelmonte.example.org/noticias/"
COVERAGE = ("photos", "video", "news_note", "live_stream")
HEAD_READS = ("social_post", "news_note")
# Who of the staff makes what; the rest is for who writes.
WRITES, GOES, DRAWS = 0, 1, 2
MAKERS = {"photos": GOES, "video": GOES, "live_stream": GOES, "design": DRAWS, "loudspeaker": DRAWS}


@dataclass
class Kind:
    """What a story needs of a line of the catalogue."""

    id: int
    brief: list[dict[str, Any]]
    evidence: dict[str, str]
    approver: Approver


@dataclass
class Cast:
    """Everybody who acts, and what they act upon."""

    calendar: OfficeCalendar
    head: Actor
    staff: list[Actor]
    directors: dict[str, Actor]
    departments: dict[str, int]
    kinds: dict[str, Kind]
    dice: random.Random
    folios: dict[tuple[str, str], str] = field(default_factory=dict)
    pictures: list[bytes] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def picture(self) -> bytes:
        """One of the photographs."""
        if not self.pictures:
            self.pictures = [photograph(seed) for seed in range(PICTURES)]
        return self.dice.choice(self.pictures)

    def maker(self, kind: str) -> Actor:
        """Who makes such a product."""
        return self.staff[MAKERS.get(kind, WRITES)]

    def later(self, now: datetime, least: float, most: float) -> datetime:
        """Some office hours later."""
        return self.calendar.add_working_time(now, timedelta(hours=self.dice.uniform(least, most)))


@dataclass(frozen=True)
class Task:
    """A stage of a product that can be done next."""

    id: int
    kind: str
    label: str
    stage: Stage
    due_at: datetime | None


def still(folio: str) -> Ticket:
    """The request as it stands."""
    found = db.session.scalar(select(Ticket).where(Ticket.folio == folio))
    assert found is not None
    return found


def event_start(folio: str) -> datetime | None:
    """When the request's event starts."""
    event = still(folio).event
    return event.starts_at if event else None


def done(folio: str) -> list[str]:
    """The kinds of what was made."""
    made = (
        select(DeliverableKind.key)
        .join(Deliverable, Deliverable.kind_id == DeliverableKind.id)
        .join(Ticket, Ticket.id == Deliverable.ticket_id)
        .where(Ticket.folio == folio, Deliverable.done_at.is_not(None))
    )
    return list(db.session.scalars(made))


def tasks(folio: str) -> list[Task]:
    """What can be done next, product by product."""
    found = db.session.execute(
        select(Deliverable, DeliverableKind)
        .join(DeliverableKind)
        .join(Ticket, Ticket.id == Deliverable.ticket_id)
        .where(Ticket.folio == folio, Deliverable.dropped_at.is_(None))
        .order_by(Deliverable.position)
    )
    made = [(d, k, deliverable_stage(d)) for d, k in found]
    return [Task(d.id, k.key, k.label, stage, d.due_at) for d, k, stage in made if stage is not None]


def do(cast: Cast, folio: str, task: Task, now: datetime) -> None:
    """One stage of one product, with its evidence."""
    kind, keeper = cast.kinds[task.kind], cast.maker(task.kind)
    proof = Evidence(kind.evidence.get(task.stage, Evidence.NONE))
    if task.stage is Stage.COVER:
        if Evidence.PHOTOS in kind.evidence.values():
            upload(cast, folio, task, keeper, now, FilePurpose.PHOTO, cast.dice.randint(2, 4))
        deliverables.cover(folio, task.id, by=keeper, now=now, text="Cubierto completo.")
    elif task.stage is Stage.SELECT:
        approver = keeper if kind.approver is Approver.OFFICE else cast.head
        if proof is Evidence.FILE:
            upload(cast, folio, task, keeper, now, FilePurpose.PROOF, 1)
        photos = photos_of(cast, folio, task, keeper, now) if proof is Evidence.PHOTOS else []
        text = READY.get(task.kind) or agreed_text(folio)
        deliverables.select(folio, task.id, by=approver, now=now, text=text, photo_ids=photos)
    else:
        if proof in (Evidence.FILE, Evidence.RUN_LOG):
            upload(cast, folio, task, keeper, now, FilePurpose.EVIDENCE, 1)
        publish(cast, folio, task, keeper, now, proof)


def agreed_text(folio: str) -> str:
    """What is written is what was agreed."""
    newest = select(Agreement.text).join(Ticket).where(Ticket.folio == folio)
    return db.session.scalar(newest.order_by(Agreement.number.desc()).limit(1)) or ""


def publish(cast: Cast, folio: str, task: Task, keeper: Actor, now: datetime, proof: Evidence) -> None:
    """It comes out, with the proof its kind asks for."""
    link = proof in (Evidence.PERMALINK, Evidence.PERMALINK_OR_FILE)
    said = now - timedelta(minutes=cast.dice.randint(5, 40))
    if task.kind == "live_stream":
        said = event_start(folio) or said
    channel = CHANNELS.get(task.kind, Channel.DELIVERED)
    address = SITE if channel is Channel.WEBSITE else PAGE
    log = "Tres recorridos por las calles acordadas: 9:00, 11:00 y 13:00 horas."
    deliverables.publish(
        folio,
        task.id,
        channel=channel,
        published_at=said,
        by=keeper,
        now=now,
        permalink=f"{address}{cast.dice.randint(10**14, 10**15)}" if link else "",
        log=log if proof is Evidence.RUN_LOG else "Entregado a la dependencia." if not link else "",
    )


CHANNELS = {
    "loudspeaker": Channel.LOUDSPEAKER,
    "social_post": Channel.FACEBOOK,
    "photos": Channel.FACEBOOK,
    "news_note": Channel.WEBSITE,
    "video": Channel.FACEBOOK,
    "design": Channel.PRINT,
    "live_stream": Channel.FACEBOOK,
    "media_insertion": Channel.RADIO,
    "web_notice": Channel.WEBSITE,
}


def upload(
    cast: Cast, folio: str, task: Task, by: Actor, now: datetime, purpose: FilePurpose, count: int
) -> list[int]:
    """Photographs or a proof, as somebody would send them from a phone."""
    received = [
        media.receive(BytesIO(cast.picture()), f"{purpose}-{folio[-5:]}-{place + 1}.jpg")
        for place in range(count)
    ]
    entry = conversation.attach(folio, received, by=by, now=now, purpose=purpose, deliverable_id=task.id)
    kept = select(MediaFile.id).where(MediaFile.entry_id == entry.id)
    return list(db.session.scalars(kept.order_by(MediaFile.id)))


def photos_of(cast: Cast, folio: str, task: Task, by: Actor, now: datetime) -> list[int]:
    """Those of the coverage that are good enough; without a coverage, somebody brings some."""
    taken = select(MediaFile.id).where(
        MediaFile.deliverable_id == task.id, MediaFile.purpose == FilePurpose.PHOTO
    )
    found = list(db.session.scalars(taken.order_by(MediaFile.id)))
    if not found:
        found = upload(cast, folio, task, by, now, FilePurpose.PHOTO, cast.dice.randint(2, 3))
    return found[: max(1, len(found) - 1)]
