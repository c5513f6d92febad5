"""Notices that can be answered: where the answer goes, and what nobody can forge."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from poa_tickets.domain.vocabulary import Role
from poa_tickets.extensions import db
from poa_tickets.services.incoming import reply_addresses
from poa_tickets.services.links import links
from poa_tickets.services.tickets import conversation
from tests import factories
from tests.mail.conftest import Town, Worker
from tests.mail.server import MailServer, html_of, text_of

MAILBOX = {
    "imap_server": "127.0.0.1",
    "imap_username": "cs",
    "imap_password": "clave",
    "reply_address": "comunicacion-social.san-aurelio@example.org",
}
SOON = timedelta(minutes=4)
LINE = "##- Para responder, escriba arriba de esta línea. -##"


@pytest.fixture
def app(make_app: Callable[..., Any], mail_server: MailServer) -> Iterator[Any]:
    application = make_app(mail_server="127.0.0.1", mail_port=mail_server.port, **MAILBOX)
    with application.app_context():
        yield application


def token_of(address: str) -> str:
    (token,) = reply_addresses.tokens([address])
    return token


def test_a_notice_can_be_answered_above_a_line_at_an_address_of_its_readers_own(
    town: Town, worker: Worker, mail_server: MailServer
):
    ticket = town.file()
    worker.tick()
    addresses = set()
    for mail in mail_server.mails:
        (address,) = mail["Reply-To"].addresses
        assert len(address.username) <= 64
        assert mail["Precedence"] == "bulk"
        assert text_of(mail).lstrip().startswith(LINE)
        assert LINE in html_of(mail)
        assert "responder este correo" in text_of(mail)
        assert "no se lee" not in text_of(mail) + html_of(mail)
        found = reply_addresses.opened(token_of(address.addr_spec))
        assert found is not None
        claim, person = found
        assert claim.ticket_id == ticket.id
        assert person.email == mail["To"].addresses[0].addr_spec
        addresses.add(address.addr_spec)
    assert len(addresses) == len(mail_server.mails) == 3


def test_the_line_and_the_promise_are_in_the_readers_language(
    town: Town, worker: Worker, mail_server: MailServer
):
    town.head.language = "en"
    db.session.commit()
    town.file()
    worker.tick()
    (mail,) = [mail for mail in mail_server.mails if town.head.email in mail["To"]]
    assert text_of(mail).lstrip().startswith("##- To reply, write above this line. -##")


@pytest.mark.databases("sqlite")
def test_who_only_reads_is_not_told_that_answers_are_read(
    town: Town, worker: Worker, mail_server: MailServer
):
    auditor = factories.make_person(Role.AUDITOR, name="Ana Luz")
    ticket = town.file()
    conversation.follow(ticket.folio, by=town.as_(auditor), now=town.now)
    worker.tick()
    mail_server.mails.clear()
    conversation.reply(ticket.folio, "Ya vamos.", by=town.as_(town.staff), now=town.now)
    worker.tick(SOON)
    (mail,) = [mail for mail in mail_server.mails if auditor.email in mail["To"]]
    assert mail["Reply-To"] is None
    assert LINE not in text_of(mail)
    assert "no se lee" in text_of(mail)


def test_an_address_is_read_in_any_case_and_among_others(town: Town):
    ticket = town.file()
    address = reply_addresses.made(ticket.id, town.director)
    for shown in (address, address.upper(), address.title()):
        (token,) = reply_addresses.tokens(
            ["otra@example.org", shown, "comunicacion-social.san-aurelio@example.org"]
        )
        claim, person = reply_addresses.opened(token) or (None, None)
        assert claim is not None
        assert (claim.ticket_id, person) == (ticket.id, town.director)
    assert reply_addresses.tokens([address.replace("example.org", "example.net"), "x+" + address]) == []


@pytest.mark.databases("sqlite")
def test_one_letter_changed_and_it_opens_nothing(town: Town):
    token = token_of(reply_addresses.made(town.file().id, town.director))
    letters = string.ascii_lowercase + string.digits + "=+_-. \nıſK"
    tried = 0
    for place, right in enumerate(token):
        for wrong in letters:
            if wrong != right:
                tried += 1
                assert reply_addresses.opened(token[:place] + wrong + token[place + 1 :]) is None
    assert tried > 1400
    for other in ("", token[:-1], token + "a", token * 2, token[::-1], "a" * 32, "é" * 32):
        assert reply_addresses.opened(other) is None


def test_an_address_speaks_of_one_person_and_one_request(town: Town):
    one, two = town.file(), town.file(title="Otra cosa", message="Otra cosa distinta")
    made = {reply_addresses.made(t.id, p) for t in (one, two) for p in (town.director, town.head)}
    assert len(made) == 4


def test_who_revokes_their_links_revokes_their_addresses(town: Town):
    token = token_of(reply_addresses.made(town.file().id, town.director))
    assert reply_addresses.opened(token)
    links.revoke_all(town.director.id, by=town.as_(town.director), now=town.now)
    assert reply_addresses.opened(token) is None
    db.session.expire_all()
    again = token_of(reply_addresses.made(1, town.director))
    db.session.expire_all()
    assert reply_addresses.opened(again)


@pytest.mark.databases("sqlite")
def test_without_a_mailbox_nothing_is_promised(make_app, mail_server: MailServer, now, monkeypatch):
    application = make_app(mail_server="127.0.0.1", mail_port=mail_server.port)
    with application.app_context():
        factories.make_office()
        factories.seed_catalogue()
        health = factories.make_department("Dirección de Salud")
        director = factories.make_person(Role.DIRECTOR, department=health)
        factories.make_person(Role.HEAD, name="Julia Prado")
        factories.make_person(Role.STAFF, name="Saúl Pineda")
        factories.file_ticket(director, health, now=now)
        town = type("", (), {"now": now})()
        Worker(application, town, monkeypatch).tick()
    assert mail_server.mails
    for mail in mail_server.mails:
        assert mail["Reply-To"] is None
        assert mail["Precedence"] is None
        assert mail["X-Poa-Tickets"] is None
        assert "##-" not in text_of(mail) + html_of(mail)
        assert re.search("no se lee", text_of(mail))
