"""``make pictures``: the pictures of README and of the manual, taken anew from the sample municipality.

It fills a sample of its own under instance/, so that what one tried in ``make demo`` does not show, and
signs in as each of its people.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.tools import find_chromium  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PORT = int(os.environ.get("PORT", "8009"))
PHONE, DESK = 360, 1280
TALLEST = 1500


@dataclass(frozen=True)
class Picture:
    """One picture: whose page, where it is, what to press on the way, how wide and tall."""

    name: str
    who: str
    path: str
    width: int = DESK
    press: tuple[str, ...] = ()
    tallest: int = TALLEST


PICTURES = (
    Picture("director-inicio", "obras", "/", PHONE),
    Picture("director-nueva", "obras", "/solicitudes/nueva", PHONE, tallest=1000),
    Picture("director-solicitud", "ecologia", "/mis-solicitudes", PHONE, ("main table tbody a >> nth=0",)),
    Picture("personal-mi-dia", "foto", "/mi-dia", PHONE),
    Picture("director-semana", "cultura", "/agenda/mi-semana", PHONE),
    Picture("personal-agenda", "prensa", "/agenda"),
    Picture("personal-carga", "prensa", "/agenda/carga", tallest=1000),
    Picture("jefatura-respuestas", "jefatura", "/agenda/respuestas", tallest=1000),
    Picture("jefatura-correos", "jefatura", "/ajustes/correos/semana/muestra", PHONE),
    Picture("personal-cola", "prensa", "/cola", tallest=1000),
    Picture("personal-solicitud", "prensa", "/cola?vista=por-elegir", press=("main table tbody a >> nth=0",)),
    Picture("personal-oficio", "prensa", "/solicitudes/oficio", PHONE),
    Picture("jefatura-inicio", "jefatura", "/"),
    Picture("jefatura-indicador", "jefatura", "/indicador?periodo=2026-Q3"),
    Picture("jefatura-catalogo", "jefatura", "/ajustes/catalogo", tallest=1000),
    Picture("revision-folios", "contraloria", "/indicador?periodo=2026-Q3", press=("text=Ver folios",)),
    Picture("revision-plan", "contraloria", "/plan", tallest=1000),
)


def main() -> int:
    """Start the sample, take every picture, stop it."""
    password = secrets.token_urlsafe(12)
    environ = {
        **os.environ,
        "PORT": str(PORT),
        "POA_DEMO_PASSWORD": password,
        "INSTANCE_PATH": str(ROOT / "instance" / "pictures"),
    }
    chromium = find_chromium()
    if chromium is None:
        print("Chromium is missing: apt-get install chromium", file=sys.stderr)
        return 1
    server = subprocess.Popen([sys.executable, "-m", "poa_tickets.server", "--demo"], cwd=ROOT, env=environ)
    try:
        wait_for(server)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for picture in PICTURES:
                take(browser, picture, password)
            browser.close()
    finally:
        server.terminate()
        server.wait()
    return 0


def wait_for(server: subprocess.Popen[bytes]) -> None:
    """Until it answers; filling the sample takes a minute."""
    while server.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/salud", timeout=5).close()
            return
        except OSError:
            time.sleep(1)
    raise SystemExit("the sample municipality did not start")


def take(browser: Browser, picture: Picture, password: str) -> None:
    """One picture, signed in as its person."""
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{PORT}",
        viewport={"width": picture.width, "height": 800},
        locale="es-MX",
        timezone_id="America/Mexico_City",
        color_scheme="light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto("/entrar")
    page.fill("#email", f"{picture.who}@example.org")
    page.fill("#password", password)
    page.press("#password", "Enter")
    page.wait_for_url(lambda address: "entrar" not in address)
    page.goto(picture.path)
    for target in picture.press:
        page.click(target)
        page.wait_for_load_state()
    save(page, picture)
    context.close()


def save(page: Page, picture: Picture) -> None:
    """Few colours are enough for screens, and keep the repository light."""
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": picture.width, "height": min(height, picture.tallest)})
    with Image.open(BytesIO(page.screenshot())) as image:
        path = ROOT / "docs" / "pictures" / f"{picture.name}.png"
        path.parent.mkdir(exist_ok=True)
        image.convert("RGB").quantize(96).save(path, optimize=True)
    print(path.relative_to(ROOT), flush=True)


if __name__ == "__main__":
    sys.exit(main())
