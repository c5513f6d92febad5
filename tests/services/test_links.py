"""Signed links: what each opens for whom, what kills it, and that one of them acts once."""

from __future__ import annotations

import threading
from datetime import UTC, date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from poa_tickets.domain.errors import NotAllowed
from poa_tickets.domain.links import BY_CODE, LINKS, Death, LinkObject, Purpose
from poa_tickets.domain.permissions import SYSTEM
from poa_tickets.domain.vocabulary import MailingKey, Role
from poa_tickets.extensions import db
from poa_tickets.services import accounts, housekeeping
from poa_tickets.services.links import links
from poa_tickets.services.tickets import agreements, drafts
from poa_tickets.services.transaction import transaction
from poa_tickets.store.agreements import Agreement
from poa_tickets.store.links import SpentLink
from poa_tickets.store.mailings import Digest, DigestCopy, WeeklyAnswer, WeeklyAsk
from poa_tickets.store.media import Draft
from poa_tickets.store.notices import Envelope
from poa_tickets.store.people import Membership
from tests.factories import (
    acting,
    event_on,
    file_ticket,
    make_department,
    make_office,
    make_person,
    seed_catalogue,
)

SECOND = timedelta(seconds=1)


class Desk:
    """A town hall where one director is asked about one thing of every sort."""

    def __init__(self, now: Any) -> None:
        self.now = now
        make_office()
        seed_catalogue()
        self.health, self.works = make_department("Dirección de Salud"), make_department("Obras Públicas")
        self.rosa = make_person(Role.DIRECTOR, name="Rosa Montaño", department=self.health)
        self.neighbour = make_person(Role.DIRECTOR, department=self.works)
        self.head = make_person(Role.HEAD)
        day = (now + timedelta(days=9)).date()
        self.ticket = file_ticket(self.rosa, self.health, now=now, event=event_on(day))
        answer = self.answer()
        copy = self.digest_copy()
        self.objects: dict[LinkObject, int] = {
            LinkObject.TICKET: self.ticket.id,
            LinkObject.EVENT: self.ticket.event_id or 0,
            LinkObject.DEPARTMENT: self.health.id,
            LinkObject.WEEKLY_ANSWER: answer.id,
            LinkObject.DIGEST_COPY: copy.id,
            LinkObject.PERSON: self.rosa.id,
            LinkObject.DRAFT: self.draft().id,
        }

    def answer(self) -> WeeklyAnswer:
        row = WeeklyAnswer(
            ask=WeeklyAsk(monday=date(2026, 10, 19), asked_at=self.now, due_at=self.now),
            department=self.health,
        )
        db.session.add(row)
        db.session.commit()
        return row

    def digest_copy(self) -> DigestCopy:
        made = Digest(key=MailingKey.WEEKLY, period="2026-W43", made_at=self.now, due_at=self.now, content={})
        row = DigestCopy(digest=made, person=self.rosa, personal={})
        db.session.add(row)
        db.session.commit()
        return row

    def draft(self) -> Draft:
        by = acting(self.rosa, self.now)
        with transaction(by=by, now=self.now):
            return drafts.leave_by_mail({"title": ["Por correo"]}, (), by=by, now=self.now)

    def link(self, purpose: Purpose, person: Any = None, **how: Any) -> str:
        held = person or self.rosa
        about = self.objects[LINKS[purpose].names]
        return links.make(purpose, held.id, about, **({"now": self.now} | how))


@pytest.fixture
def desk(app: Any, now: Any) -> Desk:
    return Desk(now)


EACH = pytest.mark.parametrize("purpose", list(Purpose), ids=str)
OF_A_DEPARTMENT = [p for p in Purpose if p not in (Purpose.DIGEST, Purpose.PREFERENCES, Purpose.COMPLETE)]
EACH_OF_A_DEPARTMENT = pytest.mark.parametrize("purpose", OF_A_DEPARTMENT, ids=str)


def reason(token: str, now: Any) -> Death | None:
    """Why a link opens nothing, or None if it opens something."""
    found = links.read(token, now=now)
    return found.reason if isinstance(found, links.Dead) else None


