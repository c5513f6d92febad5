"""Every page that can be reached, as each role and as nobody, is written in one language from top to bottom."""

from __future__ import annotations

import io
import re
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import pytest
from openpyxl import load_workbook
from werkzeug.exceptions import HTTPException

from poa_tickets.extensions import clock, db
from poa_tickets.services import invitations, setup
from poa_tickets.web import language
from tests.web.acting import client_of, fields_of, let_act
from tests.web.bilingual import HTML_LANG, Town, faults, read
from tests.web.bilingual_agenda import agenda_of, links_of

pytestmark = pytest.mark.databases("sqlite")

# Pages without words of ours, or that a test of their own reads.
ELSEWHERE = {
    "static", "security.static", "branding.theme", "branding.shield", "media.download", "media.inline", "health.show",
    "receipts.pdf", "agreements.pdf", "security.us_verify_link", "security.two_factor_token_validation",
    "security.mf_recovery", "security.tf_select", "security.reset_password", "security.us_setup",
    "security.two_factor_rescue", "security.wan_delete", "calendars.feed", "silent_letters.file",
    "incoming.original", "links.file", "links.small",
}  # fmt: skip
OFTEN = {
    "tickets.show": 99,
    "mailings.sample": 5,
    "links.show": 99,
    "agreements.index": 99,
    "queue.index": 14,
    "indicators.folios": 8,
}
LEAVES = {"security.logout", "account.end_session", "account.end_other_sessions"}
STARTS = (
    "/",
    "/salud-no",
    "/entrar/llave",
    "/cuenta/confirmar-llave",
    "/cuenta/confirmar",
    "/cuenta/codigos",
    "/solicitudes/CS-2020-00001",
    "/solicitudes/nueva/dia?event_day=2030-05-06",
    "/solicitudes/nueva/parecidas?title=Zyx",
    "/ajustes/correos/semana/muestra",
    "/ajustes/correos/jefatura/muestra",
)


class Visitor:
    """Goes wherever the pages lead, and sends back each form as it came, empty."""

    def __init__(self, app: Any, client: Any, spoken: str) -> None:
        self.app, self.client, self.spoken = app, client, spoken
        self.adapter = app.url_map.bind("localhost")
        self.seen: Counter[str] = Counter()
        self.gone: set[str] = set()
        self.forms: dict[str, tuple[str, str]] = {}
        self.wrong: dict[str, str] = {}

    def endpoint(self, address: str, method: str = "GET") -> str:
        try:
            return self.adapter.match(urlsplit(address).path, method=method)[0]
        except HTTPException:
            return ""

    def walk(self, *starts: str) -> None:
        waiting = list(starts)
        while waiting:
            address = waiting.pop(0)
            name = self.endpoint(address)
            if address in self.gone or self.seen[name] >= OFTEN.get(name, 2) or name in ELSEWHERE:
                continue
            self.gone.add(address)
            self.seen[name] += 1
            answer = self.client.get(address)
            if answer.location:
                waiting.insert(0, answer.location)
            else:
                waiting += self.look(answer, address)

    def look(self, answer: Any, address: str) -> list[str]:
        """Read an answer; the addresses it leads to."""
        assert answer.status_code < 500, address
        if answer.content_type.startswith("text/csv"):
            self.judge(answer.text.lstrip("\ufeff").replace("\r\n", ",").split(","), address)
        elif "spreadsheet" in answer.content_type:
            book = load_workbook(io.BytesIO(answer.data), read_only=True)
            cells = [
                str(cell)
                for sheet in book
                for row in sheet.iter_rows(values_only=True)
                for cell in row
                if cell
            ]
            self.judge([*book.sheetnames, *cells], address)
        elif answer.content_type.startswith("text/html") and answer.text.strip():
            page = read(answer.text)
            assert page.language in ("", HTML_LANG[self.spoken]), address
            self.judge(page.texts, address)
            for action in re.findall(r'<form[^>]*method="post"[^>]*>', answer.text):
                target = re.search(r'action="([^"]+)"', action)
                where = target[1].replace("&amp;", "&") if target else address
                self.forms.setdefault(self.endpoint(where, "POST"), (where, address))
            # What is sent somewhere may be asked for there, too: after signing in again, say.
            return [a.replace("&amp;", "&") for a in re.findall(r'(?:href|action)="(/[^"#]*)', answer.text)]
        return []

    def judge(self, texts: list[str], address: str) -> None:
        for text in texts:
            said = faults(text, self.spoken)
            if said:
                self.wrong.setdefault(f"{text} {said}", address)

    def send_everything_empty(self) -> None:
        for name, (where, page) in list(self.forms.items()):
            if name in LEAVES or not name:
                continue
            hidden = {
                k: v
                for k, v in fields_of(self.client.get(page).text).items()
                if k in ("csrf_token", "version")
            }
            answer = self.client.post(where, data=hidden)
            self.look(self.client.get(answer.location) if answer.location else answer, f"POST {where}")


def strangers_pages(town: Town) -> list[str]:
    invited = invitations.issue(town.director, now=clock())
    token = town.receipt_token()
    db.session.commit()
    return [
        "/entrar",
        "/no-hay",
        f"/invitacion/{invited.token}",
        f"/acuse/{token}",
        "/acuse/no-hay",
        "/recuperar/no-hay",
    ]


@pytest.mark.parametrize("spoken", list(language.LANGUAGES))
def test_no_page_mixes_its_words(app, spoken):
    set_up = setup.first_start_link("")
    fresh = app.test_client()
    fresh.set_cookie(language.NAME, spoken)
    before = Visitor(app, fresh, spoken)
    before.walk(set_up, "/")
    before.send_everything_empty()
    let_act(app)
    town = Town()
    visitors = [before, Visitor(app, fresh, spoken)]
    visitors[1].walk(*strangers_pages(town))
    for person in town.people:
        person.language = spoken
    db.session.commit()
    edition, agenda = town.edition(), agenda_of(town)
    mailed = Visitor(app, app.test_client(), spoken)
    mailed.walk(*links_of(town))
    visitors.append(mailed)
    for person in town.people:
        visitor = Visitor(app, client_of(app, person), spoken)
        paths = [f"/solicitudes/{folio}" for folio in town.tickets]
        visitor.walk(*STARTS, *paths, f"{paths[1]}/recibida", edition, *agenda)
        visitors.append(visitor)
    for visitor in visitors[1:]:
        visitor.send_everything_empty()

    wrong = {f"{page}: {text}" for visitor in visitors for text, page in visitor.wrong.items()}
    assert not wrong, "\n".join(["wrap these in gettext, or translate them:", *sorted(wrong)])
    reached = {name for visitor in visitors for name in visitor.seen}
    pages = {r.endpoint for r in app.url_map.iter_rules() if "GET" in (r.methods or ())} - ELSEWHERE
    assert pages <= reached, (
        f"no page leads to {pages - reached}: add an address to STARTS, or say who reads it in ELSEWHERE"
    )
