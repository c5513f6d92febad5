"""What every answer carries, whatever it is; and what a request may not talk the program into."""

from __future__ import annotations

import io
import re
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from poa_tickets.domain.permissions import Permission
from poa_tickets.extensions import db
from poa_tickets.store.notices import Envelope
from poa_tickets.store.people import Person
from poa_tickets.web.gate import requires
from tests.signing import token_of
from tests.web.doors import doors, verdict
from tests.web.test_doors import state
from tests.web.world import READERS, World

EVIL = "http://evil.example"
PUBLIC = ("static", "static, as it was", "colour of today", "shield of today", "colour", "shield")

ANSWERS = {
    "page": lambda w: w.client("head").get("/cola"),
    "page of a stranger": lambda w: w.client("stranger").get("/entrar"),
    "door": lambda w: w.client("stranger").get("/cola"),
    "home": lambda w: w.client("staff").get("/"),
    "act": lambda w: w.post("director", f"/solicitudes/{w.things['new*']}/seguir"),
    "draft": lambda w: w.post("director", "/solicitudes/borrador", title="x"),
    "400": lambda w: w.client("director").post("/cuenta"),
    "403": lambda w: w.client("director").get("/cola"),
    "404": lambda w: w.client("director").get("/no-existe"),
    "404 of a request": lambda w: w.client("neighbour").get(f"/solicitudes/{w.things['new']}"),
    "404 of a static file": lambda w: w.client("stranger").get("/static/no-existe.css"),
    "405": lambda w: w.client("director").delete("/cuenta"),
    "409": lambda w: conflict(w),
    "413": lambda w: w.post("director", "/cuenta", name="x" * 3_000_000),
    "422": lambda w: w.post("director", "/cuenta", name=""),
    "library's redirect": lambda w: w.client("stranger").get("/recuperar/forged"),
    "file": lambda w: w.client("director").get(f"/archivos/{w.things['shared file']}"),
    "thumbnail": lambda w: w.client("director").get(f"/archivos/{w.things['shared picture']}/miniatura"),
    "csv": lambda w: w.client("head").get("/cola.csv"),
    "xlsx": lambda w: w.client("head").get("/cola.xlsx"),
    "figures": lambda w: w.client("head").get("/indicador/folios.xlsx"),
    "pdf": lambda w: w.client("director").get(f"/solicitudes/{w.things['new']}/acuse.pdf"),
    "health": lambda w: w.client("stranger").get("/salud"),
    "acuse": lambda w: w.client("stranger").get(f"/acuse/{w.things['receipt']}"),
    "head": lambda w: w.client("head").head("/cola"),
    "options": lambda w: w.client("head").options("/cola"),
    "static": lambda w: w.client("stranger").get("/static/css/app.css"),
    "static, as it was": lambda w: unchanged(w, "/static/css/app.css"),
    "colour": lambda w: w.client("stranger").get("/tema.css"),
    "colour of today": lambda w: w.client("stranger").get("/tema.css?v=1"),
    "shield": lambda w: w.client("stranger").get("/escudo"),
    "shield of today": lambda w: w.client("stranger").get("/escudo?v=1"),
}


def unchanged(world: World, path: str):
    client = world.client("stranger")
    answer = client.get(path, headers={"If-None-Match": client.get(path).headers["ETag"]})
    assert answer.status_code == 304
    return answer


def conflict(world: World):
    answer = world.post(
        "head", f"/solicitudes/{world.things['closed']}/pausar", missing="x", party="requester"
    )
    assert answer.status_code == 409
    return answer


def assert_guarded(answer, *, public: bool = False) -> None:
    """What no answer goes without."""
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    kept = answer.headers["Cache-Control"].split(", ")
    assert ("public" in kept) is public
    if not public:
        assert kept[0] == "private"
        assert "Cookie" in answer.headers["Vary"] or answer.status_code == 404
    for cookie in answer.headers.getlist("Set-Cookie"):
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert not answer.headers.get("Access-Control-Allow-Origin")
    assert "X-Powered-By" not in answer.headers


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_is_guarded(world, name):
    answer = ANSWERS[name](world)

    if name[:3].isdigit():
        assert answer.status_code == int(name[:3])
    assert_guarded(answer, public=name in PUBLIC)


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "name", ["page", "403", "404", "422", "csv", "xlsx", "pdf", "health", "library's redirect"]
)
def test_a_private_answer_is_kept_by_nobody(world, name):
    assert ANSWERS[name](world).headers["Cache-Control"] == "private, no-store"


