"""What the pages weigh over the wire, as a browser counts it: 150 KB the first time, 20 KB each page after."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser

FIRST, LATER = 150_000, 20_000
# The fullest state of each page: long lists, two products, a conversation, an event whose day is known.
PAGES = {
    "nobody": ("/entrar",),
    "director": (
        "/",
        "/mis-solicitudes",
        "/solicitudes/nueva",
        "/solicitudes/{rate}",
        "/solicitudes/{accept_agreement}",
        "/agenda",
        "/agenda/respuestas/{week}",
    ),
    "staff": (
        "/mi-dia",
        "/cola",
        "/cola?vista=todas",
        "/solicitudes/{cover}",
        "/solicitudes/oficio",
        "/agenda",
        "/agenda/mes",
        "/agenda/lista",
        "/agenda/carga",
        "/agenda/eventos/{event}",
    ),
    "head": (
        "/",
        "/indicador",
        "/indicador/folios",
        "/plan",
        "/avisos",
        "/ajustes",
        "/ajustes/personas",
        "/ajustes/correos",
    ),
}


class Scales:
    """Adds up what a page's requests brought, headers and all, as Chromium received it.

    Photographs that people uploaded are what they came for, and wait until they are scrolled to: not the page's.
    """

    def __init__(self, page: Any) -> None:
        self.bytes = 0
        self._under_way: set[str] = set()
        self._photographs: set[str] = set()
        wire = page.context.new_cdp_session(page)
        wire.on("Network.requestWillBeSent", self._note)
        wire.on("Network.loadingFinished", self._add)
        wire.on("Network.loadingFailed", self._end)
        wire.send("Network.enable")

    def _note(self, event: dict[str, Any]) -> None:
        self._under_way.add(event["requestId"])
        if event["request"]["url"].endswith("/miniatura"):
            self._photographs.add(event["requestId"])

    def _add(self, event: dict[str, Any]) -> None:
        if event["requestId"] not in self._photographs:
            self.bytes += event["encodedDataLength"]
        self._end(event)

    def _end(self, event: dict[str, Any]) -> None:
        self._under_way.discard(event["requestId"])

    def weigh(self, page: Any, path: str) -> int:
        self.bytes = 0
        page.goto(path)
        page.evaluate("() => new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn)))")
        while self._under_way:  # a script may have asked for more
            page.wait_for_timeout(5)
        return int(self.bytes)


@pytest.mark.parametrize("who", PAGES)
def test_a_first_visit_and_each_page_after_it_are_light(sample, browser, who):
    context = browser.new_context(base_url=sample.server.url, viewport={"width": 360, "height": 740})
    if who != "nobody":
        context.add_cookies(sample.cookie(who))
    page = context.new_page()
    scales = Scales(page)
    paths = [sample.filled(path, who) for path in PAGES[who]]
    first = scales.weigh(page, paths[0])
    assert 20_000 < first <= FIRST, f"{paths[0]} weighs {first} bytes with all it needs"
    later = {path: scales.weigh(page, path) for path in paths}
    context.close()
    assert {path: weight for path, weight in later.items() if weight > LATER} == {}
    assert min(later.values()) > 1_000