@EACH
def test_a_link_opens_its_object_for_its_person_and_is_the_same_each_time_it_is_written(
    desk: Desk, purpose: Purpose
) -> None:
    token = desk.link(purpose, stamp="3")
    assert desk.link(purpose, stamp="3") == token
    assert len(links.address(token)) < 160
    found = links.read(token, now=desk.now + timedelta(days=1), purpose=purpose)
    assert isinstance(found, links.Link)
    assert found.object.id == desk.objects[LINKS[purpose].names]
    assert (found.person.id, found.claims.stamp, found.claims.issued_at) == (desk.rosa.id, "3", desk.now)


@pytest.mark.databases("sqlite")
@EACH
def test_making_and_reading_links_writes_nothing(desk: Desk, purpose: Purpose) -> None:
    links.read(desk.link(purpose), now=desk.now)
    assert not db.session.dirty
    assert not db.session.new
    assert db.session.scalar(select(func.count()).select_from(SpentLink)) == 0


@pytest.mark.databases("sqlite")
@EACH
def test_a_link_dies_at_the_very_second_that_it_expires(desk: Desk, purpose: Purpose) -> None:
    token = desk.link(purpose)
    ends = desk.now + LINKS[purpose].lifetime
    assert reason(token, ends - SECOND) is None
    assert reason(token, ends) is Death.EXPIRED
    sooner = desk.link(purpose, until=desk.now + timedelta(hours=3))
    assert reason(sooner, desk.now + timedelta(hours=3) - SECOND) is None
    assert reason(sooner, desk.now + timedelta(hours=3)) is Death.EXPIRED


@pytest.mark.databases("sqlite")
@EACH
def test_nobody_is_asked_who_has_no_account_any_more(desk: Desk, purpose: Purpose) -> None:
    token = desk.link(purpose)
    desk.rosa.active = False
    db.session.commit()
    assert reason(token, desk.now) is Death.PERSON_GONE
    assert reason(links.make(purpose, 99_999, 1, now=desk.now), desk.now) is Death.PERSON_GONE


@EACH
def test_a_link_for_somebody_elses_thing_opens_nothing(desk: Desk, purpose: Purpose) -> None:
    assert reason(desk.link(purpose, desk.neighbour), desk.now) is Death.OUT_OF_REACH


@EACH
def test_a_link_to_a_thing_that_is_gone_opens_nothing(desk: Desk, purpose: Purpose) -> None:
    token = links.make(purpose, desk.rosa.id, 2**31 - 1, now=desk.now)
    assert reason(token, desk.now) is Death.OUT_OF_REACH


@pytest.mark.databases("sqlite")
@EACH_OF_A_DEPARTMENT
def test_a_link_dies_with_the_tie_to_the_department(desk: Desk, purpose: Purpose) -> None:
    token = desk.link(purpose)
    desk.rosa.memberships.clear()
    db.session.commit()
    assert reason(token, desk.now) is Death.OUT_OF_REACH


@pytest.mark.databases("sqlite")
@EACH_OF_A_DEPARTMENT
def test_a_link_dies_with_the_role(desk: Desk, purpose: Purpose) -> None:
    token = desk.link(purpose)
    desk.rosa.roles = []
    db.session.commit()
    assert reason(token, desk.now) is Death.OUT_OF_REACH


@pytest.mark.databases("sqlite")
@EACH_OF_A_DEPARTMENT
def test_a_substitutes_link_dies_with_their_last_day(desk: Desk, purpose: Purpose) -> None:
    today = desk.now.date()
    tie = Membership(department=desk.health, substitute=True, starts_on=today, ends_on=today + timedelta(2))
    token = desk.link(purpose, make_person(Role.DIRECTOR, memberships=[tie]))
    assert reason(token, desk.now + timedelta(days=2)) is None
    assert reason(token, desk.now + timedelta(days=3)) is Death.OUT_OF_REACH


@EACH
def test_revoking_all_kills_what_was_made_before_and_nothing_after(desk: Desk, purpose: Purpose) -> None:
    at = desk.now + timedelta(hours=1)
    before, after = desk.link(purpose), desk.link(purpose, now=at)
    links.revoke_all(desk.rosa.id, by=acting(desk.rosa, at), now=at)
    found = links.read(before, now=at)
    assert isinstance(found, links.Dead)
    assert (found.reason, found.at) == (Death.REVOKED, at)
    assert reason(after, at) is None


