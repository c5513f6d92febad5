"""What is read of a mail: from the programs people write with, from machines, and from whoever means harm."""

from __future__ import annotations

import time

import pytest

from poa_tickets.domain import replies
from poa_tickets.domain.incoming import Ourselves, Sender, Token, decide
from poa_tickets.domain.vocabulary import MailFate
from poa_tickets.services.incoming import html_words, mail_reading
from poa_tickets.services.incoming.mail_reading import Unreadable
from tests.mail.letters import AUTOMATIC, BOUNCES, HUMAN, letter

REPLY = "Buenos días:\n\nEs de 9 a 14 horas, en la plaza. El cartel ya está impreso.\n\nSaludos"
OWN = Sender(Token.OWN, known=True, directs=True)
US = Ourselves(frozenset({"cs@example.org"}))
SECONDS = 1.0  # of our own work: the machine may be busy with other things


def said(name: str) -> str:
    """The reply as it stands above a signature typed by hand."""
    text = replies.written(mail_reading.read(letter(name)).text)
    return text.removesuffix("\n---\nL.E. Rosa Montaño").removesuffix("\n\nRosa Montaño")


@pytest.mark.parametrize("name", HUMAN)
def test_a_reply_is_read_without_what_it_answers(name):
    assert said(name) == REPLY


@pytest.mark.parametrize("name", HUMAN)
def test_a_reply_is_read_alike_when_the_program_lost_our_line(name):
    raw = letter(name)
    text = mail_reading.read(raw).text
    bare = "\n".join(line for line in text.split("\n") if "##-" not in line)
    found = replies.written(bare)
    assert found.startswith(REPLY)
    if name != "answered_below":  # there, what is ours can only be told by its quotation marks
        assert "Falta información" not in found
        assert "FALTA" not in found


@pytest.mark.parametrize("name", HUMAN)
def test_a_person_who_replies_is_no_machine(name):
    assert decide(mail_reading.read(letter(name)), US, OWN).fate is MailFate.ANSWER


@pytest.mark.parametrize("name", AUTOMATIC)
def test_what_answers_by_itself_never_creates_or_answers(name):
    mail = mail_reading.read(letter(name))
    assert decide(mail, US, OWN).fate is MailFate.AUTOMATIC
    assert decide(mail, US, Sender()).fate is MailFate.AUTOMATIC


@pytest.mark.parametrize("name", [*BOUNCES, "bounce_delayed"])
def test_a_returned_mail_says_which_one_and_whether_for_good(name):
    raw = letter(name, original="<5f1d@example.org>")
    mail = mail_reading.read(raw)
    assert decide(mail, US, Sender()).fate is MailFate.BOUNCE
    report = mail_reading.returned(mail, raw)
    assert "<5f1d@example.org>" in report.ids
    assert report.permanent is (name != "bounce_delayed")


def test_names_addresses_and_subjects_are_read_in_their_letters():
    mail = mail_reading.read(letter("gmail_web", token="abc"))
    assert mail.from_name == "Rosa Montaño"
    assert mail.from_address == "rosa@example.org"
    assert mail.subject == "RE: [CS-2026-00042] Falta información"
    assert "cs+abc@example.org" in mail.recipients
    assert mail.message_id == "<CAB3k=1aQ@mail.gmail.com>"
    assert "<5f1d0c9b7a@example.org>" in mail.references
    assert mail.sent_at is not None
    assert mail.sent_at.isoformat() == "2026-11-23T16:12:31+00:00"


def test_files_come_along_and_keep_their_names():
    mail = mail_reading.read(letter("new_mail"))
    assert [file.name for file in mail.attachments] == ["programa.exe", "cartel_vacunación.png"]
    assert mail.attachments[1].content.startswith(b"\x89PNG")
    assert replies.whole(mail.text).startswith("Buen día: el sábado 28")


