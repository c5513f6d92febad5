"""The recurring mails as the office set them: when, to whom, in which words."""

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from poa_tickets.domain import mailings
from poa_tickets.domain.errors import Invalid, NotAllowed, Stale
from poa_tickets.domain.mailings import DEFAULTS, Setting
from poa_tickets.domain.permissions import Actor, Permission
from poa_tickets.domain.vocabulary import N_, MailingKey, Role
from poa_tickets.extensions import db
from poa_tickets.services.editing import CHANGED
from poa_tickets.services.transaction import transaction
from poa_tickets.store.mailings import Mailing

LONGEST_SUBJECT = 120
LONGEST_OPENING = 2000


@dataclass(frozen=True)
class MailingEdit:
    """What the settings page may change of one mailing."""

    enabled: bool
    weekday: int
    hour: time
    audience: frozenset[Role]
    subject: str
    opening: str


def as_set(row: Mailing) -> Setting:
    """A stored mailing as the rules read it."""
    audience = frozenset(Role(name) for name in row.audience)
    return Setting(
        row.key, row.weekday, row.hour, audience, row.enabled, row.subject, row.opening, row.version
    )


def settings() -> dict[MailingKey, Setting]:
    """Every mailing: as the office set it, else as it comes."""
    return DEFAULTS | {row.key: as_set(row) for row in db.session.scalars(select(Mailing))}


def setting(key: MailingKey) -> Setting:
    """One mailing: as the office set it, else as it comes."""
    row = db.session.get(Mailing, key)
    return as_set(row) if row is not None else DEFAULTS[key]


def edit(
    key: MailingKey, change: MailingEdit, *, version: str, by: Actor, now: datetime, once: str = ""
) -> None:
    """Change one mailing; raises Stale where the form was drawn from another version."""
    if not by.may(Permission.CONFIGURE_OFFICE):
        raise NotAllowed(N_("Los correos periódicos los ajusta la jefatura o la administración del sistema."))
    check(key, change)
    try:
        with transaction(by=by, now=now, once=once):
            write(key, change, version)
    except IntegrityError as error:  # two set it for the first time at the same moment
        raise Stale(CHANGED, {}) from error


def write(key: MailingKey, change: MailingEdit, version: str) -> None:
    """Store the change, one version further, in the caller's transaction."""
    row = db.session.get(Mailing, key, with_for_update=True, populate_existing=True)
    if str(row.version if row is not None else 0) != version:
        raise Stale(CHANGED, {})
    if row is None:
        row = Mailing(key=key, version=0)
        db.session.add(row)
    row.version += 1
    row.enabled, row.weekday, row.hour = change.enabled, change.weekday, change.hour
    row.audience = sorted(role.value for role in change.audience)
    row.subject, row.opening = clean_subject(change.subject), change.opening.strip()


def check(key: MailingKey, change: MailingEdit) -> None:
    """Refuse what could not be sent, or to nobody."""
    if not 0 <= change.weekday <= 6:
        raise Invalid("weekday", N_("Elija un día de la semana."))
    if len(clean_subject(change.subject)) > LONGEST_SUBJECT:
        raise Invalid("subject", N_("Use un asunto de a lo más %(count)s caracteres."), count=LONGEST_SUBJECT)
    if len(change.opening) > LONGEST_OPENING:
        raise Invalid("opening", N_("Use un texto de a lo más %(count)s caracteres."), count=LONGEST_OPENING)
    if change.enabled and not change.audience and key not in mailings.ABOUT_NEXT_WEEK:
        raise Invalid("audience", N_("Elija por lo menos a quiénes se envía, o apague este correo."))
    check_order(key, change)


def check_order(key: MailingKey, change: MailingEdit) -> None:
    """The reminder comes after the question it reminds of, in the same week."""
    if key not in mailings.ABOUT_NEXT_WEEK:
        return
    other = setting(MailingKey.NAG if key is MailingKey.ASK else MailingKey.ASK)
    own, its = (change.weekday, change.hour), (other.weekday, other.hour)
    if (own >= its) if key is MailingKey.ASK else (own <= its):
        raise Invalid("hour", N_("El recordatorio va después de la petición, en la misma semana."))


def clean_subject(text: str) -> str:
    """A subject on one line."""
    return " ".join(text.split())
