"""Importar eventos: a file, what would come of it, and one confirmation."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from poa_tickets.domain.errors import DomainError, Invalid
from poa_tickets.domain.labels import label
from poa_tickets.domain.permissions import Permission, scope
from poa_tickets.domain.vocabulary import N_, EventKind
from poa_tickets.extensions import db, limiter
from poa_tickets.services.calendars import agenda_imports, sheet_reading
from poa_tickets.services.calendars.agenda_imports import Done, Step, Verdict
from poa_tickets.services.calendars.imported_rows import MOST_BYTES
from poa_tickets.services.tickets import drafts
from poa_tickets.services.transaction import AlreadyDone
from poa_tickets.store.queries import calendars as queries
from poa_tickets.web import presenting, spreadsheets
from poa_tickets.web.errors import sentence
from poa_tickets.web.forms.agenda_imports import ConfirmForm, ImportForm
from poa_tickets.web.forms.filing import number_of
from poa_tickets.web.gate import current_actor, requires
from poa_tickets.web.saving import saved

bp = Blueprint("agenda_imports", __name__, url_prefix="/agenda/importar")

MOST_SHOWN = 50
TITLES = {
    Verdict.REFUSED: _l("No se pueden tomar"),
    Verdict.NEW: _l("Nuevos"),
    Verdict.CHANGED: _l("Cambian"),
    Verdict.SAME: _l("Ya están igual"),
}
CHANGES = {
    "title": _l("título"),
    "place": _l("lugar"),
    "presides": _l("quién preside"),
    "attendance": _l("asistentes"),
    "kind": _l("tipo"),
    "starts_at": _l("fecha u hora"),
    "ends_at": _l("a qué hora termina"),
    "cancelled": _l("se cancela"),
}


@bp.route("", methods=["GET", "POST"])
@requires(Permission.EDIT_AGENDA)
@limiter.limit("30 per minute", methods=["POST"])
def index() -> str | Response | tuple[str, int]:
    """Ask for the file; what was read of it is kept until it is confirmed."""
    form = ImportForm()
    form.department_id.choices = department_choices()
    if saved(form, lambda: receive(form)):
        return redirect(url_for(".review"), 303)
    left = agenda_imports.waiting(current_actor())
    shown = render_template("pages/agenda/import.html", form=form, left=left[0] if left else "")
    return shown, 422 if form.is_submitted() else 200


def department_choices() -> list[tuple[int, str]]:
    """Departments whose events one may note down; for who has only one it is that one."""
    found = [
        (one.id, one.name)
        for one in db.session.scalars(queries.departments_to_follow(scope(current_actor())))
    ]
    return found if len(found) == 1 else [(0, _("La que diga el archivo")), *found]


def receive(form: ImportForm) -> None:
    """Hand the file to the service, no more of it than may be."""
    upload = form.file.data
    if not getattr(upload, "filename", ""):  # none, or a text that somebody sent in its place
        raise Invalid("file", N_("Elija un archivo."))
    agenda_imports.receive(
        upload.read(MOST_BYTES + 1),
        upload.filename,
        form.department_id.data or None,
        by=current_actor(),
        now=g.now,
    )


@dataclass(frozen=True)
class Line:
    """One row as the review draws it."""

    number: int
    title: str
    when: str
    department: str
    about: str


@dataclass(frozen=True)
class Group:
    """The rows of one verdict."""

    name: str
    title: str
    count: int
    lines: list[Line]

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.lines)


@bp.route("/revisar", methods=["GET", "POST"])
@requires(Permission.EDIT_AGENDA)
def review() -> str | Response | tuple[str, int]:
    """What would come of the file, and doing it."""
    form = ConfirmForm()
    if form.is_submitted():
        return confirm(form)
    return page(form)


def page(form: ConfirmForm) -> str | Response:
    """The review as things stand now."""
    found = agenda_imports.waiting(current_actor())
    if found is None:
        return redirect(url_for(".index"), 303)
    name, rows, version = found
    form.version.data = str(version)
    groups = grouped(agenda_imports.plan(rows, by=current_actor(), now=g.now))
    return render_template(
        "pages/agenda/import_review.html",
        form=form,
        name=name,
        groups=groups,
        wanted=sum(group.count for group in groups if group.name in (Verdict.NEW, Verdict.CHANGED)),
    )


def confirm(form: ConfirmForm) -> str | Response | tuple[str, int]:
    """Do it, and say what came of it."""
    if not form.validate():
        return redirect(url_for(".review"), 303)
    version, once = number_of(form.version.data), form.idempotency_key.data
    try:
        told(agenda_imports.confirm(by=current_actor(), now=g.now, version=version, once=once))
    except AlreadyDone:
        if agenda_imports.waiting(
            current_actor()
        ):  # it was cut short: the new ones stand, the changes are to come
            flash(_("Esos eventos ya se empezaron a importar. Si falta alguno, revíselo aquí."), "soon")
            return redirect(url_for(".review"), 303)
        flash(_("Esos eventos ya se habían importado."), "ok")
    except DomainError as error:
        db.session.rollback()
        form.form_errors = [*form.form_errors, sentence(error.refusal)]
        shown = page(form)
        return (shown, 409) if isinstance(shown, str) else shown
    return redirect("/agenda", 303)


def told(done: Done) -> None:
    """What came of it, on the next page."""
    said = [ngettext("%(num)s evento anotado", "%(num)s eventos anotados", done.created)]
    if done.changed:
        said.append(ngettext("%(num)s cambiado", "%(num)s cambiados", done.changed))
    flash(_("Importación terminada: %(what)s.", what=", ".join(said)), "ok")
    for step in done.failed[:5]:
        assert step.refusal is not None
        flash(f"{step.row.title[:80]}: {sentence(step.refusal)}", "soon")


def grouped(steps: list[Step]) -> list[Group]:
    """By verdict, first what can't be taken."""
    found = []
    for verdict, title in TITLES.items():
        of = [step for step in steps if step.verdict is verdict]
        if of:
            found.append(Group(verdict.value, str(title), len(of), [line(step) for step in of[:MOST_SHOWN]]))
    return found


