"""What the agenda and the mail add to the town hall that writes in no language: where each is looked at."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from poa_tickets.domain.assignments import Span
from poa_tickets.domain.links import Purpose
from poa_tickets.domain.vocabulary import EventStatus, ResourceKind
from poa_tickets.extensions import clock, db
from poa_tickets.services.agenda import agenda
from poa_tickets.services.agenda.agenda import EventData
from poa_tickets.services.assignments import assignments, resources
from poa_tickets.services.assignments.assignments import For
from poa_tickets.services.assignments.resources import ResourceData
from poa_tickets.services.assignments.tasks import Task
from poa_tickets.services.calendars import agenda_imports
from poa_tickets.services.links import links
from poa_tickets.services.tickets import drafts
from poa_tickets.store.agenda import Event
from poa_tickets.store.mailings import Digest, DigestCopy, WeeklyAnswer
from poa_tickets.store.media import Draft
from tests import factories, files
from tests.web.bilingual import DAY, Town


def agenda_of(town: Town) -> list[str]:
    """Where the agenda, its tasks and its equipment, a mail that waits and a file to be reviewed are looked at."""
    now = clock()
    starts = now + 4 * DAY
    sure, unsure = (
        agenda.create(
            EventData("Zyx", town.department.id, starts, place="Zyx", tentative=tentative),
            by=town.heads,
            now=now,
        ).id
        for tentative in (False, True)
    )
    car = resources.save(None, ResourceData("Zyx", ResourceKind.VEHICLE), by=town.heads, now=now).id
    span = Span(starts, starts + timedelta(hours=2))
    errand = Task(span, town.staff.id, frozenset({car}), "Zyx")
    task = assignments.assign(errand, For(event_id=sure), by=town.heads, now=now).id
    mail = factories.make_mail(now, from_name="Zyx", subject="Zyx", text="Zyx", detail="")
    agenda_imports.receive(files.calendar(starts), "zyx.ics", town.department.id, by=town.works, now=now)
    return [
        *(f"/agenda/eventos/{sure}{act}" for act in ("", "/corregir", "/posponer", "/cancelar")),
        *(f"/agenda/eventos/{unsure}{act}" for act in ("", "/confirmar")),
        *(f"/encargos/{task}{act}" for act in ("", "/cambiar", "/cancelar")),
        f"/ajustes/equipo/{car}",
        "/avisos/recibidos",
        f"/avisos/recibidos/{mail.id}",
        "/agenda/importar/revisar",
    ]


def links_of(town: Town) -> list[str]:
    """What the director's mails carry: a link of each purpose, and one that opens nothing."""
    copy = DigestCopy(
        digest=db.session.scalars(select(Digest)).one(),
        person_id=town.director.id,
        personal={"departments": []},
    )
    db.session.add(copy)
    db.session.commit()
    waiting = Draft(
        person_id=town.director.id, purpose=drafts.BY_MAIL, data={"title": ["Zyx"]}, updated_at=clock()
    )
    db.session.add(waiting)
    db.session.commit()
    asked = select(WeeklyAnswer.id).where(WeeklyAnswer.department_id == town.department.id)
    ahead = select(Event.id).where(
        Event.department_id == town.department.id, Event.status == EventStatus.CONFIRMED, Event.title == "Zyx"
    )
    about = {
        Purpose.AGREE: factories.ticket(town.tickets[2]).id,
        Purpose.GIVE: factories.ticket(town.tickets[5]).id,
        Purpose.RATE: factories.ticket(town.tickets[7]).id,
        Purpose.EVENT: db.session.scalars(ahead.order_by(Event.id.desc())).first(),
        Purpose.DEPARTMENT: town.department.id,
        Purpose.ASK: db.session.scalars(asked.order_by(WeeklyAnswer.id.desc())).first(),
        Purpose.DIGEST: copy.id,
        Purpose.PREFERENCES: town.director.id,
        Purpose.COMPLETE: waiting.id,
        Purpose.ANSWER: factories.ticket(town.tickets[2]).id,
    }
    made = [links.make(purpose, town.director.id, about[purpose] or 0, now=clock()) for purpose in Purpose]
    return [f"/e/{token}" for token in (*made, "no-hay")]
