"""Somebody at a browser, who finds things by what is written on them and never by how they are built.

Every page somebody looks at is inspected on the way: one heading, at most one primary button, nothing that
scrolls sideways at either width.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect
from pypdf import PdfReader

from tests.browsing import HEIGHTS, keep_screenshot

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

PASSWORD = "una contraseña larga"


class Someone:
    """One person in one browser; ``shots`` is the folder that keeps what they see, None for none."""

    def __init__(self, page: Page, shots: Path | None = None, journey: str = "") -> None:
        self.page = page
        self.main = page.get_by_role("main")
        self._shots, self._journey, self._step = shots, journey, 0

    def goes_to(self, path: str) -> None:
        self.page.goto(path)

    def signs_in(self, email: str, password: str = PASSWORD) -> None:
        self.writes("Correo", email)
        self.writes("Contraseña", password)
        self.takes_the_step("Entrar")

    def writes(self, label: str, text: str) -> None:
        self._field(label).fill(text)

    def chooses(self, label: str, option: str) -> None:
        self._field(label).select_option(label=option)

    def ticks(self, words: str) -> None:
        """A box or a round choice, by the first words beside it."""
        name = re.compile(f"^{re.escape(words)}(?![a-zñáéíóú])")
        self.main.get_by_role("checkbox", name=name).or_(self.main.get_by_role("radio", name=name)).check()

    def attaches(self, label: str, *files: dict[str, Any]) -> None:
        self._field(label).set_input_files(list(files))

    def presses(self, words: str) -> None:
        """A quiet button or a link of the page."""
        self._called(self.main, words).click()

    def unfolds(self, words: str) -> None:
        self.main.locator("summary").filter(has_text=words).click()

    def opens_from_the_menu(self, words: str) -> None:
        self.page.get_by_role("navigation", name="Principal").get_by_role("link", name=words).click()

    def takes_the_step(self, words: str) -> None:
        """The page's one primary button; there must be no second."""
        primary = self.main.locator(".btn-primary").filter(visible=True)
        expect(primary).to_have_count(1)
        expect(primary).to_have_text(words)
        self._called(self.main, words).and_(primary).click()

    def link(self, words: str) -> Locator:
        return self.main.get_by_role("link", name=words).first

    def opens_the_paper(self, words: str) -> bytes:
        """What a link to a PDF gives; the browser under test has no window to show it in."""
        answer = self.page.request.get(self._called(self.main, words).get_attribute("href") or "")
        assert answer.headers["content-type"] == "application/pdf"
        return answer.body()

    def value_of(self, label: str) -> str:
        return self._field(label).input_value()

    def reads(self, *sentences: str) -> None:
        for sentence in sentences:
            expect(self.main.get_by_text(sentence).filter(visible=True).first).to_be_visible()

    def stands_at(self, stage: str) -> None:
        """What the stepper says."""
        expect(
            self.main.get_by_label("Etapas").get_by_role("listitem").and_(self._current())
        ).to_contain_text(stage)

    def looks(self, step: str) -> None:
        """Inspect the page. Who keeps pictures does so at both widths."""
        self._step += 1
        expect(self.page.get_by_role("heading", level=1)).to_have_count(1)
        self._inspect(step)
        if self._shots:
            before = self.page.viewport_size
            for width, height in HEIGHTS.items():
                self.page.set_viewport_size({"width": width, "height": height})
                self._inspect(step)
                keep_screenshot(self.page, self._shots, f"{self._journey}-{self._step:02}-{step}-{width}")
            self.page.set_viewport_size(before)

    def _inspect(self, step: str) -> None:
        width = self.page.evaluate("innerWidth")
        scrolls = self.page.evaluate("document.documentElement.scrollWidth")
        assert scrolls <= width, f"{step}: the page is {scrolls} wide on a screen of {width}"
        primary = self.main.locator(".btn-primary").filter(visible=True).count()
        assert primary <= 1, f"{step}: {primary} primary buttons"

    def _field(self, label: str) -> Locator:
        name = re.compile(rf"^\s*{re.escape(label)}(\s+\(opcional\))?\s*$")
        return self.main.get_by_label(name).and_(self.page.locator("input, select, textarea"))

    def _current(self) -> Locator:
        return self.page.locator("[aria-current=step]")

    @staticmethod
    def _called(place: Locator, words: str) -> Locator:
        button = place.get_by_role("button", name=words, exact=True)
        return button.or_(place.get_by_role("link", name=words, exact=True))


def file(name: str, content: bytes, mime: str = "") -> dict[str, Any]:
    """A file as somebody's telephone hands it over."""
    kinds = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}
    return {"name": name, "mimeType": mime or kinds[name.rpartition(".")[2]], "buffer": content}


def words_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
