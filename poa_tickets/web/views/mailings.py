"""Ajustes, Correos periódicos: when each goes out, to whom, in which words; how it would be, and a trial of it."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from poa_tickets.domain import mailings as rules
from poa_tickets.domain.labels import label
from poa_tickets.domain.mailings import Setting
from poa_tickets.domain.permissions import Permission
from poa_tickets.domain.vocabulary import MailingKey, Role
from poa_tickets.services import wording
from poa_tickets.services.calendar import office_calendar
from poa_tickets.services.digests import digest_trials, digest_words, digests, mailings
from poa_tickets.services.digests.mailings import MailingEdit
from poa_tickets.services.transaction import AlreadyDone
from poa_tickets.web.digest_page import PageAddresses
from poa_tickets.web.forms.mailings import MailingForm, TrialForm
from poa_tickets.web.forms.settings import DAYS
from poa_tickets.web.gate import current_actor, requires
from poa_tickets.web.saving import saved
from poa_tickets.web.views.settings import tab_links

bp = Blueprint("mailings", __name__, url_prefix="/ajustes/correos")

NAMES = {
    "peticion": MailingKey.ASK,
    "recordatorio": MailingKey.NAG,
    "semana": MailingKey.WEEKLY,
    "manana": MailingKey.DAILY,
    "jefatura": MailingKey.HEAD,
}
WORDS = {key: name for name, key in NAMES.items()}
NOTES = {
    MailingKey.ASK: _l("Pregunta a cada dependencia qué eventos tendrá la semana siguiente."),
    MailingKey.NAG: _l("Insiste una vez, sólo con quien no ha respondido."),
    MailingKey.WEEKLY: _l("La semana día por día, lo que cambió y lo que espera de cada persona."),
    MailingKey.DAILY: _l("Lo de mañana, los días hábiles en que hay algo; el viernes, hasta el lunes."),
    MailingKey.HEAD: _l("El indicador, lo que está por vencer y quién no ha respondido."),
}


@dataclass(frozen=True)
class Line:
    """One mailing of the list."""

    label: str
    note: str
    when: str
    audience: str
    enabled: bool
    next_at: datetime
    url: str


def key_of(name: str) -> MailingKey:
    """The mailing of an address."""
    return NAMES.get(name) or abort(404)


@bp.get("")
@requires(Permission.CONFIGURE_OFFICE)
def index() -> str:
    """All of them."""
    known = mailings.settings()
    calendar = office_calendar(g.office, g.now)
    lines = [line(known[key], rules.coming(known[key], calendar, g.now).due_at) for key in MailingKey]
    return render_template("pages/settings/mailings.html", tab_links=tab_links(), lines=lines)


def line(setting: Setting, next_at: datetime) -> Line:
    """A mailing as the list shows it."""
    hour = wording.clock(setting.hour)
    day = str(DAYS[setting.weekday][1])
    return Line(
        label=_(label(setting.key)),
        note=str(NOTES[setting.key]),
        when=_("Días hábiles, %(hour)s", hour=hour) if setting.key is MailingKey.DAILY else f"{day}, {hour}",
        audience=audience(setting),
        enabled=setting.enabled,
        next_at=next_at,
        url=url_for(".edit", name=WORDS[setting.key]),
    )


def audience(setting: Setting) -> str:
    """Whom it goes to, in words."""
    if setting.key in rules.ABOUT_NEXT_WEEK:
        return _("El enlace de cada dependencia")
    return ", ".join(_(label(role)) for role in Role if role in setting.audience)


@bp.route("/<name>", methods=["GET", "POST"])
@requires(Permission.CONFIGURE_OFFICE)
def edit(name: str) -> str | Response | tuple[str, int]:
    """One of them: when, to whom, in which words."""
    key = key_of(name)
    setting = mailings.setting(key)
    form = MailingForm(
        data=as_fields(setting),
        weekly=key is not MailingKey.DAILY,
        to_roles=key not in rules.ABOUT_NEXT_WEEK,
    )
    if saved(form, lambda: save(key, form), newest=lambda: mailings.setting(key).version):
        flash(_("El correo quedó ajustado."), "ok")
        return redirect(url_for(".index"), 303)
    page = render_template(
        "pages/settings/mailing.html",
        tab_links=tab_links(),
        form=form,
        title=_(label(key)),
        note=NOTES[key],
        sample_url=url_for(".sample", name=name) if key in digests.KEYS else None,
        next_at=rules.coming(setting, office_calendar(g.office, g.now), g.now).due_at,
    )
    return page, 422 if form.is_submitted() else 200


def as_fields(setting: Setting) -> dict[str, Any]:
    """A mailing as the form names it."""
    return {
        "enabled": setting.enabled,
        "weekday": setting.weekday,
        "hour": setting.hour,
        "audience": [role.value for role in setting.audience],
        "subject": setting.subject,
        "opening": setting.opening,
        "version": str(setting.version),
    }


def save(key: MailingKey, form: MailingForm) -> None:
    """Hand the form to the service."""
    default = rules.DEFAULTS[key]
    change = MailingEdit(
        enabled=form.enabled.data,
        weekday=form.weekday.data if form.weekday else default.weekday,
        hour=form.hour.data,
        audience=frozenset(map(Role, form.audience.data)) if form.audience else default.audience,
        subject=form.subject.data or "",
        opening=form.opening.data or "",
    )
    mailings.edit(
        key,
        change,
        version=form.version.data,
        by=current_actor(),
        now=g.now,
        once=form.idempotency_key.data,
    )


@bp.get("/<name>/muestra")
@requires(Permission.CONFIGURE_OFFICE)
def sample(name: str) -> str:
    """How the next edition would be now, as whoever looks at it would have it."""
    key = key_of(name)
    draft = digest_trials.draft(key, by=current_actor(), now=g.now)
    words = digest_words.words(draft.told(g.office.zone), PageAddresses())
    return render_template(
        "pages/settings/mailing_sample.html",
        words=words,
        title=_(label(key)),
        name=name,
        form=TrialForm(formdata=None),
    )


@bp.post("/<name>/prueba")
@requires(Permission.CONFIGURE_OFFICE)
def trial(name: str) -> Response:
    """Send it to whoever asks, and to nobody else."""
    key, form = key_of(name), TrialForm()
    if form.validate():
        with suppress(AlreadyDone):
            digest_trials.send(key, by=current_actor(), now=g.now, once=form.idempotency_key.data)
        flash(_("La prueba va en camino a %(address)s.", address=g.person.email), "ok")
    return redirect(url_for(".sample", name=name), 303)
