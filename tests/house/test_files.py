"""Files stay small, finished, and free of the machine they were written on."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.house.source import ROOT, name, python_files

LONGEST = 450
# Written apart, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
MACHINE = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/|[A-Z]:\\\\Users")
TEXT = {
    ".py",
    ".html",
    ".txt",
    ".md",
    ".toml",
    ".cfg",
    ".css",
    ".js",
    ".sh",
    ".ini",
    ".mako",
    ".conf",
    ".po",
    "",
}


def own_files() -> list[Path]:
    """What is under version control, or would be; without git, everything that is not a by-product."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        listed = [name(path) for path in python_files("poa_tickets", "tests", "bench", "migrations")]
    paths = [
        ROOT / line for line in listed if "static/vendor" not in line and not line.startswith("requirements")
    ]
    return [path for path in paths if path.suffix in TEXT and path.is_file() and not path.is_symlink()]


def test_a_file_can_be_read_in_one_sitting():
    lengths = {
        name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files("poa_tickets")
    }
    too_long = {path: length for path, length in lengths.items() if length > LONGEST}
    assert not too_long, "split it by what its parts are about"


def test_nothing_is_left_for_later():
    found = [
        f"{name(path)}:{number}: {line.strip()}"
        for path in own_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert not found, "finish it or file it:\n" + "\n".join(found)


def test_no_file_names_a_path_of_somebodys_machine():
    found = [
        f"{name(path)}:{number}: {line.strip()}"
        for path in own_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if MACHINE.search(line) and path != Path(__file__)
    ]
    assert not found, "make it relative, or a setting:\n" + "\n".join(found)


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_with_hashes_and_names_no_index(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index-url" not in text.replace("--no-emit-index-url", "")
    for block in re.split(r"\n(?=\S)", text):
        if not block.startswith("#"):
            assert "==" in block.splitlines()[0]
            assert "--hash=sha256:" in block
