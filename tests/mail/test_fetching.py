"""From a real mailbox into the ledger: each mail once and in order, whatever breaks on the way."""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from poa_tickets import jobs
from poa_tickets.domain.vocabulary import EntryKind, MailFate
from poa_tickets.extensions import db
from poa_tickets.mail.incoming import alarm, fetching
from poa_tickets.mail.incoming.mailbox import NO_FOLDER, NO_SIGN_IN, UNREACHABLE, Trouble, opened
from poa_tickets.services.incoming import mail_files, mail_reading, mailbox_watch, reply_addresses
from poa_tickets.store.incoming import IncomingMail
from poa_tickets.store.notices import Envelope
from poa_tickets.store.timeline import TimelineEntry
from tests.forking import Forked
from tests.mail.conftest import Town, Worker
from tests.mail.dovecot import Dovecot, Mailbox
from tests.mail.letters import letter
from tests.mail.server import MailServer, text_of

MINUTE = timedelta(minutes=1)


@pytest.fixture
def app(
    make_app: Callable[..., Any],
    mail_server: MailServer,
    mailbox: Mailbox,
) -> Iterator[Any]:
    more = {**mailbox.settings, "reply_address": "cs@example.org", "mail_sender": "cs@example.org"}
    application = make_app(
        mail_server="127.0.0.1",
        mail_port=mail_server.port,
        **more,
    )
    with application.app_context():
        yield application


def fetch(app: Any) -> fetching.Round:
    """One look into the mailbox over a line of its own."""
    this = fetching.Round()
    db.session.rollback()
    with opened(app.extensions["settings"]) as box:
        fetching.look(app, box, this, threading.Event())
    db.session.expire_all()
    return this


def numbered(number: int, name: str = "new_mail") -> bytes:
    raw = letter(name, **{"from": f"vecino{number}@example.net"})
    return raw.replace(b"<new1@", b"<n%d@" % number)


def subjects() -> list[str]:
    return list(db.session.scalars(select(IncomingMail.from_address).order_by(IncomingMail.id)))


def rows() -> int:
    """Lines of the ledger; no lock is held after asking."""
    found = db.session.scalar(select(func.count()).select_from(IncomingMail)) or 0
    db.session.rollback()
    return found


def until(true: Callable[[], bool], seconds: float = 20.0) -> bool:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        found = true()
        db.session.rollback()
        if found:
            return True
        time.sleep(0.05)
    return False


def test_what_lies_in_the_mailbox_is_taken_in_order_and_marked_as_read(app, town: Town, mailbox: Mailbox):
    mailbox.put(*(numbered(n) for n in range(5)))
    assert fetch(app).taken == 5
    assert subjects() == [f"vecino{n}@example.net" for n in range(5)]
    assert mailbox.unread() == 0
    assert fetch(app).taken == 5  # looked at again by a new line, and known
    assert rows() == 5


def test_an_answer_goes_from_the_mailbox_to_the_conversation(app, town: Town, mailbox: Mailbox):
    ticket = town.file()
    token = reply_addresses.made(ticket.id, town.director).partition("+")[2].partition("@")[0]
    mailbox.put(letter("outlook_web", token=token.upper(), **{"from": town.director.email}))
    fetch(app)
    said = db.session.scalars(select(TimelineEntry.text).where(TimelineEntry.kind == EntryKind.REPLY)).one()
    assert said.startswith("Buenos días")


@pytest.mark.databases("sqlite")
def test_mails_are_moved_where_a_folder_is_named_for_them(make_app, app, town: Town, mailbox: Mailbox):
    mailbox.put(numbered(1), numbered(2))
    other = make_app(**mailbox.settings, reply_address="cs@example.org", imap_done_folder="Leídos")
    with other.app_context():
        assert fetch(other).taken == 2
        assert mailbox.files() == []
        assert len(mailbox.files(".Le&AO0-dos")) == 2
        assert fetch(other).taken == 0
        assert rows() == 2


