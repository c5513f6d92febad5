"""A real mail server on a free port, which answers as a test tells it to."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests import ical_strict

Answer = Callable[[int], str]


def free_port() -> int:
    """A port nobody listens on (the controller can't be given port 0)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class MailServer:
    """``answer`` gives the reply to the n-th mail, from 1; "drop" cuts the line after taking the mail.

    ``encryption``: as aiosmtpd's controller takes it; without, it speaks plainly.
    """

    def __init__(self, port: int | None = None, **encryption: Any) -> None:
        self.mails: list[EmailMessage] = []
        self.taken: list[EmailMessage] = []
        self.answer: Answer = lambda count: "250 OK"
        self.refused: set[str] = set()
        self.to_sender = "250 OK"
        self.to_greeting = ""
        self.delay = 0.0
        self.wrong_calendars: list[str] = []
        self._stopped = False
        self.port = port or free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **encryption)
        self._controller.start()

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = None if self.to_greeting else hostname
        return [self.to_greeting] if self.to_greeting else responses

    async def handle_HELO(self, server: SMTP, session: Session, envelope: Envelope, hostname: str) -> str:
        session.host_name = None if self.to_greeting else hostname
        return self.to_greeting or "250 OK"

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.to_sender.startswith("250"):
            envelope.mail_from = address
        return self.to_sender

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        if self.delay:
            await asyncio.sleep(self.delay)
        self.taken.append(mail)
        self.note_calendars(mail)
        answer = self.answer(len(self.taken))
        if answer == "drop":
            self.mails.append(mail)
            assert server.transport is not None
            server.transport.abort()
            return "250 never read"
        if answer.startswith("250"):
            self.mails.append(mail)
        return answer

    def note_calendars(self, mail: EmailMessage) -> None:
        """Every calendar that any test mails is judged by the strict reader."""
        for part in mail.walk():
            if part.get_content_type() in ("text/calendar", "application/ics"):
                content = part.get_payload(decode=True)
                assert isinstance(content, bytes)
                try:
                    ical_strict.check(content)
                except ical_strict.Wrong as wrong:
                    self.wrong_calendars.append(str(wrong))

    def stop(self) -> None:
        if not self._stopped:
            self._controller.stop()
        self._stopped = True
        assert not self.wrong_calendars


def text_of(mail: EmailMessage) -> str:
    """The text part."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(mail: EmailMessage) -> str:
    """The HTML part."""
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())
