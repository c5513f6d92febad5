"""What no form expects, where each form of the program stands, and what its answer says."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import quote_plus

from tests.web.doors import Door, doors, filled
from tests.web.forms_of import Field, FoundForm, form_for
from tests.web.test_doors import state
from tests.web.world import LINK, READERS, World

Values = dict[str, list[bytes]]
File = tuple[str, str, bytes]

# Text that looks like something else: a formula, a script, a right-to-left mark, an emoji, a template, a quote; and a
# zero byte, half a character of UTF-16 and a byte that is no UTF-8 at all.
ODD = b"=1<script>\xe2\x80\xae\xf0\x9f\x98\x80{{7}}'\"\x00\xed\xa0\x80\xff"
LONG = b"A" * 100_000
# The first two are for every database.
NOT_BY_SORT: dict[str, tuple[bytes, ...]] = {
    "date": (b"9999-12-31", b"0001-01-01", b"2026-02-30", b"31/12/2026", ODD),
    "time": (ODD, b"25:00", b"medianoche"),
    "number": (b"9" * 12, b"1.5", b"-1", b"diez", ODD, b"1" * 5000),
    "choice": (b"9" * 12, b"otro", ODD, b"1" * 5000, b"-1"),
}
CHOICES = ("select", "radio", "checkbox")
WORDS = ("text", "textarea", "tel", "email", "password")
READABLE = ("text", "textarea", "tel", "email", "date", "time", "number")
OF_THE_PAGE = ("csrf_token", "idempotency_key", "version", "was")
NOT_SPANISH = re.compile(
    r"\b(the|field|invalid|valid|must|required|value|choice|token|missing|password|submit|none|null|undefined"
    r"|exception|traceback|[45]\d\d|\w+Error)\b|[a-z]_[a-z]|%\(|\de\+",
    re.IGNORECASE,
)

# Forms that do not stand on the page they are sent to.
STANDS = {
    "/entrar/enlace/mandar": "/entrar/enlace",
    "/cuenta/confirmar-enlace/mandar": "/cuenta/confirmar-enlace",
    "/cola/encargar": "/cola",
    "/solicitudes/{new*}/agregar": "/solicitudes/{new*}/agregar?tipo={kind}",
    "/ajustes/dias": "/ajustes",
    "/avisos/recibidos/{mail}/solicitud": "/avisos/recibidos/{mail}",
    "/avisos/recibidos/{mail}/respuesta": "/avisos/recibidos/{mail}",
    "/ajustes/personas/{somebody}/dependencias": "/ajustes/personas/{somebody}",
    "/ajustes/equipo/{resource}/bloquear": "/ajustes/equipo/{resource}",
}
# What is typed there is kept, also when it is refused.
KEEP_DRAFTS = ("/solicitudes/nueva", "/solicitudes/oficio", "/agenda/respuestas/{week}")
# They answer alike whether or not there is such an account.
OF_THE_LIBRARY = ("/entrar", "/recuperar", "/invitacion", "/cuenta/")
# After these there is no such product to do anything to.
SPENT = ("/solicitudes/{new*}/no-se-hara",)
# They act once: what is typed into them is tried in test_links.
ONCE = ("/e/",)
# Buttons beside a form, and what only a step before leads to: they are sent the token and no more.
BUTTONS = (
    "/solicitudes/borrador",
    "/salir",
    "/avisos/{envelope}/reenviar",
    "/avisos/anteriores/descartar",
    "/ausencias/{absence}/quitar",
    "/encargos/{task}/llegada",
    "/encargos/{task}/termino",
    "/encargos/{task}/deshacer",
    "/solicitudes/{new*}/mensaje/999999/deshacer",
    "/cuenta/calendarios/{feed of somebody}/revocar",
    "/agenda/importar/revisar",
    "/agenda/importar/descartar",
    "/ajustes/correos/semana/prueba",
    "/avisos/recibidos/{mail}/descartar",
    "/avisos/recibidos/{mail}/revisar",
    "/ajustes/dias/{day off}/quitar",
    "/ajustes/personas/{somebody}/dependencias/{membership}/quitar",
    "/ajustes/personas/{somebody}/invitar",
    "/cuenta/sesiones/{own session}/cerrar",
    "/cuenta/sesiones/{session of somebody}/cerrar",
    "/cuenta/sesiones/cerrar-otras",
    "/cuenta/enlaces/anular",
    "/ajustes/personas/{somebody}/enlaces/anular",
)


@dataclass(frozen=True)
class Standing:
    """A form of the program: where it is sent, and who fills it."""

    door: Door
    reader: str

    def __str__(self) -> str:
        return self.door.address

    def path(self, world: World) -> str:
        return self.door.path(world, self.reader)

    def draw(self, world: World) -> FoundForm:
        """The form as it stands now; on another request where this one has moved on."""
        form = self._asked(world)
        if form is None:
            self._renew(world)
            form = self._asked(world)
        assert form is not None, f"{self}: no such form on its page"
        return form

    def _renew(self, world: World) -> None:
        if self.door.place:
            world.anew(self.door.place)
        else:
            world.forget(self.reader)
            world.invite_anew()
            world.note_events_anew()
            world.receive_anew()

    def _asked(self, world: World) -> FoundForm | None:
        page = filled(STANDS.get(str(self), str(self)), world.things)
        if self.door.place:
            product = world.things[f"product of {self.door.place}*"]
            page += f"{'&' if '?' in page else '?'}producto={product}"
        client = world.client(self.reader)
        if str(self) in KEEP_DRAFTS:
            world.post(self.reader, str(self), discard="1")
        answer = client.get(page)
        return form_for(answer.text, self.path(world)) if answer.status_code == 200 else None


def in_the_world() -> Iterator[Standing]:
    """Every form that somebody of the world finds on a page; the others open with a secret or after a first step."""
    for door in doors():
        known = next((name for name in READERS[1:] if door.cells[name] == "in"), "stranger")
        reader = "stranger" if door.cells["stranger"] == "in" else known
        apart = door.address in BUTTONS or "/forged" in door.address or door.address.startswith(ONCE)
        if door.method == "POST" and door.cells[reader] == "in" and not apart:
            yield Standing(door, reader)


def filled_in(form: FoundForm, world: World) -> Values:
    """The form as somebody of good will would send it."""
    return {name: [value.encode() for value in _typed(field, world)] for name, field in form.fields.items()}


def _typed(field: Field, world: World) -> list[str]:
    if field.name == "permalink":
        return [LINK]
    if field.name == "event_id":
        return ["0"]  # what the form asks of an event stands only where none of the agenda is chosen
    if field.name in ("ends_at", "to_hour"):
        return ["12:00"]
    if field.name == "last_day":
        return [""]  # another one than the first
    if field.name in ("duplicate_of", "folio") and field.sort == "text":
        return [world.things["new"]]
    if any(value not in ("", "0") for value in field.values):
        return field.values
    if re.match(r"(saturday|sunday)_|questions-\d|k(?!1-)\d+-", field.name):
        return field.values
    if re.match(r"k1-", field.name) and field.sort in ("text", "textarea"):
        return ["3"]
    fresh = secrets.token_hex(4)
    words = {"email": f"{fresh}@example.org", "date": "2026-12-16", "time": "10:00", "number": "3"}
    if field.sort in words:
        return [words[field.sort]]
    if field.sort in ("text", "textarea", "tel"):
        return [f"Texto de prueba {fresh}"]
    if field.sort in ("select", "radio") or field.name in ("kinds", "roles", "photos", "folio"):
        return [value for value in field.offered if value not in ("", "0")][:1]
    return field.values


def encoded(form: FoundForm, values: Values) -> dict[str, Any]:
    """The keywords of ``client.post`` that send these bytes as a browser would send the form."""
    return multipart(values) if _framed(form) else plain(values)


def _framed(form: FoundForm) -> bool:
    return any(field.sort == "file" for field in form.fields.values())


def plain(values: Values) -> dict[str, Any]:
    """Without files."""
    pairs = [f"{quote_plus(name)}={quote_plus(value)}" for name, sent in values.items() for value in sent]
    return {"data": "&".join(pairs), "content_type": "application/x-www-form-urlencoded"}


def multipart(values: Values, files: Iterable[File] = ()) -> dict[str, Any]:
    """With files: name of the field, name of the file, content."""
    mark = secrets.token_hex(8).encode()
    parts = [(f'name="{name}"'.encode(), value) for name, sent in values.items() for value in sent]
    parts += [
        (f'name="{name}"; filename="{file}"\r\nContent-Type: application/pdf'.encode(), content)
        for name, file, content in files
    ]
    framed = [
        b"--%s\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (mark, head, value)
        for head, value in parts
    ]
    kind = f"multipart/form-data; boundary={mark.decode()}"
    return {"data": b"".join(framed) + b"--%s--\r\n" % mark, "content_type": kind}


def read(value: bytes, form: FoundForm) -> str:
    """What the program reads of such bytes: those that are no text stay as they were written, or as a question mark."""
    as_text = value.decode(errors="replace" if _framed(form) else "werkzeug.url_quote")
    return as_text.replace("\x00", "").strip()


def beside(html: str) -> dict[str, str]:
    """The sentences that stand beside fields, by field."""
    found = re.findall(r'<(?:div|p) class="error" id="([^"]+)-e">(.*?)</(?:div|p)>', html, re.DOTALL)
    return {name: bare(text) for name, text in found}


def bare(html: str) -> str:
    """The words of a piece of a page."""
    return " ".join(unescape(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", html, flags=re.DOTALL)).split())


def told(answer: Any, client: Any) -> list[str]:
    """What a refusal says: beside the fields, above the form, on a page of its own, or on the page it leads to."""
    said = []
    if answer.status_code in (302, 303):
        with client.session_transaction() as session:
            said += [text for _kind, text in session.pop("_flashes", [])]
    said += beside(answer.text).values()
    said += [
        bare(found)
        for found in re.findall(r'role="alert".*?</ul>|role="alert".*?</div>', answer.text, re.DOTALL)
    ]
    if answer.status_code >= 400 and not said:
        said.append(bare(answer.text.partition("<main")[2].partition("</main>")[0]))
    return [text.partition(">")[2] or text for text in said]


def send(world: World, form: Standing, found: FoundForm, values: Values, files: Iterable[File] = ()):
    """Send it; whatever the answer is, it is no fault of ours, and a refusal says why and stores nothing."""
    before = state(world)
    made = multipart(values, files) if files else encoded(found, values)
    answer = world.client(form.reader).post(form.path(world), **made)
    assert answer.status_code in (200, 302, 303, 404, 409, 422), answer.status_code
    said = told(answer, world.client(form.reader))
    stored = state(world) != before
    if stored and str(form) in SPENT:
        world.anew(form.door.place)
    if answer.status_code >= 400:
        assert said
        assert not stored or str(form) in KEEP_DRAFTS
    if not stored and not str(form).startswith(OF_THE_LIBRARY):
        assert said, "neither done nor refused"
    for sentence in said:
        assert not NOT_SPANISH.search(sentence), sentence
    if answer.status_code == 422:
        assert_still_typed(answer, form.path(world), found, values)
    return answer


def assert_still_typed(answer, path: str, found: FoundForm, values: Values) -> None:
    again = form_for(answer.text, path)
    for name, field in found.fields.items():
        if field.sort in READABLE and name in values:
            assert again is not None
            shown = again.fields[name].values[0].replace("\r\n", "\n")
            typed = read(values[name][0], found).replace("\r\n", "\n")
            assert shown == typed or (len(values[name]) > 1 and shown.startswith(typed)), name