@pytest.mark.parametrize(
    ("sender", "fate"),
    [
        (Sender(), MailFate.QUARANTINED),
        (Sender(known=True), MailFate.QUARANTINED),
        (Sender(known=True, directs=True), MailFate.DRAFT),
        (Sender(Token.ELSEWHERE, known=True, directs=True), MailFate.QUARANTINED),
        (Sender(Token.FORGED, known=True, directs=True), MailFate.QUARANTINED),
        (Sender(Token.OWN, known=True), MailFate.ANSWER),
        (Sender(Token.OWN), MailFate.QUARANTINED),
    ],
    ids=["stranger", "staff", "director", "anothers-token", "forged", "own-token", "closed-account"],
)
def test_who_wrote_decides(sender, fate):
    verdict = decide(mail_reading.read(letter("new_mail")), US, sender)
    assert verdict.fate is fate
    assert verdict.reason or fate in (MailFate.DRAFT, MailFate.ANSWER)


@pytest.mark.parametrize(
    ("results", "fate"),
    [
        (["mx.example.org; dmarc=pass"], MailFate.ANSWER),
        (["mx.example.org; spf=softfail; dkim=none"], MailFate.ANSWER),
        (["mx.example.org; spf=fail; dkim=pass header.d=example.org"], MailFate.ANSWER),
        (["mx.example.org; spf=fail; dkim=none"], MailFate.QUARANTINED),
        (["mx.example.org; dkim=pass; dmarc=fail"], MailFate.QUARANTINED),
        (["mx.example.org; spf=fail", "forged.example; dkim=pass; dmarc=pass"], MailFate.QUARANTINED),
    ],
)
def test_a_sender_whom_the_mail_server_disproves_waits_for_a_person(results, fate):
    raw = letter("gmail_web").replace(
        b"Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=rosa@example.org; dkim=pass header.d=example.org\r\n",
        "".join(f"Authentication-Results: {line}\r\n" for line in results).encode(),
    )
    assert decide(mail_reading.read(raw), US, OWN).fate is fate


@pytest.mark.parametrize(
    "us",
    [
        Ourselves(frozenset({"rosa@example.org"})),
        Ourselves(sent_by_us=True),
        Ourselves(mark="ours"),
    ],
    ids=["address", "message-id", "mark"],
)
def test_our_own_mail_is_a_loop(us):
    raw = letter("gmail_web").replace(b"Subject:", b"X-Poa-Tickets: ours\r\nSubject:", 1)
    assert decide(mail_reading.read(raw), us, OWN).fate is MailFate.LOOP


def test_our_mark_in_a_foreign_hand_opens_nothing():
    raw = letter("new_mail").replace(b"Subject:", b"X-Poa-Tickets: theirs\r\nX-Role: head\r\nSubject:", 1)
    assert decide(mail_reading.read(raw), Ourselves(mark="ours"), Sender()).fate is MailFate.QUARANTINED