@pytest.mark.databases("sqlite")
def test_a_mail_that_somebody_opened_in_the_mailbox_is_taken_all_the_same(app, town: Town, mailbox: Mailbox):
    mailbox.put(numbered(1))
    with opened(app.extensions["settings"]) as box:
        box.put_away(1)
    assert mailbox.unread() == 0
    fetch(app)
    assert rows() == 1


@pytest.mark.databases("sqlite")
def test_one_bad_mail_never_stands_before_the_next(app, town: Town, mailbox: Mailbox):
    parts = b"From: malo@example.net\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    bad = [
        b"\x00\xff" * 500,
        parts + b"--x\r\n\r\nHola\r\n" * 10_000,
        b"From: malo@example.net\r\nMessage-ID: <grande@x>\r\n\r\n"
        + b"x" * 70
        + (b"\r\n" + b"y" * 70) * 420_000,
        b"From: malo@example.net\r\nContent-Type: text/plain; charset=nadie\r\n\r\n\xff",
    ]
    mailbox.put(*(mail for n, one in enumerate(bad) for mail in (one, numbered(n))))
    this = fetch(app)
    assert (this.taken, this.left) == (8, 0)
    assert mailbox.unread() == 0
    found = {row.message_id: row for row in db.session.scalars(select(IncomingMail))}
    assert len(found) == 8
    big = found["<grande@x>"]
    assert big.fate is MailFate.UNREADABLE
    assert big.detail.startswith(mail_reading.TOO_LARGE)
    assert mail_files.read(big.file_name) == bad[2]
    assert sum(row.fate is MailFate.UNREADABLE for row in found.values()) >= 2


@pytest.mark.parametrize("asked", ["RFC822.SIZE", "BODY.PEEK[]"])
@pytest.mark.databases("sqlite")
def test_a_mail_that_the_server_does_not_hand_over_waits_in_the_mailbox_and_the_next_is_taken(
    app, town: Town, mailbox: Mailbox, asked: str
):
    mailbox.put(numbered(1), numbered(2))
    this = fetching.Round()
    with opened(app.extensions["settings"]) as box:
        ask = box.box.client.uid

        def ill(command: str, uid: str, *what: str) -> Any:
            refuses = uid == "1" and asked in what[0]
            return ("NO", [b"[UNAVAILABLE] Try later"]) if refuses else ask(command, uid, *what)

        box.box.client.uid = ill
        fetching.look(app, box, this, threading.Event())
    assert (this.taken, this.left) == (1, 1)
    assert (rows(), mailbox.unread()) == (1, 1)
    assert fetch(app).left == 0
    assert (rows(), mailbox.unread()) == (2, 0)


@pytest.mark.databases("sqlite")
def test_a_mailbox_that_takes_long_to_read_counts_as_read_meanwhile(
    app, town: Town, mailbox: Mailbox, monkeypatch
):
    """Thousands of mails may lie there the first time: that is no reason for an alarm."""
    mailbox.put(numbered(1), numbered(2))
    monkeypatch.setattr(fetching, "EACH_SECONDS", 0.0)
    take, read_at = fetching.take, []

    def noticed(*args: Any) -> None:
        read_at.append(mailbox_watch.state().read_at)
        take(*args)

    monkeypatch.setattr(fetching, "take", noticed)
    fetch(app)
    assert read_at[0] is None
    assert read_at[1] is not None


@pytest.mark.databases("sqlite")
def test_killed_between_ledger_and_mailbox_a_mail_is_not_doubled(
    app, town: Town, mailbox: Mailbox, monkeypatch
):
    mailbox.put(numbered(1), numbered(2))

    def die(*args: object) -> None:
        raise SystemExit

    monkeypatch.setattr(fetching, "put_away", die)
    with pytest.raises(SystemExit):
        fetch(app)
    assert (rows(), mailbox.unread()) == (1, 2)
    monkeypatch.undo()
    fetch(app)
    assert (rows(), mailbox.unread()) == (2, 0)