@pytest.mark.databases("sqlite")
def test_what_people_sent_is_only_ever_saved(world):
    for thing in ("shared file", "shared picture", "internal file", "unchosen photo"):
        answer = world.client("head").get(f"/archivos/{world.things[thing]}")
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.databases("sqlite")
def test_a_fault_of_ours_is_guarded_and_told(make_app):
    app = make_app(testing=False, development=True)
    app.add_url_rule("/cae", "fall", requires(Permission.PUBLIC)(fall))
    answer = app.test_client().get("/cae")

    assert answer.status_code == 500
    assert "No es culpa suya" in answer.text
    assert "secreto" not in answer.text
    assert_guarded(answer)


def fall() -> None:
    raise RuntimeError("secreto")


@pytest.mark.databases("sqlite")
def test_too_many_tries_are_guarded_and_told(make_app):
    app = make_app(testing=False, development=True)
    client = app.test_client()
    answers = [client.get("/acuse/forged") for _ in range(61)]

    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert "Demasiados intentos" in answers[-1].text
    assert_guarded(answers[-1])


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("reader", "path"), [("stranger", "/entrar"), ("stranger", "/cuenta"), ("director", "/cuenta")]
)
def test_no_more_is_read_than_there_is_reason_to_send(world, reader, path):
    """Words stay below what a thread may hold in memory; files come only from who has an account."""
    client, token = world.client(reader), world.token(reader)
    words = client.post(path, data={"csrf_token": token, "name": "x" * 3_000_000})
    files = client.post(
        path, data={"csrf_token": token, "name": "", "logo": (io.BytesIO(b"x" * 9_000_000), "a.png")}
    )

    assert words.status_code == 413
    assert "caben hasta 2 MB" in words.text
    assert files.status_code == (413 if reader == "stranger" else 422)


@pytest.mark.databases("sqlite")
def test_over_https_the_cookie_and_the_host_stay_there(make_app):
    app = make_app(public_url="https://apoyo.example.org")
    answer = app.test_client().get("/entrar", base_url="https://apoyo.example.org")

    assert "Secure" in answer.headers["Set-Cookie"].split("; ")
    assert "max-age=" in answer.headers["Strict-Transport-Security"]


# Forged forms


TOKENS = {"none": {}, "wrong": {"csrf_token": "x"}, "somebody else's": {"csrf_token": "theirs"}}


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("token", TOKENS)
def test_no_form_is_taken_without_its_token(world, token):
    """Asked by the one whom the table lets in: it is the token that is missing, not the permission."""
    values = {
        name: world.token("auditor") if value == "theirs" else value for name, value in TOKENS[token].items()
    }
    before = state(world)
    for door in doors():
        reader = next((name for name in READERS[1:] if door.cells[name] == "in"), "stranger")
        if door.method != "POST" or door.address.startswith("/e/"):
            continue
        answer = world.client(reader).post(door.path(world, reader), data=values)
        assert answer.status_code == 400, str(door)
        assert "<h1>No pudimos leer lo que envió</h1>" in answer.text
        assert "abierta demasiado tiempo" in answer.text
    assert state(world) == before


@pytest.mark.databases("sqlite")
def test_only_signed_links_are_taken_without_a_token(world):
    """``by_link`` says why: whoever can send their forms knows the link, and no cookie is looked at for it."""
    protection = world.app.extensions["csrf"]

    assert [one.url_prefix for one in protection._exempt_blueprints] == ["/e"]
    assert protection._exempt_views == set()


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain", "application/xml", "multipart/form-data", ""]
)
def test_another_sort_of_body_is_no_way_round_the_token(world, kind):
    before = state(world)
    for path in ("/cuenta", "/entrar", "/salir", f"/solicitudes/{world.things['new']}/seguir"):
        answer = world.client("director").post(path, data=b'{"csrf_token": "x"}', content_type=kind)
        assert answer.status_code == (400 if kind == "multipart/form-data" else 415), path
        assert "<h1>No pudimos leer lo que envió</h1>" in answer.text
    assert state(world) == before


