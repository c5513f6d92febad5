"""A real Chromium on a real server: `live_server`, `browser` and `open_page`.

`open_page(path, width=360, javascript=False)` gives a Playwright page, in Mexican Spanish, on the running
program. Whatever the browser's console calls an error, a broken security policy first of all, fails the test.
Wait with locators: `page.wait_for_function` evaluates text, which the policy forbids.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

HEIGHTS = {360: 740, 1280: 900}
# Of two such switches the last one counts, so Playwright's own are named again: ``QUIET`` goes without what it turns
# off, without the address bar's pages, which took half of each new window's time, and without a process to spare.
QUIET = (
    "--no-sandbox",
    "--disable-features=AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,"
    "HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,"
    "AvoidCorsURLLoaderRestartOnRedirect,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch,"
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,SpareRendererForSitePerProcess",
)
PATIENCE = 20_000  # milliseconds: a busy machine is slow, and only a failing test waits so long


class LiveServer:
    """The application as people get it, but for its worker, in threads of this process."""

    def __init__(self, app: Any) -> None:
        from poa_tickets.serving import Serving

        self.app = app
        self._serving = Serving(app, threading.Event.wait, host="127.0.0.1", port=0, threads=4)
        self.url = f"http://127.0.0.1:{self._serving.server.effective_port}"
        self._thread = threading.Thread(target=self._serving.run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._serving.stop()
        self._thread.join(timeout=5)


@pytest.fixture
def live_server(app: Any) -> Iterator[LiveServer]:
    server = LiveServer(app)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def open_site(browser: Browser) -> Iterator[Callable[..., Page]]:
    """``open_site(url, path)``: the same for any running program."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_path(
        url: str, path: str = "/", *, width: int = 1280, javascript: bool = True, **options: Any
    ) -> Page:
        context = browser.new_context(
            base_url=url,
            locale="es-MX",
            timezone_id="America/Mexico_City",
            viewport={"width": width, "height": HEIGHTS.get(width, 900)},
            java_script_enabled=javascript,
            reduced_motion="reduce",
            **options,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(path)
        return page

    yield open_path
    for context in contexts:
        context.close()
    # A page that answers 4xx on purpose is written to the console too; that is no fault of the page.
    faults = [text for text in errors if "Failed to load resource" not in text]
    assert not faults, "the browser complained:\n" + "\n".join(faults)


@pytest.fixture
def open_page(open_site: Callable[..., Page], live_server: LiveServer) -> Callable[..., Page]:
    return partial(open_site, live_server.url)


# A page is looked at narrow and wide, in light and in dark. Its colours, which take axe-core four fifths of its time,
# only the first of the two ways: the schemes share everything else, and all pages share their colours.
WAYS = (
    ((360, "light"), (1280, "dark")),
    ((1280, "dark"), (360, "light")),
    ((360, "dark"), (1280, "light")),
    ((1280, "light"), (360, "dark")),
)


def accessibility_violations(page: Page, turn: int = 0) -> list[str]:
    """What axe-core finds wrong on the page, narrow and wide; one line per finding. Pages take the ways by turns."""
    import axe_playwright_python

    page.evaluate((Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    found = []
    ways = WAYS[turn % len(WAYS)]
    for way in ways:
        width, scheme = way
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        page.emulate_media(color_scheme=scheme)
        rules = {"color-contrast": {"enabled": way is ways[0]}}
        answer = page.evaluate(
            "rules => axe.run(document, {resultTypes: ['violations'], rules}).then(found => found.violations)",
            rules,
        )
        found += [
            f"{width} {scheme} {item['id']}: {node['html'][:160]} {node['failureSummary']}"
            for item in answer
            for node in item["nodes"]
        ]
    return found


def keep_screenshot(page: Page, artefacts: Path, name: str) -> None:
    """The whole page in one picture, on a screen so long that what is fixed at its end stands there."""
    screen = page.viewport_size
    assert screen
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": screen["width"], "height": max(height, screen["height"])})
    page.screenshot(path=artefacts / f"{name}.jpg", type="jpeg", quality=80)
    page.set_viewport_size(screen)
