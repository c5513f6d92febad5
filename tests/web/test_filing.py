"""The page of a new request: nothing typed or sent is ever lost, and nothing is filed twice."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from poa_tickets import extensions
from poa_tickets.domain.vocabulary import Role
from poa_tickets.extensions import db
from poa_tickets.store.media import Draft, MediaFile
from poa_tickets.store.tickets import Ticket
from tests import factories, files
from tests.factories import file_ticket, make_department, make_person
from tests.web.acting import client_of, fields_of, let_act

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def site(app):
    let_act(app)
    factories.make_office()
    factories.seed_catalogue()
    return app


@pytest.fixture
def health(site):
    return make_department("Dirección de Salud")


@pytest.fixture
def director(health):
    return make_person(Role.DIRECTOR, name="Dra. Elvira Montaño", department=health)


@pytest.fixture
def browser_of(site):
    return lambda person: client_of(site, person)


def opened(client, path="/solicitudes/nueva") -> dict[str, list[str]]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return fields_of(answer.text)


def filled(client, **changes) -> dict[str, object]:
    """The form of the page, filled so that it can be filed."""
    kind = factories.catalogue()["social_post"].id
    values: dict[str, object] = opened(client) | {
        "title": "Vacunación antirrábica",
        "message": "Gratis en la plaza",
        "kinds": [str(kind)],
        f"k{kind}-idea": "Que vengan con su mascota",
        "event_certainty": "none",
    }
    return values | changes


def count(model=Ticket) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_filled_form_is_filed_and_leads_to_its_ticket(browser_of, director):
    client = browser_of(director)
    answer = client.post("/solicitudes/nueva", data=filled(client))
    assert answer.status_code == 303
    ticket = db.session.scalar(select(Ticket))
    assert answer.location == f"/solicitudes/{ticket.folio}"
    assert ticket.deliverables[0].brief == {"idea": "Que vengan con su mascota"}
    assert count(Draft) == 0


def test_sent_twice_it_is_filed_once_with_its_files_once(browser_of, director):
    client = browser_of(director)
    form = filled(client)
    for _ in range(2):
        sent = client.post("/solicitudes/nueva", data=form | {"files": (io.BytesIO(files.PDF), "oficio.pdf")})
        assert sent.status_code == 303
        assert sent.location == "/solicitudes/" + db.session.scalar(select(Ticket.folio))
    assert (count(), count(MediaFile), count(Draft)) == (1, 1, 0)


def test_a_refused_form_gives_back_every_word_and_file(browser_of, director):
    client = browser_of(director)
    loudspeaker = factories.catalogue()["loudspeaker"].id
    form = filled(
        client, title="", event_day="31 de octubre", event_certainty="dated", audience="<b>Ñandú</b> & cía"
    )
    form |= {"kinds": [str(loudspeaker)], f"k{loudspeaker}-script": "Se invita…\r\n\r\n«hoy»"}
    answer = client.post(
        "/solicitudes/nueva", data=form | {"files": (io.BytesIO(files.PDF), "oficio 118.pdf")}
    )
    assert answer.status_code == 422
    assert "oficio 118.pdf" in answer.text
    for page in (answer.text, client.get("/solicitudes/nueva").text):
        again = fields_of(page)
        given = {k: v if isinstance(v, list) else [v] for k, v in form.items()}
        for name in given.keys() - {"csrf_token", "idempotency_key"}:
            assert again.get(name) == given[name], name
    for field in ("title", f"k{loudspeaker}-route", "event_day"):
        assert f'href="#{field}"' in answer.text
    assert (count(), count(MediaFile)) == (0, 1)
    title = {"title": "Ya", "event_certainty": "none", f"k{loudspeaker}-route": "Centro"}
    assert client.post("/solicitudes/nueva", data=again | title).status_code == 303
    assert db.session.scalar(select(MediaFile.ticket_id)) is not None


def test_a_bad_file_among_good_ones_is_told_and_the_good_ones_stay(browser_of, director):
    client = browser_of(director)
    sent = [(io.BytesIO(files.PDF), "bueno.pdf"), (io.BytesIO(files.SVG), "logo.png")]
    answer = client.post("/solicitudes/nueva", data=filled(client, files=sent))
    assert answer.status_code == 422
    assert "«logo.png»" in answer.text
    assert db.session.scalars(select(MediaFile.name)).all() == ["bueno.pdf"]
    assert count() == 0


def test_a_file_can_be_taken_out_without_losing_words(browser_of, director):
    client = browser_of(director)
    client.post(
        "/solicitudes/nueva",
        data=filled(client, save="1", title="Medio escrito", files=(io.BytesIO(files.PDF), "a.pdf")),
    )
    key = db.session.scalar(select(MediaFile.key))
    answer = client.post("/solicitudes/nueva", data=opened(client) | {"remove": key, "title": "Otro título"})
    assert answer.status_code == 303
    assert count(MediaFile) == 0
    assert opened(client)["title"] == ["Otro título"]


def test_somebody_elses_file_cannot_be_taken_out_or_along(browser_of, director, health):
    mine, other = browser_of(director), browser_of(make_person(Role.DIRECTOR, department=health))
    mine.post("/solicitudes/nueva", data=filled(mine, save="1", files=(io.BytesIO(files.PDF), "a.pdf")))
    key = db.session.scalar(select(MediaFile.key))
    draft = db.session.scalar(select(Draft.id))
    other.post("/solicitudes/nueva", data=filled(other, remove=key))
    other.post("/solicitudes/nueva", data=filled(other, draft_id=str(draft), files=key))
    assert db.session.scalar(select(MediaFile.draft_id).where(MediaFile.key == key)) == draft
    assert other.get(f"/archivos/{key}").status_code == 404


def test_the_draft_written_by_the_page_is_there_when_it_opens_again(browser_of, director):
    client = browser_of(director)
    kind = factories.catalogue()["photos"].id
    form = opened(client) | {"title": "Feria", "kinds": [str(kind)], f"k{kind}-minors": "y"}
    assert client.post("/solicitudes/borrador", data=form).status_code == 204
    again = opened(browser_of(director))
    assert (again["title"], again["kinds"], again[f"k{kind}-minors"]) == (["Feria"], [str(kind)], ["y"])
    assert again["idempotency_key"] != form["idempotency_key"]


def test_a_form_sent_after_the_session_ended_leads_back_to_its_draft(site, browser_of, director):
    client = browser_of(director)
    form = filled(client)
    client.post("/solicitudes/borrador", data=form | {"title": "Antes de que se acabara"})
    client.delete_cookie("acting-as")
    answer = client.post("/solicitudes/nueva", data=form)
    assert answer.status_code == 302
    assert answer.location.endswith("next=/solicitudes/nueva")
    assert opened(browser_of(director))["title"] == ["Antes de que se acabara"]


def test_short_notice_asks_why_and_keeps_the_form(browser_of, director):
    client = browser_of(director)
    today = extensions.clock().date() + timedelta(days=1)
    form = filled(client, event_certainty="dated", event_day=str(today), kinds=[])
    kind = factories.catalogue()["loudspeaker"].id
    form |= {"kinds": [str(kind)], f"k{kind}-script": "Se invita", f"k{kind}-route": "Centro"}
    answer = client.post("/solicitudes/nueva", data=form)
    assert answer.status_code == 422
    assert 'href="#urgent_reason"' in answer.text
    assert (
        client.post("/solicitudes/nueva", data=form | {"urgent_reason": "Apenas se supo"}).status_code == 303
    )


def test_the_empty_form_asks_the_database_little(site, browser_of, director):
    from sqlalchemy import event

    client, asked = browser_of(director), []
    opened(client)
    event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    opened(client)
    own = [
        q for q in asked if not any(f"FROM {t}" in q for t in ("people", "office", "roles", "memberships"))
    ]
    # Its draft, the catalogue, the departments, and the coming events it may be about.
    assert len([q for q in own if q.startswith("SELECT")]) <= 4, own


def test_a_late_autosave_does_not_bring_a_filed_draft_back(browser_of, director):
    client = browser_of(director)
    form = filled(client)
    client.post("/solicitudes/nueva", data=form)
    assert client.post("/solicitudes/borrador", data=form).status_code == 204
    assert count(Draft) == 0


def test_a_draft_can_be_thrown_away(browser_of, director):
    client = browser_of(director)
    client.post("/solicitudes/nueva", data=filled(client, save="1", files=(io.BytesIO(files.PDF), "a.pdf")))
    client.post("/solicitudes/nueva", data=opened(client) | {"discard": "1"})
    assert (count(Draft), count(MediaFile)) == (0, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"kinds": ["x", "999999999999", "-1"]},
        {"event_certainty": "sometimes"},
        {"event_certainty": "dated", "event_day": "0001-01-01"},
        {"event_certainty": "dated", "event_day": "9999-12-31", "event_hour": "25:99"},
        {"department_id": "abc"},
        {"department_id": "99999999999999999999"},
        {"title": "x" * 5000},
        {"title": "\x00\x00"},
        {"message": "\ud7ff\u202e" * 10, "audience": "y" * 9000},
        {"idempotency_key": "k" * 500},
        {"oficio_date": "mañana"},
    ],
)
def test_nonsense_is_answered_with_sentences(browser_of, director, changes):
    client = browser_of(director)
    answer = client.post("/solicitudes/nueva", data=filled(client, **changes))
    assert answer.status_code in (303, 422)
    assert answer.status_code == 422 or changes.keys() <= {"department_id", "message", "idempotency_key"}


def test_a_director_without_department_is_told_whom_to_ask(browser_of, site):
    answer = browser_of(make_person(Role.DIRECTOR)).get("/solicitudes/nueva")
    assert answer.status_code == 403
    assert "Comunicación Social" in answer.text


def test_who_may_file_and_who_may_not(site, browser_of, health):
    allowed = {
        Role.DIRECTOR: 200,
        Role.STAFF: 200,
        Role.HEAD: 200,
        Role.AUDITOR: 403,
        Role.ADMINISTRATOR: 403,
    }
    for role, status in allowed.items():
        person = make_person(role, department=health)
        assert browser_of(person).get("/solicitudes/nueva").status_code == status, role
    assert (
        browser_of(make_person(Role.DIRECTOR, department=health)).get("/solicitudes/oficio").status_code
        == 403
    )


def test_files_leave_as_attachments_that_no_browser_runs(browser_of, director):
    client = browser_of(director)
    form = filled(client, save="1", files=(io.BytesIO(files.picture("JPEG", (900, 600))), "niñas «1».jpg"))
    client.post("/solicitudes/nueva", data=form)
    key = db.session.scalar(select(MediaFile.key))
    answer = client.get(f"/archivos/{key}")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=UTF-8''ni%C3%B1as" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.content_type == "image/jpeg"
    small = client.get(f"/archivos/{key}/miniatura")
    assert (small.status_code, small.content_type) == (200, "image/jpeg")
    stranger = browser_of(make_person(Role.DIRECTOR))
    pages = {stranger.get(path).text for path in (f"/archivos/{key}", "/archivos/" + "0" * 32)}
    assert len(pages) == 1


# Beside the form


def test_the_day_names_what_the_reader_may_know_and_counts_the_rest(browser_of, director, health):
    now = extensions.clock()
    soon = (now + timedelta(days=20)).date()
    other = make_department("Cultura")
    event = factories.event_on(soon)
    file_ticket(director, health, "photos", now=now, event=event, title="Vacunas para todos")
    file_ticket(
        make_person(Role.DIRECTOR, department=other), other, now=now, event=event, title="Danza secreta"
    )
    page = browser_of(director).get(f"/solicitudes/nueva/dia?fecha={soon}").text
    assert "Vacunas para todos" in page
    assert "Danza secreta" not in page
    assert "1 evento más ese día" in page
    assert "1 cobertura ese día" in page
    assert (
        "Danza secreta"
        in browser_of(make_person(Role.STAFF)).get(f"/solicitudes/nueva/dia?fecha={soon}").text
    )


def test_another_one_like_it_starts_from_its_words_and_asks_its_day_anew(browser_of, director, health):
    now = extensions.clock()
    soon = factories.event_on((now + timedelta(days=9)).date())
    ticket = file_ticket(director, health, "loudspeaker", now=now, title="Predial en Centro", event=soon)
    client = browser_of(director)
    form = opened(client, f"/solicitudes/nueva?como={ticket.folio}")
    kind = ticket.deliverables[0].kind_id
    assert form["title"] == ["Predial en Centro"]
    assert form["message"] == [ticket.message]
    assert form["kinds"] == [str(kind)]
    assert form[f"k{kind}-route"] == [ticket.deliverables[0].brief["route"]]
    assert form["event_day"] == [""]
    assert f"nueva?como={ticket.folio}" in client.get(f"/solicitudes/{ticket.folio}").text
    stranger = make_person(Role.DIRECTOR, department=make_department("Cultura"))
    assert opened(browser_of(stranger), f"/solicitudes/nueva?como={ticket.folio}")["title"] == [""]


def test_another_one_like_it_never_takes_the_place_of_one_left_half_written(browser_of, director, health):
    ticket = file_ticket(director, health, now=extensions.clock(), title="Predial en Centro")
    client = browser_of(director)
    client.post("/solicitudes/borrador", data=filled(client, title="Feria"))
    page = client.get(f"/solicitudes/nueva?como={ticket.folio}").text
    assert fields_of(page)["title"] == ["Feria"]
    assert "Tiene una a medias" in page


def test_what_people_must_know_is_asked_once(browser_of, director):
    client = browser_of(director)
    kinds = factories.catalogue()
    asked = [str(kinds[key].id) for key in ("social_post", "news_note")]
    form = filled(client, kinds=asked) | {f"k{kinds['social_post'].id}-idea": ""}
    assert client.post("/solicitudes/nueva", data=form).status_code == 303


def test_what_may_be_left_out_waits_folded_and_opens_once_it_is_filled(browser_of, director):
    client = browser_of(director)
    assert "<details open" not in client.get("/solicitudes/nueva").text.replace(' class="mb-2"', "")
    opened_by = {"oficio_number": "118", "title": ""}
    refused = client.post("/solicitudes/nueva", data=filled(client, **opened_by)).text
    folded = refused.split("número de oficio")[0].rpartition("<details")[2]
    assert " open" in folded


def test_what_is_refused_is_listed_in_the_order_of_the_page(browser_of, director):
    client = browser_of(director)
    loudspeaker = factories.catalogue()["loudspeaker"].id
    form = filled(client, title="", message="", event_certainty="dated", kinds=[str(loudspeaker)])
    summary = client.post("/solicitudes/nueva", data=form).text.split('id="error-summary"')[1]
    places = [
        summary.index(f'href="#{name}"')
        for name in ("title", "message", f"k{loudspeaker}-route", "event_day")
    ]
    assert places == sorted(places)


def test_when_the_car_is_taken_a_free_day_is_offered_and_taken_with_one_press(browser_of, director, health):
    client = browser_of(director)
    now, kinds = extensions.clock(), factories.catalogue()
    taken = file_ticket(director, health, "loudspeaker", now=now)
    day = taken.deliverables[0].due_at.date()
    field = f"k{kinds['loudspeaker'].id}-wanted_on"
    query = {"kinds": str(kinds["loudspeaker"].id), "event_certainty": "none", field: day.isoformat()}
    offered = client.get("/solicitudes/nueva/dia", query_string=query).text
    assert "Carro de sonido" in offered
    assert "ocupado" in offered
    assert "O algo más ligero" in offered
    use = offered.split(f'value="{field}=')[1].split('"')[0]
    assert use != day.isoformat()
    taken_up = client.post("/solicitudes/nueva", data=filled(client, title="") | {"use": f"{field}={use}"})
    assert (taken_up.status_code, taken_up.location) == (303, f"/solicitudes/nueva#{field}")
    assert fields_of(client.get("/solicitudes/nueva").text)[field] == [use]
    free = client.get("/solicitudes/nueva/dia", query_string=query | {field: use}).text
    assert "libre" in free


def test_when_nobody_is_left_to_cover_another_day_is_offered(browser_of, director, health):
    make_person(Role.STAFF)
    now = extensions.clock()
    soon = (now + timedelta(days=21)).date()
    query = {
        "fecha": soon.isoformat(),
        "event_certainty": "dated",
        "kinds": str(factories.catalogue()["photos"].id),
    }

    def ask() -> str:
        return browser_of(director).get("/solicitudes/nueva/dia", query_string=query).text

    assert "Queda 1 persona para cubrir" in ask()
    file_ticket(director, health, "photos", now=now, event=factories.event_on(soon))
    assert "Ya no queda quien cubra" in ask()
    assert 'value="event_day=' in ask()


def test_short_notice_is_said_beside_the_dates(browser_of, director):
    tomorrow = (extensions.clock() + timedelta(days=1)).date()
    query = {"fecha": tomorrow.isoformat(), "event_certainty": "dated"}
    query["kinds"] = str(factories.catalogue()["video"].id)
    assert (
        'href="#urgent_reason"' in browser_of(director).get("/solicitudes/nueva/dia", query_string=query).text
    )


@pytest.mark.parametrize("day", ["", "hoy", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_a_day_that_makes_no_sense_holds_nothing(browser_of, director, day):
    assert browser_of(director).get("/solicitudes/nueva/dia", query_string={"fecha": day}).status_code == 200


def test_requests_alike_are_shown_only_within_ones_reach(browser_of, director, health):
    now = extensions.clock()
    other = make_department("Cultura")
    file_ticket(director, health, now=now, title="Vacunación antirrábica en El Mirador")
    file_ticket(
        make_person(Role.DIRECTOR, department=other), other, now=now, title="Vacunas antirrábicas gratis"
    )
    asked = {"title": "vacunaciones antirrabicas", "department_id": health.id}
    client = browser_of(director)
    assert "El Mirador" in client.get("/solicitudes/nueva/parecidas", query_string=asked).text
    beyond = asked | {"department_id": other.id}
    assert "gratis" not in client.get("/solicitudes/nueva/parecidas", query_string=beyond).text