@pytest.mark.slow
@pytest.mark.databases("sqlite")
def test_two_fetchers_killed_at_random_take_each_mail_once(app, town: Town, mailbox: Mailbox, tmp_path):
    """1 % of the mails are broken, one in fifty comes twice; ``FETCHED_MAILS=1000`` is the whole measure."""
    count = int(os.environ.get("FETCHED_MAILS", "250"))
    ticket = town.file()
    token = reply_addresses.made(ticket.id, town.director).partition("+")[2].partition("@")[0]
    answers, mails = 0, []
    for number in range(count):
        raw = numbered(number)
        if number % 100 == 7:
            raw = b"\x00 %d" % number
        elif number % 10 == 3:
            raw = letter("webmail", token=token, **{"from": town.director.email})
            raw, answers = raw.replace(b"<9f3c@", b"<r%d@" % number), answers + 1
        mails += [raw] * (2 if number % 50 == 11 else 1)
    mailbox.put(*mails)
    db.session.rollback()
    settings = app.extensions["settings"]
    environ = {
        **os.environ,
        "SECRET_KEY": settings.secret_key,
        "INSTANCE_PATH": str(settings.instance_path),
        "DATABASE_URL": settings.database_url,
        "IMAP_SERVER": "127.0.0.1",
        "IMAP_PORT": str(settings.imap_port),
        "IMAP_USE_SSL": "0",
        "IMAP_USERNAME": settings.imap_username,
        "IMAP_PASSWORD": settings.imap_password,
        "REPLY_ADDRESS": settings.reply_address,
    }
    rng, kills = random.Random(7), 0
    running: list[Forked] = []
    ends = time.monotonic() + 240
    try:
        while rows() < count and time.monotonic() < ends:
            while len(running) < 2:
                running.append(Forked("tests.mail.fetcher", environ=environ))
                running[-1].stdout.readline()
            time.sleep(rng.uniform(0.1, 0.6))
            if kills < 6:
                victim = running.pop(rng.randrange(2))
                victim.kill()
                victim.wait()
                kills += 1
    finally:
        for process in running:
            process.kill()
            process.wait()
    db.session.rollback()
    assert rows() == count
    replies = select(func.count()).select_from(TimelineEntry).where(TimelineEntry.kind == EntryKind.REPLY)
    assert db.session.scalar(replies) == answers
    assert kills
    fetch(app)
    assert rows() == count
    assert mailbox.unread() == 0


@pytest.mark.databases("sqlite")
def test_a_mail_is_taken_as_it_arrives_and_the_reading_stops_within_a_second(
    app, town: Town, mailbox: Mailbox
):
    stop = threading.Event()
    thread = threading.Thread(target=fetching.run, args=(app, stop), daemon=True)
    thread.start()
    assert until(lambda: mailbox_watch.state().read_at is not None)
    time.sleep(0.3)
    mailbox.put(numbered(1))
    assert until(lambda: rows() == 1, 10)
    stop.set()
    asked = time.monotonic()
    thread.join(5)
    assert not thread.is_alive()
    assert time.monotonic() - asked < 2


