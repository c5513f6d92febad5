"""Reads ``doors.txt``, the reviewed table of who may pass which door."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.web.world import READERS, World

TABLE = Path(__file__).with_name("doors.txt")
VERDICTS = ("in", "on", "door", "403", "404", "405")
SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Door:
    """One line: a method, an address with the names of the world's things, and what each reader gets."""

    method: str
    address: str
    cells: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.address}"

    def path(self, world: World, reader: str) -> str:
        """The address as this reader would ask for it."""
        return filled(self.address, world.things | {"own session": world.sessions.get(reader, 0)})

    @property
    def place(self) -> str:
        """Where in its course the request stands that the line may change; empty where it names none such."""
        found = re.match(r"/solicitudes/\{(\w+)\*\}", self.address)
        return found[1] if found else ""

    @property
    def has_folio(self) -> bool:
        """Whether the address names a request."""
        return self.address.startswith("/solicitudes/{")


def filled(address: str, things: dict[str, Any]) -> str:
    """An address with its things named."""
    return re.sub(r"\{([^}]+)\}", lambda found: str(things[found[1]]), address)


def doors() -> list[Door]:
    """The whole table."""
    found = []
    for line in TABLE.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        method, rest = line.split(maxsplit=1)
        address, *cells = re.split(r"\s{2,}", rest.strip(), maxsplit=1)
        words = cells[0].split() if cells else []
        assert len(words) == len(READERS), f"{line!r}: {len(READERS)} readers, {len(words)} cells"
        assert set(words) <= set(VERDICTS), line
        found.append(Door(method, address, dict(zip(READERS, words, strict=True))))
    return found


def verdict(method: str, answer: Any) -> str:
    """What an answer means in the words of the table."""
    code = answer.status_code
    if code == 302 and answer.location.startswith("/entrar?next="):
        return "door"
    if code == 302 or (code == 303 and method == "GET"):
        return "on"
    if code == 200 or (method == "POST" and code in (204, 303, 409, 422)):
        return "in"
    return str(code)
