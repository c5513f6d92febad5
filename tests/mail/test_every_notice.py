"""The table of notices, row by row: each addressee is reached by a real change, and can read and use what comes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask_mail import Message
from sqlalchemy import select

from poa_tickets.domain.notices import ASSIGNMENT_NOTICES, NOTICES, Reader
from poa_tickets.extensions import db
from poa_tickets.mail.topics import write
from poa_tickets.services import notices
from poa_tickets.store.notices import Envelope, Notice
from poa_tickets.store.timeline import TimelineEntry
from poa_tickets.web.language import LANGUAGES
from tests.mail import errands
from tests.signing import forget_request
from tests.web.acting import client_of, let_act
from tests.web.bilingual import BUTTON, mail_faults

pytestmark = pytest.mark.databases("sqlite")
LATER = timedelta(hours=1)


@pytest.fixture
def office(make_app) -> Iterator[errands.Office]:
    app = make_app()
    with app.app_context():
        yield errands.Office(app)


def steps(office: errands.Office) -> Iterator[Any]:
    for errand in errands.ERRANDS:
        for held in (True, False):
            yield from errand(office, held=held)
    yield from errands.by_one_person(office)


def test_every_addressee_of_every_row_is_reached_and_nobody_by_their_own_act(office: errands.Office):
    for step in steps(office):
        step()
    reached = {(act, why) for act, why in db.session.execute(select(Notice.subject, Notice.why))}
    rows = NOTICES | ASSIGNMENT_NOTICES
    named = {(act, reader.value) for act, rule in rows.items() for reader in rule.to}
    assert named - reached == set(), "no change reaches them: add an errand, or take them out of the table"
    assert {why for _act, why in reached - named} == {Reader.MENTIONED.value}
    assert set(db.session.scalars(select(TimelineEntry.act))) == set(NOTICES)
    own = select(Notice.subject).join(Notice.entry).where(TimelineEntry.actor_id == Notice.recipient_id)
    assert db.session.scalars(own).all() == []


def mails(office: errands.Office) -> Iterator[Envelope]:
    """Each mail that a change owes, while things still stand as it tells."""
    written = 0
    for step in steps(office):
        step()
        notices.collect(office.now + LATER)
        for envelope in db.session.scalars(
            select(Envelope).where(Envelope.id > written).order_by(Envelope.id)
        ):
            written = envelope.id
            yield envelope


def spoken(envelope: Envelope, language: str) -> Message:
    assert envelope.recipient is not None
    envelope.recipient.language = language
    db.session.flush()
    return write(envelope.id, errands.NOW)


def test_every_mail_speaks_one_language_and_has_one_button_that_leads_where_it_says(office: errands.Office):
    let_act(office.app)
    wrong: list[str] = []
    read_before: set[tuple[str, str]] = set()
    led: set[tuple[str, bool]] = set()
    for envelope in mails(office):
        carried = db.session.scalars(select(Notice).where(Notice.envelope_id == envelope.id)).all()
        main = notices.weightiest(carried)
        act, why = main.subject, main.why
        if (act, why) in read_before:
            continue
        read_before.add((act, why))
        for language in LANGUAGES:
            mail = spoken(envelope, language)
            said = [mail.subject.partition("] ")[2], *mail.body.splitlines()]
            wrong += [f"{act} to {why}: {fault}" for fault in mail_faults(said, mail.html, language)]
            button = BUTTON.findall(mail.html)[0]
            assert mail.body.count(button) == 1
        asks = why == Reader.REQUESTER
        if asks and "/e/" not in button:
            wrong.append(f"{act}: whoever asked is led to {button}, where an account is needed")
        if (act, asks) not in led:
            led.add((act, asks))
            wrong += leads_astray(office.app, button, envelope.recipient)
    assert not wrong, "\n".join(wrong)


def leads_astray(app: Any, where: str, reader: Any) -> list[str]:
    """What is wrong with where a button leads its reader: no page, or one without the part it names."""
    db.session.commit()
    forget_request()
    path, _hash, part = where.removeprefix(app.extensions["settings"].public_url).partition("#")
    if path.startswith(
        "/e/"
    ):  # whoever asked acts from the mail itself, without signing in, while its link lives
        with time_machine.travel(errands.NOW):
            page = app.test_client().get(path)
    else:
        page = client_of(app, reader).get(path)
    fine = page.status_code == 200 and (not part or f'id="{part}"' in page.text)
    return [] if fine else [f"{where} answers {page.status_code}, or lacks that part"]