@pytest.mark.databases("sqlite")
def test_a_server_that_says_nothing_delays_neither_other_mail_nor_the_end(
    make_app, town: Town, mail_server: MailServer, monkeypatch
):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = {"imap_server": "127.0.0.1", "imap_port": silent.getsockname()[1], "imap_use_ssl": False}
        other = make_app(
            mail_server="127.0.0.1",
            mail_port=mail_server.port,
            imap_username="cs",
            imap_password="clave",
            reply_address="cs@example.org",
            notice_delay_seconds=0,
            **settings,
        )
        town.file()
        stop = threading.Event()
        worker = threading.Thread(target=jobs.run, args=(other, stop, 0.1), daemon=True)
        began = time.monotonic()
        worker.start()
        assert until(lambda: len(mail_server.mails) == 3, 15)
        assert time.monotonic() - began < 15
        stop.set()
        asked = time.monotonic()
        worker.join(10)
        assert not worker.is_alive()
        assert time.monotonic() - asked < 4


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"imap_password": "otra"}, NO_SIGN_IN),
        ({"imap_password": "contraseña"}, NO_SIGN_IN),
        ({"imap_folder": "No hay"}, NO_FOLDER),
        ({"imap_port": 1}, UNREACHABLE),
        ({"imap_use_ssl": True}, UNREACHABLE),
    ],
)
def test_why_it_cannot_be_read_is_told(make_app, mailbox: Mailbox, changed, sentence):
    other = make_app(**(mailbox.settings | {"reply_address": "cs@example.org"} | changed))
    with other.app_context(), pytest.raises(Trouble) as trouble:
        fetch(other)
    assert trouble.value.sentence == sentence
    assert trouble.value.detail


@pytest.mark.databases("sqlite")
def test_an_hour_without_the_server_is_told_once_and_then_all_comes_in_order(
    app, town: Town, mailbox: Mailbox, dovecot: Dovecot, worker: Worker, mail_server: MailServer, monkeypatch
):
    monkeypatch.setattr(fetching, "clock", lambda: worker.now)
    fetch(app)
    told = []
    dovecot.stop()
    try:
        for minute in range(60):
            worker.now += MINUTE
            mailbox.put(numbered(minute))
            with pytest.raises(Trouble) as trouble:
                fetch(app)
            mailbox_watch.note_failure(trouble.value.sentence, worker.now)
            alarm.watch(worker.now, threading.Event())
            db.session.rollback()
            worker.tick()
            told.append(len(mail_server.mails))
    finally:
        dovecot.start()
    assert told[-1] == 1  # there is one head, and no administrator
    assert told.index(1) in range(15, 25)
    assert "El buzón no se está leyendo" in mail_server.mails[0]["Subject"]
    assert "No se pudo llegar al servidor del buzón." in text_of(mail_server.mails[0])
    assert fetch(app).taken == 60
    assert subjects() == [f"vecino{n}@example.net" for n in range(60)]
    for _minute in range(3):
        worker.tick(MINUTE)
        alarm.watch(worker.now, threading.Event())
        db.session.rollback()
    worker.tick()
    assert [mail["Subject"] for mail in mail_server.mails[1:]] == ["El buzón ya se lee de nuevo"]


@pytest.mark.databases("sqlite")
def test_what_stays_unread_raises_the_alarm_too(
    app, town: Town, mailbox: Mailbox, worker: Worker, monkeypatch
):
    monkeypatch.setattr(fetching, "clock", lambda: worker.now)

    def full(*args: object, **named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mail_files, "keep", full)
    mailbox.put(*(numbered(n) for n in range(8)))
    for _minute in range(30):
        worker.now += MINUTE
        this = fetch(app)
        alarm.watch(worker.now, threading.Event())
        db.session.rollback()
    assert this.left == 8
    wanted = select(func.count()).select_from(Envelope).where(Envelope.topic == "mailbox")
    assert db.session.scalar(wanted) == 1
    assert mailbox.unread() == 8


@pytest.mark.databases("sqlite")
def test_a_night_off_is_no_alarm(app, town: Town, worker: Worker):
    mailbox_watch.note_success(0, worker.now)
    alarm.watch(worker.now, threading.Event())
    worker.now += timedelta(hours=10)
    alarm.watch(worker.now, threading.Event())
    worker.now += timedelta(minutes=2)
    mailbox_watch.note_success(0, worker.now)
    alarm.watch(worker.now, threading.Event())
    assert db.session.scalar(select(func.count()).select_from(Envelope)) == 0