@EACH
def test_one_link_can_be_revoked_and_stays_so(desk: Desk, purpose: Purpose) -> None:
    token, other = desk.link(purpose), desk.link(purpose, now=desk.now + SECOND)
    for _twice in range(2):
        with transaction(by=SYSTEM, now=desk.now):
            links.revoke(token, now=desk.now)
    assert reason(token, desk.now) is Death.REVOKED
    assert reason(other, desk.now) is None


@EACH
def test_a_used_link_tells_what_it_did_and_when_even_after_its_days_are_over(
    desk: Desk, purpose: Purpose
) -> None:
    token = desk.link(purpose)
    link = links.read(token, now=desk.now)
    assert isinstance(link, links.Link)
    with transaction(by=link.actor, now=desk.now):
        links.spend(link, "Aceptó el acuerdo.", now=desk.now)
    for at in (desk.now + SECOND, desk.now + timedelta(days=400)):
        found = links.read(token, now=at)
        assert isinstance(found, links.Dead)
        assert (found.reason, found.answer, found.at) == (Death.USED, "Aceptó el acuerdo.", desk.now)
    with (
        pytest.raises(links.AlreadyUsed) as again,
        transaction(by=link.actor, now=desk.now),
    ):
        links.spend(link, "Otra cosa.", now=desk.now)
    assert again.value.answer == "Aceptó el acuerdo."


@pytest.mark.databases("sqlite")
@EACH
def test_no_letter_of_a_token_can_be_changed(desk: Desk, purpose: Purpose) -> None:
    token = desk.link(purpose)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    for place, was in enumerate(token):
        # At the end of a signature some letters stand for the same bytes: all of them are tried there.
        tried = letters if place >= len(token) - 3 else letters[place % 60 : place % 60 + 3]
        for letter in tried:
            if letter != was:
                changed = token[:place] + letter + token[place + 1 :]
                assert reason(changed, desk.now) is Death.BROKEN, (place, letter)
    for cut in (token[1:], token[:-1], token + "A", token + "=", token + "\n", " " + token):
        assert reason(cut, desk.now) is Death.BROKEN


@pytest.mark.databases("sqlite")
@EACH
def test_a_link_of_one_purpose_is_none_of_another(desk: Desk, purpose: Purpose) -> None:
    token = desk.link(purpose)
    for code, rule in BY_CODE.items():
        if rule.purpose is not purpose:
            assert reason(token[:-1] + code, desk.now) is Death.BROKEN
            found = links.read(token, now=desk.now, purpose=rule.purpose)
            assert isinstance(found, links.Dead)


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "junk",
    [
        "",
        "a",
        "a.",
        "a..",
        ".",
        "\x00",
        "a\x00b",
        "a" * 10_240,
        "é" * 40,
        "\ud800",
        "a.e30.AA",
        "aW10.x",
        "a./../",
    ],
    ids=ascii,
)
def test_junk_is_a_broken_link_and_never_a_fault(app: Any, now: Any, junk: str) -> None:
    assert reason(junk, now) is Death.BROKEN


def test_another_installations_link_is_broken(desk: Desk, make_app: Any) -> None:
    token = desk.link(Purpose.AGREE)
    with make_app(secret_key="otra-clave-muy-distinta-de-la-primera-0123456789").app_context():
        assert reason(token, desk.now) is Death.BROKEN


def test_what_is_known_of_a_link_goes_some_time_after_it_expired(desk: Desk) -> None:
    token = desk.link(Purpose.AGREE)
    link = links.read(token, now=desk.now)
    assert isinstance(link, links.Link)
    with transaction(by=link.actor, now=desk.now):
        links.spend(link, "Aceptó.", now=desk.now)
    ended = desk.now + LINKS[Purpose.AGREE].lifetime
    housekeeping.tidy(ended + timedelta(days=89))
    assert reason(token, ended + timedelta(days=89)) is Death.USED
    housekeeping.tidy(ended + timedelta(days=91))
    assert reason(token, ended + timedelta(days=91)) is Death.EXPIRED


