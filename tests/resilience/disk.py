"""A disk so small that a test can fill it, mounted where one program sees it and gone when that program ends."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.resilience.program import Program

APART = ("unshare", "--mount") if os.geteuid() == 0 else ("unshare", "--map-root-user", "--mount")
MOUNT = 'mount -t tmpfs -o "size=$1" tmpfs "$2" && cp -a "$3/." "$2" && shift 3 && exec "$@"'


def around(place: Path, size: str) -> tuple[str, ...]:
    """What stands before a program's command line so that ``place``, with what it holds, is a disk of this size."""
    before = place.with_name(f"{place.name}-before")
    place.mkdir(exist_ok=True)
    place.rename(before)
    place.mkdir()
    command = (*APART, "sh", "-c", MOUNT, "sh", size, str(place), str(before))
    try:
        tried = subprocess.run([*command, "true"], capture_output=True, text=True).stderr
    except FileNotFoundError as error:
        tried = str(error)
    if tried:
        pytest.skip(f"this machine lacks a disk to fill: {tried.strip()}")
    return command


class Disk:
    """The disk as the program sees it."""

    def __init__(self, program: Program, place: Path) -> None:
        self.root = Path(f"/proc/{program.process.pid}/root{place}")
        self.filler = self.root / "filler"

    def fill(self) -> None:
        """To the last byte."""
        with self.filler.open("wb", buffering=0) as file:
            try:
                while file.write(b"x" * 4096):
                    pass
            except OSError:
                return

    def make_room(self) -> None:
        self.filler.unlink()

    def files(self, under: str = "") -> list[Path]:
        """What lies there besides, empty folders left aside."""
        found = (self.root / under).rglob("*")
        return [path for path in found if path.is_file() and path != self.filler]
