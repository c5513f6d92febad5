"""The first start: one page, reached once, that makes the municipality."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64

from flask import Blueprint, g, render_template, request
from flask_security import login_user

from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.permissions import Permission
from poa_tickets.domain.vocabulary import N_
from poa_tickets.extensions import limiter
from poa_tickets.services import department_lists, logos, people, setup
from poa_tickets.services.departments import DepartmentEntry
from poa_tickets.services.invitations import Invited
from poa_tickets.services.setup import Municipality
from poa_tickets.store.office import Office
from poa_tickets.web.forms.setup import SetUpForm
from poa_tickets.web.gate import requires
from poa_tickets.web.language import chosen
from poa_tickets.web.views.invitations import handed, mails, post_invitation

bp = Blueprint("setup", __name__)


@bp.route("/configurar/<token>", methods=["GET", "POST"])
@requires(Permission.PUBLIC)
@limiter.limit("30 per minute")
def wizard(token: str) -> str | tuple[str, int]:
    """Ask everything on one page; a dead link answers 404, whatever killed it."""
    setup.check_link(token, now=g.now)
    form = SetUpForm()
    if request.method != "POST":
        return render_template("pages/setup/index.html", form=form)
    form.validate()  # first, for it forgets what was refused before it
    entry = asked(form, read_lists(form), read_logo(form))
    for problem in setup.problems(entry):
        if problem.field == "departments" or not form[problem.field].errors:
            form.refuse(problem)
    if not form.errors:
        try:
            return done(setup.set_up(entry, now=g.now, token=token, mail=post if mails() else None))
        except Invalid as error:
            form.refuse(error)
    if not form.head_password.errors:
        form.refuse(Invalid("head_password", N_("Escríbala otra vez: por seguridad no se conserva.")))
    return render_template("pages/setup/index.html", form=form), 422


def post(office: Office, invited: Invited) -> None:
    """An invitation by mail, in the name of the office that is being made."""
    g.office = office
    post_invitation(invited)


def done(made: setup.SetUp) -> str:
    """Signed in as the head. The links are known only now, so this page answers the form itself."""
    login_user(made.head, authn_via=["password"])
    g.office, g.person = made.office, made.head
    g.actor = people.actor(made.head, made.office, g.now)
    return render_template("pages/setup/done.html", links=handed(made.invited), mailed=mails())


def read_lists(form: SetUpForm) -> list[DepartmentEntry]:
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
        return []
    return entries


def read_logo(form: SetUpForm) -> bytes:
    """The shield just chosen, or the one kept from a refused form; b"" without one."""
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
        return b""
    form.logo_kept.data = b64encode(data).decode()
    return data


def asked(form: SetUpForm, entries: list[DepartmentEntry], logo: bytes) -> Municipality:
    """The form as the service wants it."""
    return Municipality(
        municipality=form.municipality.data or "",
        state=form.state.data or "",
        office_name=form.office_name.data or "",
        time_zone=form.time_zone.data or "",
        folio_prefix=form.folio_prefix.data or "",
        letterhead=form.letterhead.data or "",
        accent=form.accent.data or "",
        logo=logo or None,
        logo_type=logos.TYPE if logo else "",
        head_name=form.head_name.data or "",
        head_email=form.head_email.data or "",
        head_password=form.head_password.data or "",
        departments=tuple(entries),
        language=chosen(),
    )