NEST = 28
HOSTILE = {
    "no-header": b"\r\nHola\r\n",
    "nothing": b"",
    "binary": bytes(range(256)) * 40,
    "bad-charset": b"From: a@example.org\r\nContent-Type: text/plain; charset=x-unknown-9\r\n\r\nHola \xf1\r\n",
    "bad-encoding": b"From: a@example.org\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n====\r\n",
    "no-end": b"From: a@example.org\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nHola",
    "no-boundary": b"From: a@example.org\r\nContent-Type: multipart/mixed\r\n\r\n--x\r\n\r\nHola",
    "nul": b"From: a\x00@example.org\r\nSubject: \x00\x00\r\n\r\nHo\x00la\r\n",
    "injection": b"From: =?utf-8?Q?A=0D=0ABcc:_x@example.org?= <a@example.org>\r\nSubject: =?utf-8?Q?a=0D=0ATo:_b?=\r\n\r\nx",
    "many-from": b"From: " + b"a@example.org, " * 9000 + b"\r\n\r\nHola",
    "bad-date": b"From: a@example.org\r\nDate: Mon, 99 Nob 20266 99:99\r\n\r\nHola",
    "bad-id": b"From: a@example.org\r\nMessage-ID: <a b c\r\n\r\nHola",
    "long-header": b"From: a@example.org\r\nSubject: " + b"x" * 300_000 + b"\r\n\r\nHola",
    "bad-word": b"From: a@example.org\r\nSubject: =?utf-8?B?%%%?= =?x?Q?=ZZ?=\r\n\r\nHola",
    "brackets": b'From: <<<<>>>>@@,,;;\r\nTo: """@(((\r\n\r\nHola',
    "nested": b"From: a@example.org\r\n"
    + b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(NEST)
    )
    + b"\r\nHola",
    "mail-in-mail": b"From: a@example.org\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 150 + b"Hola",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_mail_that_means_harm_is_read_as_far_as_it_can_be(name):
    started = time.process_time()
    mail = mail_reading.read(HOSTILE[name])
    replies.written(mail.text)
    decide(mail, US, Sender())
    assert time.process_time() - started < SECONDS
    for text in (mail.from_address, mail.from_name, mail.subject, mail.text, mail.message_id):
        assert "\x00" not in text
        text.encode()
    for line in (mail.from_address, mail.from_name, mail.subject):
        assert not set(line) & {"\r", "\n"}


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a@example.org\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        + b"--x\r\nContent-Type: text/plain\r\n\r\nHola\r\n" * 10_000,
        b"From: a@example.org\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        + b"--x\r\n\r\nHola\r\n" * 10_000,
        b"From: a@example.org\r\n"
        + b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(900)
        ),
        b"From: a@example.org\r\n\r\n" + b"x" * (30 * 1024 * 1024),
    ],
    ids=["10,000-parts", "10,000-nameless-parts", "900-deep", "30-megabytes"],
)
def test_a_mail_that_is_too_much_is_refused_with_its_reason(raw):
    started = time.process_time()
    with pytest.raises(Unreadable) as refused:
        mail_reading.read(raw)
    assert time.process_time() - started < 4 * SECONDS
    assert refused.value.sentence
    assert mail_reading.head(raw).from_address == "a@example.org"


EVIL = (
    "<" * 90_000,
    "<!--" * 20_000,
    "<style>" * 12_000,
    "<a " + "x=" * 40_000,
    "&" * 90_000,
    "&#" * 40_000,
    "> " * 45_000,
    "- " * 45_000,
    "-" * 90_000 + "x",
    " " * 90_000 + "x",
    "El " * 30_000,
    "El 1\n" * 20_000,
    "De: x\n" * 15_000,
    "Enviado desde " * 6_000,
    "##-" * 30_000,
    "\n" * 90_000 + "x",
    "1/1" * 30_000,
)


@pytest.mark.parametrize("text", EVIL, ids=[evil[:8] for evil in EVIL])
def test_no_text_keeps_the_reader_busy(text):
    started = time.process_time()
    html_words.text(text)
    replies.written(text)
    replies.whole(text)
    assert time.process_time() - started < SECONDS


def test_html_gives_its_words_and_nothing_that_runs():
    words = html_words.text(
        "<style>p{}</style><script>alert(1)</script><p>Uno &amp; dos</p><img src=x onerror=alert(1)><div>tres<br>cuatro</div>"
    )
    assert words == "Uno & dos\n\ntres\ncuatro"


def test_letters_that_are_longer_when_small_shift_nothing():
    words = html_words.text("<p>İİİ</p><STYLE>p{}</STYLE>Hola <!-- a > b -->mundo")
    assert words == "İİİ\nHola mundo"


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("Sí.\n\nOn Mon, Nov 23, 2026 at 10:00 AM X <x@example.org> wrote:\n> a", "Sí."),
        ("Sí.\nSent from my iPhone", "Sí."),
        ("Sí.\n-- \nRosa\nDirectora", "Sí."),
        ("De: la plaza a la escuela\nsale el recorrido", "De: la plaza a la escuela\nsale el recorrido"),
        (
            "El lunes a las 10 llega Juan.\nÉl escribió:\nnada",
            "El lunes a las 10 llega Juan.\nÉl escribió:\nnada",
        ),
        ("Uno\n> pregunta\nDos", "Uno\n> pregunta\nDos"),
        ("", ""),
        ("##- Para responder, escriba arriba de esta línea. -##\nx", "x"),
    ],
)
def test_what_is_not_a_quotation_stays(text, reply):
    assert replies.written(text) == reply
