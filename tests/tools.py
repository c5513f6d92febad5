"""What the machine offers to the tests, and what happens when it does not."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest

IN_CI = os.environ.get("CI") == "true"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, BROWSERS)), None)


def missing_tool(tool: str, command: str) -> NoReturn:
    """Skips the test, or fails it in CI: there, a test that cannot run must not look like one that passed."""
    message = f"this machine lacks {tool}; type: {command}"
    if IN_CI:
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