def line(step: Step) -> Line:
    """One row in words."""
    row = step.row
    when = ""
    if row.starts_at is not None:
        when = presenting.moment(row.starts_at) if row.hour_known else presenting.day(row.starts_at)
    about = sentence(step.refusal) if step.refusal else ", ".join(str(CHANGES[name]) for name in step.changes)
    return Line(row.number, row.title or "—", when, step.department, about)


@bp.post("/descartar")
@requires(Permission.EDIT_AGENDA)
def discard() -> Response:
    """Forget the file that waits."""
    drafts.discard(agenda_imports.PURPOSE, by=current_actor(), now=g.now)
    flash(_("Ese archivo se descartó: la agenda quedó como estaba."), "ok")
    return redirect(url_for(".index"), 303)


@bp.get("/plantilla.xlsx")
@requires(Permission.EDIT_AGENDA)
def template() -> Response:
    """The workbook to fill in, with what may be chosen on its other sheets."""
    example: list[Any] = [
        _("Feria de la salud"),
        "",
        presenting.today(),
        "10:00",
        "13:30",
        _("Plaza principal"),
        _("La presidenta municipal"),
        120,
        _(label(EventKind.FAIR)),
        _("no"),
    ]
    departments = [[name] for key, name in department_choices() if key]
    example[1] = departments[0][0] if departments else ""
    columns = list(sheet_reading.headings())
    sheets = [
        spreadsheets.Sheet(_("Eventos"), columns, []),
        spreadsheets.Sheet(_("Ejemplo"), columns, [example]),
        spreadsheets.Sheet(_("Tipos"), [_("tipo")], [[_(label(kind))] for kind in EventKind]),
        spreadsheets.Sheet(_("Dependencias"), [_("dependencia")], departments),
    ]
    return spreadsheets.as_xlsx(sheets, _("plantilla-de-eventos"))
