"""The first start: one page, reached once, that makes the municipality."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64

from flask import Blueprint, g, render_template, request
from flask_security import login_user

from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.permissions import Permission
from poa_tickets.extensions import limiter
from poa_tickets.services import department_lists, departments, logos, people, setup
from poa_tickets.services.departments import DepartmentEntry
from poa_tickets.services.setup import Municipality
from poa_tickets.web.errors import sentence
from poa_tickets.web.forms.setup import SetUpForm
from poa_tickets.web.gate import requires
from poa_tickets.web.views.invitations import link

bp = Blueprint("setup", __name__)


@bp.route("/configurar/<token>", methods=["GET", "POST"])
@requires(Permission.PUBLIC)
@limiter.limit("30 per minute")
def wizard(token: str) -> str | tuple[str, int]:
    """Ask everything on one page; a dead link answers 404, whatever killed it."""
    setup.check_link(token, now=g.now)
    form = SetUpForm()
    if request.method == "GET":
        return render_template("pages/setup/index.html", form=form)
    valid = form.validate()  # first, for it forgets what was refused before it
    entries = read_lists(form)
    logo = read_logo(form)
    valid = valid and entries is not None and logo is not None
    if entries:
        form.departments.errors = [*form.departments.errors, *map(_told, departments.check(entries))]
        valid = valid and not form.departments.errors
    if valid:
        try:
            made = setup.set_up(asked(form, entries or [], logo or b""), now=g.now, token=token)
        except Invalid as error:
            form.refuse(error)
        else:
            return done(made)
    return render_template("pages/setup/index.html", form=form), 422


def done(made: setup.SetUp) -> str:
    """Signed in as the head. The links are known only now, so this page answers the form itself."""
    login_user(made.head, authn_via=["password"])
    g.office, g.person = made.office, made.head
    g.actor = people.actor(made.head, made.office, g.now)
    links = [(invited.person, link(invited.token)) for invited in made.invited]
    return render_template("pages/setup/done.html", links=links)


def read_lists(form: SetUpForm) -> list[DepartmentEntry] | None:
    """What was typed and what the file holds, together; a file that was read becomes lines to correct."""
    try:
        entries = department_lists.from_text(form.departments.data or "")
        upload = form.departments_file.data
        if upload and upload.filename:
            found = department_lists.from_file(upload.read(department_lists.MOST_BYTES + 1), upload.filename)
            form.departments.data = department_lists.as_text([*entries, *found])
            entries = department_lists.from_text(form.departments.data)
    except Invalid as error:
        form.refuse(error)
        return None
    return entries


def read_logo(form: SetUpForm) -> bytes | None:
    """The shield just chosen, or the one kept from a refused form; b"" without one, None when it is no picture."""
    upload = form.logo.data
    try:
        if upload and getattr(upload, "filename", ""):
            data = logos.read(upload.read(logos.MOST_BYTES + 1))
        elif form.logo_kept.data:
            data = logos.read(b64decode(form.logo_kept.data, validate=True))
        else:
            return b""
    except NotBase64:
        return b""
    except Invalid as error:
        form.refuse(error)
        return None
    form.logo_kept.data = b64encode(data).decode()
    return data


def asked(form: SetUpForm, entries: list[DepartmentEntry], logo: bytes) -> Municipality:
    """The form as the service wants it."""
    return Municipality(
        municipality=form.municipality.data,
        state=form.state.data,
        office_name=form.office_name.data,
        time_zone=form.time_zone.data,
        folio_prefix=form.folio_prefix.data,
        letterhead=form.letterhead.data or "",
        accent=form.accent.data,
        logo=logo or None,
        logo_type=logos.TYPE if logo else "",
        head_name=form.head_name.data,
        head_email=form.head_email.data,
        head_password=form.head_password.data,
        departments=tuple(entries),
    )


def _told(error: Invalid) -> str:
    return sentence(error.refusal)
