"""The queue's pages: what its address asks for, its files, assigning, and how many queries it takes."""

import csv
import io
import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest
from sqlalchemy import event as events

from poa_tickets.extensions import db
from poa_tickets.services.tickets import agreements, deliverables
from poa_tickets.store.tickets import Ticket
from poa_tickets.web import listing
from poa_tickets.web.views.queue import OFFICE_VIEWS, REQUESTER_VIEWS
from tests import factories
from tests.signing import forget_request, sign_in, token_of
from tests.store.test_queue import town, written  # noqa: F401

FOLIO = re.compile(r"CS-2026-\d{5}")


@contextmanager
def queries():
    """The statements sent meanwhile."""
    sent = []

    def note(connection, cursor, statement, parameters, context, many):
        sent.append(statement)

    events.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        events.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def now():
    """The pages ask the real clock."""
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def visit(app, town):  # noqa: F811
    clients = {}

    def get(role, path):
        if role not in clients:
            clients[role] = sign_in(app.test_client(), town[role])
        forget_request()
        return clients[role].get(path)

    get.clients = clients
    return get


def folios_of_page(answer):
    body = answer.get_data(as_text=True).split("<tbody", 1)
    return list(dict.fromkeys(FOLIO.findall(body[1]))) if len(body) > 1 else []


def rows_of_csv(answer):
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def rows_of_xlsx(answer):
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


@pytest.mark.parametrize(
    ("role", "path", "views"),
    [
        ("staff", "/cola", OFFICE_VIEWS),
        ("auditor", "/cola", OFFICE_VIEWS),
        ("director", "/mis-solicitudes", REQUESTER_VIEWS),
    ],
)
def test_page_and_files_hold_the_same_rows(visit, role, path, views):
    for view in views:
        query = f"vista={listing.VIEW_NAMES[view]}"
        page = visit(role, f"{path}?{query}")
        assert page.status_code == 200
        in_csv = [row[0] for row in rows_of_csv(visit(role, f"{path}.csv?{query}"))[1:]]
        in_xlsx = [row[0] for row in rows_of_xlsx(visit(role, f"{path}.xlsx?{query}"))[1:]]
        assert folios_of_page(page) == in_csv == in_xlsx, view
        chip = re.search(r'aria-current="page">[^<]+ <b>(\d+)</b>', page.get_data(as_text=True))
        assert chip is None or int(chip[1]) == len(in_csv)


def test_nothing_typed_into_the_address_breaks_the_page(visit):
    plain = folios_of_page(visit("staff", "/cola"))
    for query in (
        "orden=id;drop", "vista=x", "dependencia=-1", "dependencia=9999999999999", "dependencia=²", "etapa=zzz",
        "recibida_desde=ayer", "recibida_hasta=9999-12-31", "evento_desde=0001-01-01", "pagina=x", "pagina=bnVsbA",
        "pagina=WyJkdWUiLCJ4IiwxLDBd", "estado=%00", "q=%00", "persona=1e3", "pagina=%C3%B1",
    ):  # fmt: skip
        answer = visit("staff", f"/cola?{query}")
        assert answer.status_code == 200, query
        if "hasta" not in query and "desde=0" not in query:
            assert folios_of_page(answer) == plain, query


def test_formulas_are_disarmed(visit, town, now, app):  # noqa: F811
    titles = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "http://x.mx", "007")
    person, department = town["director"], town["director"].memberships[0].department
    kind = factories.catalogue()["photos"]
    for n, title in enumerate(titles):
        ticket = written(100 + n, department, person, kind, now)
        ticket.title = title
        db.session.add(ticket)
    db.session.commit()
    in_csv = [row[1] for row in rows_of_csv(visit("staff", "/cola.csv?vista=todas"))]
    for title in titles:
        assert (f"'{title}" if title[0] in "=+-@\t\r" else title) in in_csv
    book = openpyxl.load_workbook(io.BytesIO(visit("staff", "/cola.xlsx?vista=todas").data))
    assert book.sheetnames == ["Solicitudes"]
    cells = [row[1] for row in book.active.iter_rows()]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert all(cell.hyperlink is None for cell in cells)


def test_files_say_no_hour_that_nobody_gave(visit, town, now):  # noqa: F811
    day = (now + timedelta(days=30)).date()
    director = town["director"]
    event = factories.event_on(day, None)
    folio = factories.file_ticket(director, director.memberships[0].department, now=now, event=event).folio
    rows = list(csv.DictReader(io.StringIO(visit("staff", "/cola.csv").data.decode("utf-8-sig"))))
    assert next(row for row in rows if row["Folio"] == folio)["Evento"] == day.isoformat()
    sheet = openpyxl.load_workbook(io.BytesIO(visit("staff", "/cola.xlsx").data)).active
    place = [cell.value for cell in sheet[1]].index("Evento")
    cell = next(row[place] for row in sheet.iter_rows(min_row=2) if row[0].value == folio)
    assert (cell.value.date(), cell.number_format) == (day, "yyyy-mm-dd")


