"""Mail servers are spoken to in TLS, and only those whose certificate somebody vouches for."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from poa_tickets.extensions import db
from poa_tickets.mail import sending
from poa_tickets.mail.incoming.mailbox import UNREACHABLE, Trouble
from poa_tickets.store.incoming import IncomingMail
from poa_tickets.store.notices import Envelope
from tests.factories import owe_mails
from tests.mail.authority import authority, certificate
from tests.mail.dovecot import Dovecot, Mailbox
from tests.mail.letters import letter
from tests.mail.server import MailServer
from tests.mail.test_fetching import fetch

pytestmark = pytest.mark.databases("sqlite")
WAYS = ("tls", "ssl")


@pytest.fixture
def trusted(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The town hall's own authority, as docs/how-to.md says to name it."""
    authority().cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


@pytest.fixture(params=WAYS)
def encrypted(request) -> Iterator[tuple[str, MailServer]]:
    """A server that takes no mail in the clear: TLS after its greeting, or from the start."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate().configure_cert(context)
    how = {"tls_context": context, "require_starttls": True}
    server = MailServer(**(how if request.param == "tls" else {"ssl_context": context}))
    yield request.param, server
    server.stop()


@pytest.fixture
def sender(make_app, encrypted) -> Iterator[Any]:
    """An application that sends through it, with one mail to send."""
    way, server = encrypted
    app = make_app(mail_server="127.0.0.1", mail_port=server.port, **{f"mail_use_{way}": True})
    with app.app_context():
        yield app


def send(now) -> Envelope:
    owe_mails(1, now)
    sending.deliver(now, threading.Event())
    db.session.expire_all()
    return db.session.scalars(select(Envelope)).one()


@pytest.mark.usefixtures("sender", "trusted")
def test_a_mail_goes_to_a_server_that_is_who_it_says(encrypted, now):
    assert send(now).sent_at is not None
    assert len(encrypted[1].mails) == 1


@pytest.mark.usefixtures("sender")
def test_no_mail_goes_to_a_server_that_nobody_vouches_for(encrypted, now):
    waiting = send(now)
    assert waiting.sent_at is None
    assert "certificate" in waiting.last_error.lower()
    assert encrypted[1].mails == []


def settings_of(way: str, dovecot: Dovecot, mailbox: Mailbox) -> dict[str, object]:
    port = dovecot.tls_port if way == "ssl" else dovecot.port
    return mailbox.settings | {"imap_port": port, "reply_address": "cs@example.org", f"imap_use_{way}": True}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.usefixtures("trusted")
def test_a_mailbox_is_read_in_tls(make_app, dovecot, mailbox, way):
    mailbox.put(letter("new_mail"))
    app = make_app(**settings_of(way, dovecot, mailbox))
    with app.app_context():
        fetch(app)
        assert len(db.session.scalars(select(IncomingMail)).all()) == 1


@pytest.mark.parametrize("way", WAYS)
def test_no_password_is_told_to_a_mailbox_that_nobody_vouches_for(make_app, dovecot, mailbox, way):
    app = make_app(**settings_of(way, dovecot, mailbox))
    with app.app_context(), pytest.raises(Trouble) as trouble:
        fetch(app)
    assert (trouble.value.sentence, "certificate" in trouble.value.detail.lower()) == (UNREACHABLE, True)
