"""``python -m tests.mail.bad_server PORT LOG RATES``: a mail server in a process of its own that behaves badly on purpose.

RATES are JSON: shares of mails that are taken and then answered by a cut line (``drop``), put off (``defer``), answered
late (``sleep``), and of Message-IDs that are refused for good each time they come (``refuse``). Each mail is written to
LOG, with what became of it, before it is answered.
"""

from __future__ import annotations

import asyncio
import email
import hashlib
import json
import random
import sys
import threading
import time
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

ANSWERS = {"defer": "451 4.7.1 Greylisted, try again later", "refuse": "550 5.7.1 Not welcome"}


class BadServer:
    """Takes, cuts, puts off, sleeps and refuses; the same seed, the same dice."""

    def __init__(self, log: Path, rates: dict[str, float]) -> None:
        self.log, self.rates, self.dice = log.open("a"), rates, random.Random(7)

    def fate(self, message_id: str) -> str:
        """What becomes of a mail this time. A refusal belongs to the mail itself."""
        share = int(hashlib.sha256(message_id.encode()).hexdigest()[:8], 16) / 2**32
        if share < self.rates.get("refuse", 0):
            return "refuse"
        thrown = self.dice.random()
        for name in ("drop", "defer", "sleep"):
            thrown -= self.rates.get(name, 0)
            if thrown < 0:
                return name
        return "take"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        message_id = str(email.message_from_bytes(envelope.content)["Message-ID"])
        fate = self.fate(message_id)
        if fate == "sleep":
            await asyncio.sleep(self.dice.uniform(0.1, 1.0))
        told: dict[str, Any] = {"id": message_id, "to": envelope.rcpt_tos[0], "fate": fate, "at": time.time()}
        self.log.write(json.dumps(told) + "\n")
        self.log.flush()
        if fate == "drop":
            assert server.transport is not None
            server.transport.abort()
        return ANSWERS.get(fate, "250 OK")


def main() -> None:
    port, log, rates = int(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])
    Controller(BadServer(log, rates), hostname="127.0.0.1", port=port).start()
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