def test_who_may_revoke_whose_links(desk: Desk) -> None:
    for person in (desk.rosa, desk.head):
        links.revoke_all(desk.rosa.id, by=acting(person, desk.now), now=desk.now)
    with pytest.raises(NotAllowed):
        links.revoke_all(desk.rosa.id, by=acting(desk.neighbour, desk.now), now=desk.now)


@pytest.mark.parametrize(
    "changed", [{"email": "otra@example.org"}, {"active": False}], ids=["address", "account"]
)
def test_links_die_with_the_address_they_went_to_and_with_the_account(
    desk: Desk, changed: dict[str, Any]
) -> None:
    token, later = desk.link(Purpose.AGREE), desk.now + timedelta(hours=1, microseconds=789)
    owed = Envelope(
        message_id="<1@example.org>",
        recipient_id=desk.rosa.id,
        address=desk.rosa.email,
        topic="ticket",
        created_at=desk.now,
        next_try_at=desk.now,
    )
    db.session.add(owed)
    db.session.commit()
    values = {"name": "Rosa", "email": desk.rosa.email, "position": "", "phone": "", "active": True}
    edit = accounts.PersonEdit(**(values | {"roles": desk.rosa.role_names} | changed))
    version = str(desk.rosa.version)
    accounts.edit(desk.rosa.id, edit, version=version, by=acting(desk.head, later), now=later)
    desk.rosa.active = True
    db.session.commit()
    assert reason(token, later) is Death.REVOKED
    if "email" in changed:
        assert owed.address == "otra@example.org"
        assert reason(desk.link(Purpose.AGREE, now=owed.created_at), later) is None


def test_the_liaison_answers_the_weekly_ask_whatever_their_role(desk: Desk) -> None:
    liaison = make_person(Role.STAFF)
    token = desk.link(Purpose.ASK, liaison)
    assert reason(token, desk.now) is Death.OUT_OF_REACH
    desk.health.liaison_id = liaison.id
    db.session.commit()
    assert reason(token, desk.now) is None


def test_what_a_link_did_is_kept_with_the_deed_or_not_at_all(desk: Desk) -> None:
    agreements.propose(desk.ticket.folio, "Vacune.", by=acting(desk.head, desk.now), now=desk.now)
    folio, token = desk.ticket.folio, desk.link(Purpose.AGREE, stamp="1")
    link = links.read(token, now=desk.now)
    assert isinstance(link, links.Link)
    with pytest.raises(Exception, match="otra versión"), links.acting(link, "Aceptó.", now=desk.now):
        agreements.accept(folio, 2, by=link.actor, now=desk.now)
    assert reason(token, desk.now) is None
    with links.acting(link, "Aceptó.", now=desk.now):
        agreements.accept(folio, 1, by=link.actor, now=desk.now)
    assert reason(token, desk.now) is Death.USED


def test_of_twenty_who_come_at_once_with_one_link_one_acts(desk: Desk, app: Any) -> None:
    agreements.propose(desk.ticket.folio, "Vacune.", by=acting(desk.head, desk.now), now=desk.now)
    folio, token, now = desk.ticket.folio, desk.link(Purpose.AGREE, stamp="1"), desk.now
    db.session.remove()
    ready, told = threading.Barrier(20), []

    def come() -> None:
        with app.app_context():
            link = links.read(token, now=now)
            db.session.remove()  # the connections are fewer than those who wait
            ready.wait(30)
            try:
                assert isinstance(link, links.Link)
                with links.acting(link, "Aceptó.", now=now):
                    agreements.accept(folio, 1, by=link.actor, now=now)
                told.append("acted")
            except links.AlreadyUsed as error:
                told.append(error.answer)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=come) for _one in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(told) == ["Aceptó."] * 19 + ["acted"]
    assert db.session.scalar(select(func.count()).select_from(SpentLink)) == 1
    signed = db.session.scalars(select(Agreement)).one()
    assert signed.requester_signed_at is not None
    assert signed.requester_signed_at.astimezone(UTC) == now