@pytest.mark.databases("sqlite")
def test_a_script_may_bring_the_token_in_its_header(world):
    path = f"/solicitudes/{world.things['new*']}/seguir"
    answer = world.client("director").post(path, headers={"X-CSRFToken": world.token("director")})
    assert answer.status_code == 303


# Hosts and addresses


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "headers", [{}, {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}]
)
def test_no_mail_leads_to_a_host_that_a_stranger_named(world, headers):
    """Else whoever asks for somebody's reset under a host of their own is given its secret by one tap."""
    with world.app.app_context():
        person = db.session.get_one(Person, world.people["director"])
        world.app.extensions["security"].datastore.us_setup_email(person)
        email = person.email
        earlier = db.session.scalars(select(Envelope.id)).all()
        db.session.commit()
    client = world.app.test_client()
    token = token_of(client.get("/recuperar", base_url=EVIL).text)
    for path, values in (
        ("/recuperar", {"email": email}),
        ("/entrar/enlace/mandar", {"identity": email, "chosen_method": "email", "submit_send_code": "1"}),
    ):
        client.post(path, data={"csrf_token": token, **values}, base_url=EVIL, headers=headers)
    with world.app.app_context():
        caused = Envelope.address == email, Envelope.id.not_in(earlier)
        mails = db.session.scalars(select(Envelope).where(*caused)).all()
        bodies = [body for mail in mails for body in (mail.body_text, mail.body_html)]
    assert len(bodies) >= 4  # the reset and the link, each as text and as a page
    for body in bodies:
        assert "http://127.0.0.1:8000/" in body
        assert "evil" not in body


@pytest.mark.databases("sqlite")
def test_no_redirect_leaves_the_house(world):
    for path in ("/cuenta", "//evil.example/cuenta", "/cuenta?next=http://evil.example"):
        answer = world.client("stranger").get(path, base_url=EVIL)
        assert urlsplit(answer.location).netloc == ""
        assert answer.location.startswith("/entrar?next=/cuenta")


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "target",
    [
        "http://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "\thttp://evil.example",
    ],
)
@pytest.mark.parametrize(
    "path", ["/entrar", "/entrar/enlace", "/entrar/llave", "/cuenta/confirmar", "/cuenta/confirmar-enlace"]
)
def test_next_names_no_other_host(world, path, target):
    """Neither where one is sent, nor in the forms and links of the page."""
    reader = "director" if path.startswith("/cuenta") else "stranger"
    client = world.fresh_client(reader)
    page = client.get(path, query_string={"next": target})
    sent = client.post(
        path,
        query_string={"next": target},
        data={
            "csrf_token": token_of(page.text),
            "password": "una contraseña larga",
            "passcode": "una contraseña larga",
        },
    )
    for answer in (page, sent):
        location = urlsplit(answer.headers.get("Location", "/"))
        assert (location.scheme, location.netloc) == ("", "")
        assert not re.search(r'(?:href|action)="(?:https?:)?//evil', answer.text)
        assert "javascript:" not in re.findall(r'(?:href|action)="([^"?]*)', answer.text)


@pytest.mark.databases("sqlite")
def test_the_list_one_comes_back_to_is_ours(world):
    for back in ("//evil.example", "https://evil.example/?a=1", "\r\nX: 1", "vista=todas&q=%0d%0aX:1"):
        answer = world.post("head", "/cola/encargar", back=back)
        assert answer.location.startswith("/cola")
        assert "X" not in answer.headers


@pytest.mark.databases("sqlite")
def test_a_file_keeps_its_name_out_of_the_headers(world):
    path = f"/solicitudes/{world.things['new*']}/adjuntar"
    name = 'a";\r\nX-Evil: 1\r\n\u202efdp.pdf'
    sent = world.client("director").post(
        path,
        data={
            "csrf_token": world.token("director"),
            "files": (io.BytesIO(b"%PDF-1.7\ntrailer<<>>\n%%EOF\n"), name),
        },
    )
    assert sent.status_code == 303
    page = world.client("director").get(f"/solicitudes/{world.things['new*']}")
    key = re.findall(r"/archivos/([0-9a-f]{32})\"", page.text)[-1]
    answer = world.client("director").get(f"/archivos/{key}")
    assert "X-Evil" not in answer.headers
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert verdict("GET", answer) == "in"
