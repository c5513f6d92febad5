"""A digest in its reader's language, for the mail and for the page: facts in, lines out.

Where a line leads depends on who shows it: a mail carries signed links, a page carries its own addresses.
"""

from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from poa_tickets.domain.labels import label
from poa_tickets.domain.vocabulary import EventStatus, MailingKey
from poa_tickets.services import wording
from poa_tickets.services.digests import digest_numbers
from poa_tickets.services.digests.digest_lines import Addresses, Facts, Line, Section, Told, Words

MOST = 12


def words(told: Told, addresses: Addresses) -> Words:
    """The digest in the language of the moment."""
    writer = Writer(told, addresses)
    days = writer.days()
    left = writer.left()
    return Words(
        subject=subject(told),
        heading=heading(told),
        counts=counted(told.content),
        late=lateness(told),
        opening=told.opening,
        waiting=writer.waiting(),
        days=days if told.key is not MailingKey.HEAD else [],
        left=left if told.key is not MailingKey.HEAD else None,
        number=digest_numbers.sections(told, addresses) if told.key is MailingKey.HEAD else [],
        silent=silent(told.content),
        has_events=any(day.lines for day in days),
    )


def first_and_last(content: Facts) -> tuple[date, date]:
    """The days it is about."""
    return date.fromisoformat(content["first"]), date.fromisoformat(content["last"])


def span(first: date, last: date) -> str:
    """``del 23 al 29 de noviembre``, over the end of a month or of a year too."""
    if first == last:
        return _("del %(day)s", day=wording.dated(first, wording.LONG))
    return _("del %(week)s", week=wording.span(first, last, first.year))


def heading(told: Told) -> str:
    """What it is, with its days."""
    days = span(*first_and_last(told.content))
    if told.key is MailingKey.HEAD:
        return _("La oficina en la semana %(days)s", days=days)
    return _("Agenda %(days)s", days=days)


def subject(told: Told) -> str:
    """``Agenda del 23 al 29 de noviembre: 14 eventos, 2 cambios``; the office's own words keep the days."""
    if told.subject:
        return f"{told.subject} · {span(*first_and_last(told.content))}"
    if told.key is MailingKey.HEAD:
        return digest_numbers.subject(told.content, heading(told))
    return f"{heading(told)}: {counted(told.content)}"


def counted(content: Facts) -> str:
    """``14 eventos, 2 cambios``."""
    standing = sum(not is_gone(e) for day in content["days"] for e in day["events"])
    changed = sum(bool(e["mark"]) for day in content["days"] for e in day["events"]) + len(content["left"])
    parts = [ngettext("%(num)d evento", "%(num)d eventos", standing) if standing else _("sin eventos")]
    if changed:
        parts.append(ngettext("%(num)d cambio", "%(num)d cambios", changed))
    return ", ".join(parts)


def is_gone(event: Facts) -> bool:
    """Whether it will not happen then."""
    return event["mark"] in ("cancelled", "postponed")


def lateness(told: Told) -> str:
    """Why it comes when it comes, if that is not when it should."""
    if not told.late:
        return ""
    return _("Este correo sale con retraso: el sistema de correo estuvo detenido. Lo que sigue está al día.")


def silent(content: Facts) -> str:
    """Who has not said what they will do."""
    names = content.get("silent")
    if names is None:
        return ""
    if not names:
        return _("Todas las dependencias respondieron.")
    return _("Sin respuesta todavía: %(names)s.", names=", ".join(names))


