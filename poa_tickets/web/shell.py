"""What surrounds a page: the town hall's name and shield, the menu of whoever asks."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from flask import g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from poa_tickets.domain.permissions import Actor, Permission
from poa_tickets.services.incoming import reply_addresses
from poa_tickets.web import language
from poa_tickets.web.gate import current_actor
from poa_tickets.web.presenting import Link, Shell


@dataclass(frozen=True)
class MenuLine:
    """A page of the menu; it is marked as current on the pages of its blueprint and of ``also``."""

    label: str
    endpoint: str
    permission: Permission
    also: tuple[str, ...] = ()

    @property
    def blueprints(self) -> tuple[str, ...]:
        return (self.endpoint.split(".")[0], *self.also)


# To add a page to the menu, add its line here. Each sees only the lines it may open.
MENU = (
    MenuLine(_l("Cola"), "queue.index", Permission.SEE_QUEUE, also=("tickets",)),
    MenuLine(_l("Mis solicitudes"), "queue.own", Permission.SEE_TICKETS, also=("tickets",)),
    MenuLine(
        _l("Agenda"),
        "agenda.index",
        Permission.SEE_AGENDA,
        also=("events", "assignments", "workload", "absences", "weekly_asks", "digests", "agenda_imports"),
    ),
    MenuLine(_l("Registrar oficio"), "filing.oficio", Permission.FILE_FOR_OTHERS),
    MenuLine(_l("Indicador"), "indicators.show", Permission.SEE_INDICATORS, also=("response_rate",)),
    MenuLine(_l("Plan"), "plan.show", Permission.SEE_INDICATORS),
    MenuLine(_l("Avisos"), "notices.index", Permission.SEE_NOTICES),
    MenuLine(_l("Correo recibido"), "incoming.index", Permission.WORK_TICKETS),
    MenuLine(
        _l("Ajustes"),
        "settings.index",
        Permission.CONFIGURE_OFFICE,
        also=("people", "departments", "kinds", "mailings", "resources", "health"),
    ),
)


def build_shell() -> Shell:
    """The shell of this request; with no office yet, or on an error before it was loaded, the plain one."""
    office, actor = g.get("office"), current_actor()
    person = g.get("person")
    return Shell(
        office_name=getattr(office, "office_name", None) or _("Comunicación Social"),
        municipality=getattr(office, "municipality", ""),
        home_url=url_for("home.index"),
        theme_url=theme_url(office.accent) if office else None,
        shield_url=url_for("branding.shield", v=office.version) if office and office.logo_type else None,
        search_url=search_url(actor),
        account_url=url_for("account.index") if person else None,
        person_name=actor.name,
        person_note=getattr(person, "position", ""),
        nav_items=list(_menu(actor)) if actor.id is not None else (),
        foot_links=() if person else list(_languages()),
    )


def theme_url(accent: str) -> str:
    """The style sheet of a colour; another colour has another address."""
    return url_for("branding.theme", v=sha256(accent.encode()).hexdigest()[:12])


def search_url(actor: Actor) -> str | None:
    """The list somebody may search: everybody's requests, or their own."""
    if actor.may(Permission.SEE_QUEUE):
        return url_for("queue.index")
    return url_for("queue.own") if actor.may(Permission.SEE_TICKETS) else None


def new_url(actor: Actor) -> str | None:
    """The form for a new request, for who may file one."""
    return url_for("filing.new") if actor.may(Permission.FILE_TICKETS) else None


def _languages() -> Iterator[Link]:
    """A stranger's switch; who has an account chooses there. A page that answers a form would lose what was typed."""
    if request.method == "GET":
        for name, code, url in language.other_addresses():
            yield Link(name, url, language=code)


def _menu(actor: Actor) -> Iterator[Link]:
    here = request.blueprint or ""
    home = _("Mi día") if actor.is_office else _("Inicio")
    yield Link(home, url_for("home.index"), current=here == "home")
    seen_as_current = False
    for line in MENU:
        # Who works the queue finds their own requests there; one line per place is enough.
        doubled = line.endpoint == "queue.own" and actor.may(Permission.SEE_QUEUE)
        unread = line.endpoint == "incoming.index" and not reply_addresses.are_read()
        if doubled or unread or not actor.may(line.permission):
            continue
        current = here in line.blueprints and not seen_as_current
        seen_as_current = seen_as_current or current
        yield Link(str(line.label), url_for(line.endpoint), current=current)