def test_a_director_never_meets_another_department(visit, town):  # noqa: F811
    theirs = set(folios_of_page(visit("doctor", "/mis-solicitudes?vista=todas")))
    assert theirs
    foreign = town["director"].memberships[0].department_id
    for path in (
        "/mis-solicitudes?vista=todas",
        "/mis-solicitudes?q=solicitud",
        f"/mis-solicitudes?dependencia={town['doctor'].memberships[0].department_id}&vista=todas",
        "/mis-solicitudes.csv?vista=todas",
        "/",
    ):
        answer = visit("director", path)
        assert answer.status_code == 200
        assert not theirs & set(FOLIO.findall(answer.get_data(as_text=True))), path
    assert visit("director", f"/cola?dependencia={foreign}").status_code == 403
    assert visit("director", "/cola.csv").status_code == 403
    assert "Salud" not in visit("director", "/mis-solicitudes").get_data(as_text=True)


def test_pages_follow_one_another(visit, town, now, app):  # noqa: F811
    fill(town, now, 60)
    met, path = [], "/cola?vista=todas&orden=folio"
    while path:
        page = visit("staff", path)
        met += folios_of_page(page)
        following = re.search(r'rel="next" href="([^"]+)"', page.get_data(as_text=True))
        path = following[1].replace("&amp;", "&") if following else None
    assert met == sorted(set(met), reverse=True)
    assert len(met) == 84


def fill(town, now, count):  # noqa: F811
    person, department = town["director"], town["director"].memberships[0].department
    kind = factories.catalogue()["photos"]
    for n in range(count):
        db.session.add(written(1000 + n, department, person, kind, now))
    db.session.commit()


@pytest.mark.databases("sqlite")  # the questions are the same ones on both
def test_the_list_takes_four_queries_however_long_it_is(visit, town, now):  # noqa: F811
    for role in ("staff", "director", "other"):
        visit(role, "/salud")
    counted = {}
    for label in ("few", "many"):
        for role, path in (
            ("staff", "/cola"),
            ("staff", "/cola?q=evento+solicitud"),
            ("director", "/mis-solicitudes"),
            ("director", "/"),
            ("staff", "/mi-dia"),
            ("other", "/"),
        ):
            visit(role, path)
            db.session.remove()
            with queries() as sent:
                assert visit(role, path).status_code == 200
            counted.setdefault((role, path), []).append([s for s in sent if not s.startswith("BEGIN")])
        fill(town_again(town), now, 1000) if label == "few" else None
    for key, (few, many) in counted.items():
        assert len(few) == len(many), (key, few, many)
        if "cola" in key[1] or "mis" in key[1]:
            assert len(many) <= 4, "\n\n".join(many)


def town_again(town):  # noqa: F811
    return {name: db.session.merge(person) for name, person in town.items()}


def test_search_on_the_page(visit, town, now, app):  # noqa: F811
    department = town["director"].memberships[0].department
    ticket = factories.file_ticket(town["director"], department, now=now, title="Reportes de averías")
    assert folios_of_page(visit("staff", "/cola?q=averia")) == [ticket.folio]
    assert folios_of_page(visit("director", "/mis-solicitudes?q=averia")) == [ticket.folio]
    assert folios_of_page(visit("doctor", "/mis-solicitudes?q=averia")) == []
    assert "Nada coincide" in visit("staff", "/cola?q=zzzz").get_data(as_text=True)


@pytest.mark.parametrize(
    "typed", ["CS-2026-89999", "cs-2026-089999", "CS 2026 89999", "2026/89999", " 2026-89999 "]
)
def test_a_folio_typed_in_the_search_opens_its_request(visit, typed):
    answer = visit("staff", "/cola?vista=atrasadas&q=" + typed.replace(" ", "+"))
    assert answer.status_code == 302
    assert answer.location == "/solicitudes/CS-2026-89999"


def test_a_number_with_its_zeros_is_this_years_folio(visit, town, now):  # noqa: F811
    department = town["director"].memberships[0].department
    ticket = factories.file_ticket(town["director"], department, now=now)
    zeros = f"{ticket.number:05d}"
    assert visit("staff", f"/cola?q={zeros}").location == f"/solicitudes/{ticket.folio}"
    assert visit("doctor", f"/mis-solicitudes?q={zeros}").status_code == 200
    assert visit("staff", "/cola?q=99999").status_code == 200