class Writer:
    """Facts become lines, for one reader."""

    def __init__(self, told: Told, addresses: Addresses) -> None:
        self.told, self.addresses = told, addresses
        self.own = set(told.personal.get("departments", ()))

    def local(self, written: str) -> datetime:
        """A kept moment on the municipality's clock."""
        return datetime.fromisoformat(written).astimezone(self.told.zone)

    def hour(self, event: Facts) -> str:
        """``10:00``, or that it is not known."""
        if not event["hour_known"]:
            return _("hora por confirmar")
        return wording.clock(self.local(event["starts_at"]))

    def moment(self, written: str, *, hour: bool = True) -> str:
        """``mié 25 nov, 10:00``."""
        at = self.local(written)
        return wording.moment(at) if hour else wording.dated(at, wording.SHORT)

    def days(self) -> list[Section]:
        """The days one by one; one without events says so."""
        return [
            Section(
                wording.dated(date.fromisoformat(day["day"]), wording.LONG),
                [self.event(event) for event in day["events"]],
            )
            for day in self.told.content["days"]
        ]

    def event(self, event: Facts) -> Line:
        """One thing that happens."""
        mark, tone = self.mark(event)
        own = event["department_id"] in self.own
        url = self.addresses.event(event) if own and not is_gone(event) else ""
        return Line(
            f"{self.hour(event)} · {event['title']}",
            tuple(self.details(event)),
            mark,
            tone,
            url,
            _("Confirmar, mover o cancelar") if url else "",
        )

    def mark(self, event: Facts) -> tuple[str, str]:
        """What is different since the last one, and how it looks."""
        match event["mark"]:
            case "new":
                return _("Nuevo"), "new"
            case "moved" if "starts_at" in event["before"]:
                return _("Cambió de hora") if self.same_day(event) else _("Cambió de día"), "changed"
            case "moved":
                return _("Cambió de lugar"), "changed"
            case "cancelled":
                return _("Cancelado"), "gone"
            case "postponed":
                return _("Pospuesto"), "gone"
        return "", ""

    def same_day(self, event: Facts) -> bool:
        """Whether only the hour is another."""
        then = event["before"].get("starts_at")
        if not then or not event["starts_at"]:
            return False
        return self.local(then).date() == self.local(event["starts_at"]).date()

    def details(self, event: Facts) -> list[str]:
        """Where, who asks, who presides, who covers, how it stood before and why."""
        told = [" · ".join(part for part in (event["place"], event["department"]) if part)]
        if event["mark"] == "moved":
            told.append(self.before(event))
        if event["status"] == EventStatus.TENTATIVE:
            told.append(_(label(EventStatus.TENTATIVE)))
        people = [
            _("Preside: %(name)s", name=event["presides"]) if event["presides"] else "",
            _("Cubre: %(names)s", names=", ".join(event["covers"])) if event["covers"] else "",
        ]
        told.append(" · ".join(part for part in people if part))
        if event["reason"]:
            told.append(_("Motivo: %(reason)s", reason=event["reason"]))
        return [line for line in told if line]

    def before(self, event: Facts) -> str:
        """How the last edition had it."""
        was = event["before"]
        if was.get("starts_at"):
            known = was.get("hour_known", event["hour_known"])
            return _("Antes: %(moment)s", moment=self.moment(was["starts_at"], hour=known))
        return _("Antes: %(moment)s", moment=was["place"]) if was.get("place") else ""

    def left(self) -> Section | None:
        """What the last edition had on these days and is not there any more."""
        gone = self.told.content["left"]
        if not gone:
            return None
        return Section(_("Ya no son en estos días"), [self.gone(event) for event in gone])

    def gone(self, event: Facts) -> Line:
        """Where it went."""
        mark, tone = self.mark(event)
        to = ""
        if event["mark"] == "moved" and event["starts_at"]:
            to = _("Ahora: %(moment)s", moment=self.moment(event["starts_at"], hour=event["hour_known"]))
        details = (to, self.before(event), " · ".join(p for p in (event["place"], event["department"]) if p))
        reason = _("Motivo: %(reason)s", reason=event["reason"]) if event["reason"] else ""
        return Line(event["title"], tuple(part for part in (*details, reason) if part), mark, tone)

    def waiting(self) -> list[Section]:
        """What waits for the reader, the most pressing first."""
        mine = self.told.personal
        found = [
            self.section(_("Acuerdos por aceptar"), mine.get("agreements", ()), self.agreement),
            self.section(_("Lo que falta para seguir"), mine.get("missing", ()), self.missing),
            self.section(_("Esperan su aprobación"), mine.get("approvals", ()), self.product),
            self.section(_("Sus coberturas y encargos"), mine.get("tasks", ()), self.task),
            self.section(_("Productos a su cargo"), mine.get("products", ()), self.product),
            self.section(_("Solicitudes suyas que pasaron su plazo"), mine.get("late", ()), self.late),
        ]
        return [section for section in found if section is not None]

    def section(self, title: str, items: Any, line: Any) -> Section | None:
        """Some of the items as lines; None where there are none."""
        if not items:
            return None
        more = len(items) - MOST
        return Section(
            title,
            [line(item) for item in items[:MOST]],
            more=ngettext("y %(num)d más", "y %(num)d más", more) if more > 0 else "",
        )

    def agreement(self, told: Facts) -> Line:
        """A text to be accepted."""
        return Line(
            told["title"], (told["folio"],), url=self.addresses.agreement(told), verb=_("Revisar y aceptar")
        )

    def missing(self, told: Facts) -> Line:
        """Something to be sent."""
        needs = _("Falta: %(what)s", what=told["what"]) if told["what"] else ""
        details = tuple(part for part in (needs, told["folio"]) if part)
        return Line(told["title"], details, url=self.addresses.missing(told), verb=_("Enviar lo que falta"))

    def late(self, told: Facts) -> Line:
        """Ours to do, and not done in time."""
        since = _("El plazo era %(moment)s", moment=self.moment(told["due_at"]))
        verb = _("Ver la solicitud")
        return Line(told["title"], (since, told["folio"]), url=self.addresses.asked(told), verb=verb)

    def task(self, told: Facts) -> Line:
        """Where to be, and when."""
        when = self.moment(told["starts_at"], hour=told["hour_known"])
        if not told["hour_known"]:
            when = _("%(day)s, hora por confirmar", day=when)
        details = tuple(part for part in (told["place"], told["note"], told["folio"]) if part)
        url = self.addresses.ticket(told["folio"]) if told["folio"] else ""
        return Line(f"{when} · {told['title']}", details, url=url, verb=_("Ver la solicitud") if url else "")

    def product(self, told: Facts) -> Line:
        """Something to make or to approve."""
        due = _("Para el %(moment)s", moment=self.moment(told["due_at"])) if told.get("due_at") else ""
        mark, tone = (_("Atrasado"), "overdue") if told.get("late") else ("", "")
        details = tuple(part for part in (told["title"], due, told["folio"]) if part)
        url = self.addresses.ticket(told["folio"])
        name = told["product"]
        return Line(_(name), details, mark, tone, url, _("Ver la solicitud"))
