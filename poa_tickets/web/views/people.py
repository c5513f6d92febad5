"""Ajustes, Personas: who has an account, what each may do, and for which departments."""

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from poa_tickets.domain.permissions import Permission
from poa_tickets.domain.vocabulary import Role
from poa_tickets.services import accounts
from poa_tickets.services.accounts import PersonEdit
from poa_tickets.services.invitations import Invited
from poa_tickets.services.links import links
from poa_tickets.store.people import Person
from poa_tickets.store.queries import people as queries
from poa_tickets.web.forms.settings import ROLE_NOTES, InvitePersonForm, MembershipForm, PersonForm
from poa_tickets.web.gate import current_actor, requires
from poa_tickets.web.presenting import today
from poa_tickets.web.saving import saved
from poa_tickets.web.views.invitations import handed, mails, post_invitation
from poa_tickets.web.views.settings import tab_links

bp = Blueprint("people", __name__, url_prefix="/ajustes/personas")


def department_choices(empty: bool) -> list[tuple[int, str]]:
    """Departments to choose from."""
    found = [(d.id, d.name) for d in queries.departments() if d.active]
    return [(0, _("Ninguna")), *found] if empty else found


@bp.route("", methods=["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def index() -> str | Response | tuple[str, int]:
    """The list, and a new account beside it."""
    form = InvitePersonForm()
    form.department_id.choices = department_choices(empty=True)
    made: list[Invited] = []

    def invite() -> None:
        made.append(
            accounts.invite(
                form.name.data,
                form.email.data,
                [Role(name) for name in form.roles.data],
                form.department_id.data or None,
                by=current_actor(),
                now=g.now,
                once=form.idempotency_key.data,
                mail=post_invitation if mails() else None,
            )
        )

    if saved(form, invite):
        return handed_over(made[0], again=False) if made else redirect(url_for("people.index"), 303)
    shown = render_template(
        "pages/settings/people.html",
        tab_links=tab_links(),
        form=form,
        groups=grouped(queries.everybody()),
        seen=queries.last_seen(),
        today=today(),
        role_notes=ROLE_NOTES,
        mails=mails(),
    )
    return shown, 422 if form.is_submitted() else 200


def handed_over(invited: Invited, *, again: bool) -> str | Response:
    """Where it was mailed, say so; else show the link, which is known only now."""
    if mails():
        flash(_("Enviamos la invitación a %(email)s.", email=invited.person.email), "ok")
        return redirect(url_for("people.index"), 303)
    return render_template("pages/settings/invited.html", links=handed([invited]), again=again)


@bp.route("/<int:person_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def edit(person_id: int) -> str | Response | tuple[str, int]:
    """One account."""
    person = accounts.find(person_id)
    form = PersonForm(obj=person, data={"roles": []})
    if not form.is_submitted():
        form.roles.data = [role.value for role in person.role_names]

    def save() -> None:
        accounts.edit(
            person_id,
            PersonEdit(
                name=form.name.data,
                email=form.email.data,
                position=form.position.data,
                phone=form.phone.data,
                roles=frozenset(Role(name) for name in form.roles.data),
                active=form.active.data,
            ),
            version=form.version.data,
            by=current_actor(),
            now=g.now,
            once=form.idempotency_key.data,
        )

    if saved(form, save, newest=lambda: accounts.find(person_id).version):
        flash(_("Los datos quedaron guardados."), "ok")
        return redirect(url_for("people.index"), 303)
    return page(person, form, membership_form()), 422 if form.is_submitted() else 200


def grouped(people: list[Person]) -> list[tuple[str, list[Person]]]:
    """The office and who watches it, then who only asks, by department."""
    asking = [person for person in people if person.role_names <= {Role.DIRECTOR}]
    working = [person for person in people if person not in asking]
    asking.sort(key=lambda person: (not person.active, [m.department.name for m in person.memberships]))
    return [(_("La oficina"), working), (_("Quienes piden"), asking)]


def membership_form() -> MembershipForm:
    """The form with today's departments."""
    form = MembershipForm()
    form.department_id.choices = department_choices(empty=False)
    return form


def page(person: Person, form: PersonForm, members: MembershipForm) -> str:
    """The page of one account around its forms."""
    return render_template(
        "pages/settings/person.html",
        tab_links=tab_links(),
        person=person,
        form=form,
        member_form=members,
        role_notes=ROLE_NOTES,
        mails=mails(),
    )


@bp.post("/<int:person_id>/dependencias")
@requires(Permission.MANAGE_PEOPLE)
def add_membership(person_id: int) -> Response | tuple[str, int]:
    """A department for somebody."""
    person, form = accounts.find(person_id), membership_form()
    if saved(
        form,
        lambda: accounts.add_membership(
            person_id,
            form.department_id.data,
            substitute=form.substitute.data,
            starts_on=form.starts_on.data,
            ends_on=form.ends_on.data,
            by=current_actor(),
            now=g.now,
            once=form.idempotency_key.data,
        ),
    ):
        return redirect(url_for("people.edit", person_id=person_id), 303)
    shown = PersonForm(None, obj=person)
    shown.roles.data = [role.value for role in person.role_names]
    return page(person, shown, form), 422


@bp.post("/<int:person_id>/dependencias/<int:membership_id>/quitar")
@requires(Permission.MANAGE_PEOPLE)
def end_membership(person_id: int, membership_id: int) -> Response:
    """Take a department from somebody."""
    accounts.end_membership(person_id, membership_id, by=current_actor(), now=g.now)
    return redirect(url_for("people.edit", person_id=person_id), 303)


@bp.post("/<int:person_id>/enlaces/anular")
@requires(Permission.MANAGE_PEOPLE)
def revoke_links(person_id: int) -> Response:
    """Kill the signed links of all mails that somebody got so far."""
    person = accounts.find(person_id)
    links.revoke_all(person.id, by=current_actor(), now=g.now)
    flash(_("Los enlaces de los correos de %(name)s quedaron anulados.", name=person.name), "ok")
    return redirect(url_for("people.edit", person_id=person_id), 303)


@bp.post("/<int:person_id>/invitar")
@requires(Permission.MANAGE_PEOPLE)
def invite_again(person_id: int) -> str | Response:
    """A fresh link."""
    return handed_over(
        accounts.invite_again(
            person_id, by=current_actor(), now=g.now, mail=post_invitation if mails() else None
        ),
        again=True,
    )