def test_the_heads_approvals_are_a_view(visit, town, now):  # noqa: F811
    department = town["director"].memberships[0].department
    ticket = factories.file_ticket(town["director"], department, now=now)
    by = factories.acting(town["staff"], now)
    agreements.accept_as_asked(ticket.folio, by=by, now=now)
    product = ticket.deliverables[0].id
    assert ticket.folio not in folios_of_page(visit("staff", "/cola?vista=por-aprobar"))
    deliverables.ask_approval(ticket.folio, product, "El texto.", by=by, now=now)
    assert ticket.folio in folios_of_page(visit("staff", "/cola?vista=por-aprobar"))


def test_the_heads_of_the_columns_sort_and_say_how(visit):
    page = visit("staff", "/cola?orden=evento").get_data(as_text=True)
    head = page.split("<thead")[1].split("</thead>")[0]
    assert re.search(r'aria-sort="ascending"><a [^>]*orden=evento', head)
    assert head.count("aria-sort") == 1
    assert "orden=folio" in head


def test_a_search_that_finds_nothing_in_a_view_is_offered_everywhere(visit):
    page = visit("staff", "/cola?vista=atrasadas&q=zzzz").get_data(as_text=True)
    assert 'href="/cola?q=zzzz"' in page


def post(visit, role, **form):
    page = visit(role, "/cola?vista=todas").get_data(as_text=True)
    data = {"csrf_token": token_of(page), "idempotency_key": "k", **form}
    return visit.clients[role].post("/cola/encargar", data=data)


def test_several_are_assigned_at_once_and_what_is_refused_is_said(visit, town, now):  # noqa: F811
    department = town["director"].memberships[0].department
    folios = [factories.file_ticket(town["director"], department, now=now).folio for _ in range(3)]
    staff = town["staff"].id
    answer = post(
        visit, "staff", folio=[*folios[:2], "CS-1999-00001"], person=str(staff), back="vista=todas&q=x"
    )
    assert answer.status_code == 303
    assert answer.location == "/cola?vista=todas&q=x"
    page = visit("staff", answer.location).get_data(as_text=True)
    assert "2 solicitudes encargadas." in page
    assert "CS-1999-00001:" in page
    assert post(visit, "staff", folio=folios[:2], person=str(staff)).status_code == 303
    db.session.remove()
    given = {t.folio: t.assignee_id for t in db.session.query(Ticket).filter(Ticket.folio.in_(folios))}
    assert given == {folios[0]: staff, folios[1]: staff, folios[2]: None}


@pytest.mark.parametrize(
    "form", [{}, {"folio": "CS-2026-00001"}, {"folio": "x", "person": "²"}, {"person": "1"}]
)
def test_an_incomplete_choice_is_told(visit, form):
    answer = post(visit, "staff", back="//evil.example", **form)
    assert answer.status_code == 303
    assert answer.location.startswith("/cola")


def test_enter_on_a_box_assigns_the_marked_ones_and_takes_no_other(visit, town, now):  # noqa: F811
    factories.file_ticket(town["director"], town["director"].memberships[0].department, now=now)
    form = visit("staff", "/cola").text.partition('action="/cola/encargar"')[2]
    assert 'name="take"' in form
    assert "name=" not in form[form.index("<button") : form.index("</button>")]
    assert "<form method" not in visit("director", "/mis-solicitudes").text


def test_only_the_office_assigns(visit, town):  # noqa: F811
    page = visit("auditor", "/cola").get_data(as_text=True)
    assert "/cola/encargar" not in page
    for role in ("director", "auditor"):
        visit(role, "/mis-solicitudes")
        assert visit.clients[role].post("/cola/encargar", data={}).status_code in (400, 403)


def test_each_role_lands_where_its_work_is(visit):
    assert visit("staff", "/").location == "/mi-dia"
    assert "Nueva solicitud" in visit("director", "/").get_data(as_text=True)
    assert "Carga por dependencia" in visit("other", "/").get_data(as_text=True)
    assert visit("auditor", "/").status_code == 302
    assert visit("director", "/mi-dia").status_code == 403


@pytest.mark.parametrize("path", ["/cola", "/mis-solicitudes", "/cola?q=zzzz&vista=todas"])
def test_who_only_reads_is_offered_nothing_that_would_be_refused(visit, path):
    page = visit("auditor", path).get_data(as_text=True)
    # The town's tickets are rows for lists: their own pages are another test's.
    offered = {where for where in re.findall(r'href="(/[^"#?]*)', page) if "/CS-" not in where}
    assert "/cola" in offered
    assert [where for where in offered if visit("auditor", where).status_code >= 400] == []
