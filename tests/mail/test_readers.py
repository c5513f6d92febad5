"""Who is told of a change, and who never is."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import event, select

from poa_tickets.domain.links import Purpose
from poa_tickets.domain.vocabulary import Cause, Channel, EntryKind, Party, Role
from poa_tickets.extensions import db
from poa_tickets.services.links import links
from poa_tickets.services.tickets import deliverables, timeline
from poa_tickets.services.transaction import transaction
from poa_tickets.store.notices import Notice
from poa_tickets.store.people import Membership, Person
from poa_tickets.store.publishing import Publication
from poa_tickets.store.timeline import Follow
from tests import factories
from tests.mail.conftest import Town, Worker
from tests.mail.server import MailServer, html_of, text_of


def told(act: str) -> set[str]:
    """Names of those who are owed a notice of an act."""
    return {
        notice.recipient.name for notice in db.session.scalars(select(Notice).where(Notice.subject == act))
    }


def test_nobody_is_told_of_their_own_act(town: Town):
    ticket = town.file()
    town.reply(ticket, town.staff, "Ya vamos.")
    assert told("filed") == {"Julia Prado", "Saúl Pineda", "Ximena Olvera"}
    assert told("replied") == {"Rosa Montaño", "Julia Prado", "Ximena Olvera"}


def test_a_director_of_another_department_is_never_told_even_when_named_or_following(town: Town):
    ticket = town.file()
    db.session.add(Follow(ticket_id=ticket.id, person_id=town.other_director.id))
    db.session.commit()
    town.record(ticket, "replied", town.staff, kind=EntryKind.REPLY, mentioned=[town.other_director.id])
    assert "Elías Cano" not in told("replied")


def test_an_internal_note_is_not_told_to_who_asked_even_when_named(town: Town):
    ticket = town.file()
    town.assign(ticket, town.colleague)
    town.record(
        ticket,
        "noted",
        town.staff,
        kind=EntryKind.NOTE,
        internal=True,
        mentioned=[town.director.id, town.head.id],
    )
    assert told("noted") == {"Ximena Olvera", "Julia Prado"}


def test_once_somebody_holds_it_the_rest_of_the_office_is_left_in_peace(town: Town):
    ticket = town.file()
    town.assign(ticket, town.staff)
    town.reply(ticket, town.director, "¿Cómo van?")
    assert told("assigned") == {"Saúl Pineda"}
    assert told("replied") == {"Saúl Pineda"}


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("act", ["covered", "selected", "stage_undone", "proof_attached"])
def test_who_asked_is_spared_each_step_of_the_office(town: Town, act: str):
    ticket = town.file()
    town.assign(ticket, town.colleague)
    assert db.session.scalar(select(Follow).where(Follow.person_id == town.director.id))
    town.record(ticket, act, town.staff)
    assert told(act) == {"Ximena Olvera"}


def test_who_asked_is_told_once_where_it_came_out(town: Town, worker: Worker, mail_server: MailServer):
    ticket = town.file()
    product = ticket.deliverables[0]
    link = "https://www.facebook.com/example/posts/77"
    db.session.add(
        Publication(
            ticket_id=ticket.id,
            deliverable_id=product.id,
            channel=Channel.FACEBOOK,
            published_at=town.now,
            permalink=link,
            recorded_by_id=town.staff.id,
            recorded_at=town.now,
        )
    )
    town.record(ticket, "published", town.staff)
    town.record(ticket, "closed", town.staff, data={"outcome": "fulfilled"})
    worker.tick(timedelta(minutes=10))
    (mail,) = [mail for mail in mail_server.mails if town.director.email in mail["To"]]
    lines = text_of(mail).splitlines()
    assert lines[lines.index("* Publicación en redes: Facebook · mié 14 oct, 10:00") + 1].strip() == link
    assert f"wa.me/?text={quote(ticket.title)}%0A{quote(link)}" in html_of(mail)


def opened(town: Town, text: str) -> links.Link:
    """What the signed link of a mail opens."""
    found = re.search(r"/e/([^\s#]+)", text)
    assert found
    link = links.read(found[1], now=town.now)
    assert isinstance(link, links.Link)
    return link


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("act", ["agreement_proposed", "waiting"])
def test_nobody_is_asked_for_what_was_given_meanwhile(
    town: Town, worker: Worker, mail_server: MailServer, act: str
):
    ticket = town.file()
    town.record(ticket, act, town.staff, data={"number": 1, "missing": "el texto"})
    town.reply(ticket, town.staff, "Ya quedó.")
    worker.tick(timedelta(minutes=10))
    (mail,) = [mail for mail in mail_server.mails if town.director.email in mail["To"]]
    assert mail["Subject"] == f"[{ticket.folio}] Mensaje nuevo: {ticket.title}"


def test_what_is_missing_is_one_press_away_for_who_has_it(
    town: Town, worker: Worker, mail_server: MailServer
):
    ticket = town.file()
    ticket.waiting_since, ticket.waiting_for = town.now, "el texto"
    ticket.waiting_party = Party.REQUESTER
    town.record(ticket, "waiting", town.staff, data={"missing": "el texto"})
    worker.tick()
    found = {mail["To"]: text_of(mail) for mail in mail_server.mails}
    asked = next(text for to, text in found.items() if town.director.email in to)
    link = opened(town, asked)
    assert (link.purpose, link.object.id, link.person.email) == (Purpose.GIVE, ticket.id, town.director.email)
    assert link.claims.stamp == links.wait_stamp(ticket.waiting_since)
    other = next(text for to, text in found.items() if town.head.email in to and "FALTA ALGO" in text)
    assert "/e/" not in other
    assert f"/solicitudes/{ticket.folio}" in other


def test_who_asked_is_not_asked_for_what_a_third_party_must_send(
    town: Town, worker: Worker, mail_server: MailServer
):
    ticket = town.file()
    ticket.waiting_since, ticket.waiting_for = town.now, "el permiso"
    ticket.waiting_party, ticket.waiting_on = Party.THIRD_PARTY, "Protección Civil"
    data = {"missing": "el permiso", "party": Party.THIRD_PARTY, "on": "Protección Civil"}
    town.record(ticket, "waiting", town.staff, data=data)
    worker.tick()
    (mail,) = [mail for mail in mail_server.mails if town.director.email in mail["To"]]
    assert "Ver la solicitud" in text_of(mail)
    assert opened(town, text_of(mail)).purpose is Purpose.ANSWER


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("act", "says", "place"),
    [
        ("resumed", "Ver la solicitud", ""),
        ("declined", "Ver el motivo", ""),
        ("published", "Ver dónde salió", "productos"),
    ],
)
def test_what_is_only_read_opens_without_a_session_for_who_asked_and_for_nobody_else(
    town: Town, worker: Worker, mail_server: MailServer, act: str, says: str, place: str
):
    ticket = town.file()
    db.session.add(Follow(ticket_id=ticket.id, person_id=town.head.id))
    town.assign(ticket, town.staff)
    worker.tick(timedelta(minutes=10))
    seen = len(mail_server.mails)
    town.record(ticket, act, town.colleague)
    worker.tick(timedelta(minutes=10))
    found = {mail["To"]: text_of(mail) for mail in mail_server.mails[seen:]}
    asked = [text for to, text in found.items() if town.director.email in to]
    others = [text for to, text in found.items() if town.director.email not in to]
    assert len(asked) == 1
    assert says in asked[0]
    link = opened(town, asked[0])
    assert (link.purpose, link.object.id, link.claims.stamp) == (Purpose.ANSWER, ticket.id, place)
    assert others
    assert [text for text in others if "/e/" in text] == []


def test_who_makes_a_product_is_told_of_what_happens_to_it(town: Town):
    ticket = town.file()
    town.assign(ticket, town.staff)
    ticket.deliverables[0].assignee_id = town.colleague.id
    town.record(
        ticket, "deliverable_assigned", town.head, internal=True, data={"person_id": town.colleague.id}
    )
    assert told("deliverable_assigned") == {"Ximena Olvera"}
    town.reply(ticket, town.director, "Cambió el horario.")
    assert told("replied") == {"Saúl Pineda", "Ximena Olvera"}


def test_who_was_to_make_a_dropped_product_is_told_to_stop(town: Town):
    ticket = town.file()
    town.assign(ticket, town.staff)
    product = ticket.deliverables[0]
    product.assignee_id = town.colleague.id
    db.session.commit()
    head = town.as_(town.head)
    deliverables.drop(ticket.folio, product.id, cause=Cause.NO_BUDGET, by=head, now=town.now)
    assert told("dropped") == {"Rosa Montaño", "Saúl Pineda", "Ximena Olvera"}


@pytest.mark.parametrize(("days", "is_told"), [((-1, 1), True), ((1, 5), False), ((-5, -1), False)])
def test_a_substitute_is_told_on_the_days_of_the_substitution(
    town: Town, days: tuple[int, int], is_told: bool
):
    substitute = factories.make_person(Role.DIRECTOR, name="Irene Salgado")
    today = town.now.date()
    substitute.memberships = [
        Membership(
            department_id=town.health.id,
            substitute=True,
            starts_on=today + timedelta(days=days[0]),
            ends_on=today + timedelta(days=days[1]),
        )
    ]
    ticket = town.file()
    town.reply(ticket, town.staff, "Ya vamos.")
    assert ("Irene Salgado" in told("replied")) is is_told


def test_the_local_day_decides_and_not_that_of_greenwich(town: Town):
    substitute = factories.make_person(Role.DIRECTOR, name="Irene Salgado")
    substitute.memberships = [
        Membership(
            department_id=town.health.id, substitute=True, starts_on=town.now.date(), ends_on=town.now.date()
        )
    ]
    ticket = town.file()
    town.now = town.now.replace(day=15, hour=3)  # Wednesday the 14th, 21:00
    town.reply(ticket, town.staff, "Ya vamos.")
    assert "Irene Salgado" in told("replied")


def test_an_account_that_is_switched_off_gets_nothing(town: Town, worker: Worker, mail_server: MailServer):
    ticket = town.file()
    town.colleague.active = False
    db.session.commit()
    town.reply(ticket, town.staff, "Ya vamos.")
    assert "Ximena Olvera" not in told("replied")
    worker.tick(timedelta(minutes=5))
    assert not [mail for mail in mail_server.mails if town.colleague.email in mail["To"]]


def test_who_left_the_department_before_the_mail_went_is_not_told(
    town: Town, worker: Worker, mail_server: MailServer
):
    ticket = town.file()
    town.reply(ticket, town.staff, "Ya vamos.")
    db.session.get_one(Person, town.director.id).memberships = []
    db.session.commit()
    worker.tick(timedelta(minutes=5))
    assert not [mail for mail in mail_server.mails if town.director.email in mail["To"]]
    assert told("replied") == {"Julia Prado", "Ximena Olvera"}


@pytest.mark.databases("sqlite")
def test_a_mail_says_why_one_gets_it_and_what_to_do(town: Town, worker: Worker, mail_server: MailServer):
    ticket = town.file()
    ticket.agreement_open = True
    town.record(ticket, "agreement_proposed", town.staff, data={"number": 1})
    worker.tick()
    mail = next(mail for mail in mail_server.mails if town.director.email in mail["To"])
    assert mail["Subject"] == f"[{ticket.folio}] Revise el acuerdo: {ticket.title}"
    assert "porque su dependencia hizo la solicitud" in text_of(mail)
    assert "Revisar y aceptar" in text_of(mail)
    link = opened(town, text_of(mail))
    assert (link.purpose, link.object.id, link.claims.stamp) == (Purpose.AGREE, ticket.id, "1")
    assert "El enlace es personal" in text_of(mail)
    assert "Saúl Pineda propuso el acuerdo, versión 1" in text_of(mail)


def test_to_owe_takes_one_question_and_one_write_however_many_are_told(town: Town):
    for _number in range(20):
        factories.make_person(Role.STAFF)
    ticket = town.file()
    actor = town.as_(town.staff)
    asked: list[str] = []

    def count(connection, cursor, statement, *rest):
        asked.append(statement)

    with transaction(by=actor, now=town.now):
        list(ticket.live_deliverables)
        db.session.flush()
        event.listen(db.engine, "before_cursor_execute", count)
        try:
            timeline.record(ticket, "replied", by=actor, now=town.now, text="Ya vamos.")
            db.session.flush()
        finally:
            event.remove(db.engine, "before_cursor_execute", count)
    of_notices = [s for s in asked if "notices" in s or "people" in s or "office" in s]
    assert len(of_notices) <= 3, of_notices
