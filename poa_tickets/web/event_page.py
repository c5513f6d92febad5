"""What an event's page shows to one reader: its facts, what may be done, its history in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from poa_tickets.domain import events as rules
from poa_tickets.domain.labels import label
from poa_tickets.domain.permissions import Actor, Permission
from poa_tickets.domain.vocabulary import EventKind, EventStatus, EventVerb, Importance
from poa_tickets.services.agenda import agenda
from poa_tickets.store.agenda import Event, EventChange
from poa_tickets.web import agenda_pages, presenting
from poa_tickets.web.event_verbs import VERBS, Verb

FIELD_NAMES = {
    "title": _l("el título"),
    "department_id": _l("la dependencia"),
    "starts_at": _l("la fecha"),
    "ends_at": _l("la hora en que termina"),
    "hour_known": _l("la hora"),
    "place": _l("el lugar"),
    "contact": _l("el contacto"),
    "kind": _l("el tipo"),
    "importance": _l("la importancia"),
    "presides": _l("quién lo preside"),
    "attendance": _l("la asistencia"),
    "note": _l("la nota"),
}
USUAL = (EventVerb.RESCHEDULED, EventVerb.CANCELLED)
SECRET = ("contact", "note")
VERB_ICONS = {
    EventVerb.CREATED: "plus",
    EventVerb.CHANGED: "edit",
    EventVerb.CONFIRMED: "check-circle",
    EventVerb.MADE_TENTATIVE: "help",
    EventVerb.RESCHEDULED: "calendar",
    EventVerb.POSTPONED: "pause",
    EventVerb.CANCELLED: "x",
}


@dataclass(frozen=True)
class Line:
    """One thing that was done to an event."""

    icon: str
    said: str
    who: str
    at: datetime
    reason: str
    before: str


@dataclass(frozen=True)
class EventPage:
    """Everything the page needs. ``knows``: the reader is of the office or of the event's department."""

    event: Event
    actor: Actor
    knows: bool
    series: Sequence[tuple[int, datetime | None]]

    @property
    def when(self) -> str:
        """When it happens, in words."""
        return agenda_pages.when_of(self.event)

    @property
    def status(self) -> tuple[str, str, str]:
        """Icon, tone and words of its status."""
        status = self.event.status
        return agenda_pages.STATUS_ICONS[status], agenda_pages.STATUS_TONES[status], _(label(status))

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What is known of it; what is not for every reader only for those who know it."""
        event = self.event
        people = event.attendance
        found = [
            (_("Dependencia"), event.department.name),
            (_("Tipo"), "" if event.kind is EventKind.OTHER else _(label(event.kind))),
            (_("Preside"), event.presides),
            (
                _("Asistencia"),
                "" if people is None else ngettext("%(num)s persona", "%(num)s personas", people),
            ),
            (_("Importancia"), "" if event.importance is Importance.NORMAL else _(label(event.importance))),
        ]
        if self.knows:
            found += [(_("Contacto ese día"), event.contact), (_("Nota"), event.note)]
        return [(name, value) for name, value in found if value]

    @property
    def verbs(self) -> list[tuple[Verb, str]]:
        """What the reader may do to it now, each with its address."""
        allowed = rules.allowed(self.event, self.actor)
        return [
            (verb, url_for(f"events.{verb.verb.value}", event_id=self.event.id))
            for verb in VERBS
            if verb.verb in allowed
        ]

    @property
    def confirm_url(self) -> str | None:
        """Where one press confirms it: where nothing repeats, nothing is asked."""
        return next((url for verb, url in self.verbs if verb.verb is EventVerb.CONFIRMED), None)

    @property
    def usual(self) -> list[tuple[Verb, str]]:
        """The verbs that are wanted often."""
        return [(verb, url) for verb, url in self.verbs if verb.verb in USUAL]

    @property
    def rarer(self) -> list[tuple[Verb, str]]:
        """The other verbs that ask something."""
        shown = {EventVerb.CONFIRMED, *USUAL}
        return [(verb, url) for verb, url in self.verbs if verb.verb not in shown]

    @property
    def edit_url(self) -> str | None:
        """The form of its facts, for who may change them."""
        if EventVerb.CHANGED not in rules.allowed(self.event, self.actor):
            return None
        return url_for("events.edit", event_id=self.event.id)

    @property
    def cover_url(self) -> str | None:
        """The request form for this event, for the office and its own department while it is to happen."""
        start = self.event.starts_at
        stands = self.event.status is not EventStatus.CANCELLED
        ahead = start is None or presenting.local(start).date() >= presenting.today()
        if not (stands and ahead and self.edit_url and self.actor.may(Permission.FILE_TICKETS)):
            return None
        return url_for("filing.new", evento=self.event.id)

    @property
    def again_url(self) -> str | None:
        """The form of another event like this one."""
        if not self.actor.may(Permission.EDIT_AGENDA):
            return None
        return url_for("events.new", como=self.event.id)

    @property
    def day_url(self) -> str:
        """The agenda on that day."""
        start = self.event.starts_at
        day = presenting.local(start).date().isoformat() if start else None
        return url_for("agenda.index", fecha=day) if day else url_for("agenda.show", span="lista")

    @property
    def in_series(self) -> str:
        """Which of its series it is."""
        ids = [event_id for event_id, _starts_at in self.series]
        if self.event.id not in ids:
            return ""
        return _("%(number)s de %(count)s de una serie", number=ids.index(self.event.id) + 1, count=len(ids))

    @property
    def beside(self) -> tuple[str | None, str | None]:
        """The one before and the one after in its series."""
        ids = [event_id for event_id, _starts_at in self.series]
        if self.event.id not in ids:
            return None, None
        at = ids.index(self.event.id)
        before = agenda.address(ids[at - 1]) if at else None
        return before, agenda.address(ids[at + 1]) if at + 1 < len(ids) else None

    def lines(self, changes: Iterable[EventChange]) -> list[Line]:
        """Its history as the page draws it."""
        return [self._line(change) for change in changes]

    def _line(self, change: EventChange) -> Line:
        said = _(label(change.verb))
        names = [str(FIELD_NAMES[name]) for name in change.before if name in FIELD_NAMES]
        if change.verb is EventVerb.CHANGED and names:
            said = _("Se corrigió: %(fields)s", fields=", ".join(names))
        return Line(
            VERB_ICONS[change.verb],
            said,
            change.by_name,
            change.at,
            change.reason,
            "; ".join(self._before(change.before)),
        )

    def _before(self, was: dict[str, Any]) -> list[str]:
        """What it said earlier, as far as the reader may know."""
        said = []
        if was.get("starts_at"):
            moment = datetime.fromisoformat(was["starts_at"])
            known = was.get("hour_known", self.event.hour_known)
            when = presenting.moment(moment) if known else presenting.day(moment)
            said.append(_("antes, %(when)s", when=when))
        names = ("title", "place", "presides") + (SECRET if self.knows else ())
        return said + [_("antes, «%(text)s»", text=was[name]) for name in names if was.get(name)]
