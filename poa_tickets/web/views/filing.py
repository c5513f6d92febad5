"""A new request: the form, its draft, what the day holds, and an oficio handed in at the counter."""

from collections.abc import Callable
from datetime import time
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.errors import DomainError, Invalid, NotAllowed
from poa_tickets.domain.permissions import Actor, Permission, can_edit_event, scope
from poa_tickets.domain.vocabulary import N_, EventCertainty, FilePurpose
from poa_tickets.extensions import db
from poa_tickets.services import media, sniffing
from poa_tickets.services.calendar import office_calendar
from poa_tickets.services.tickets import briefs, days, drafts, tickets
from poa_tickets.services.tickets.tickets import DeliverableRequest, EventRequest
from poa_tickets.services.transaction import AlreadyDone, already_done, release
from poa_tickets.store.agenda import Event
from poa_tickets.store.media import Draft
from poa_tickets.store.people import Department
from poa_tickets.store.queries import agenda
from poa_tickets.store.queries.tickets import by_folio
from poa_tickets.store.tickets import DeliverableKind
from poa_tickets.web import presenting, rows
from poa_tickets.web.forms.filing import WANTED, FilingForm, KindsForm, OficioForm, built, number_of
from poa_tickets.web.gate import current_actor, requires, when_late

bp = Blueprint("filing", __name__, url_prefix="/solicitudes")

OF_THE_PAGE = frozenset({"csrf_token", "idempotency_key", "version", "save", "remove", "discard", "use"})
LIGHT = "social_post"
EVENTS_OFFERED = 20
Answer = str | Response | tuple[str, int]


@bp.get("/nueva")
@requires(Permission.FILE_TICKETS)
def new() -> str:
    """The empty form, the one left half written, or one that starts from an earlier request."""
    draft = drafts.current(current_actor())
    start = typed(draft)
    if request.args.get("como"):
        if draft is None:
            start = like(request.args["como"])
        else:
            flash(_("Tiene una a medias: envíela o bórrela antes de pedir otra igual."), "soon")
    if request.args.get("evento"):
        if draft is None:
            start = about(number_of(request.args["evento"]))
        else:
            flash(_("Tiene una a medias: envíela o bórrela antes de pedir otra."), "soon")
    form = filing_form(start)
    if draft is None and request.args.get("fecha"):
        form.event_day.process(MultiDict({"event_day": request.args["fecha"]}))
    return page(form, draft)


def kept_for(purpose: str, file_purpose: FilePurpose) -> Callable[[Actor], None]:
    """What keeps a form that came after its sender's sign-in had run out: its draft, with every file."""

    def keep(actor: Actor) -> None:
        if not already_done(request.form.get("idempotency_key", ""), actor):
            take_up_mail(actor)
            keep_draft(purpose, file_purpose, actor, drafts.load(purpose, actor))

    return keep


@bp.post("/nueva")
@requires(Permission.FILE_TICKETS)
@when_late(kept_for(drafts.TICKET, FilePurpose.ATTACHMENT))
def file() -> Answer:
    """File it; or keep every word and file, and say what is missing."""
    form = filing_form(request.form)
    return submitted(form, drafts.TICKET, FilePurpose.ATTACHMENT, page, ".new")


@bp.post("/borrador")
@requires(Permission.FILE_TICKETS)
def draft() -> tuple[str, int]:
    """Keep what is being written; the page calls this by itself."""
    actor, key = current_actor(), request.form.get("idempotency_key", "")
    if not already_done(key, actor):
        take_up_mail(actor)
        drafts.save(purpose_asked(), words(), by=actor, now=g.now)
    return "", 204


@bp.get("/oficio")
@requires(Permission.FILE_FOR_OTHERS)
def oficio() -> str:
    """The counter's form: a photo and four answers."""
    draft = drafts.load(drafts.OFICIO, current_actor())
    return oficio_page(built(OficioForm, kinds_on_offer(), departments(), typed(draft)), draft)


@bp.post("/oficio")
@requires(Permission.FILE_FOR_OTHERS)
@when_late(kept_for(drafts.OFICIO, FilePurpose.OFICIO))
def file_oficio() -> Answer:
    """File it for the department; the acuse is next."""
    form = built(OficioForm, kinds_on_offer(), departments(), request.form)
    return submitted(form, drafts.OFICIO, FilePurpose.OFICIO, oficio_page, ".oficio")


@bp.get("/nueva/dia")
@requires(Permission.FILE_TICKETS)
def day() -> str:
    """What a day already holds, as a piece of the page."""
    form = filing_form(request.args)
    form.event_day.process(MultiDict({"event_day": request.args.get("fecha", "")}))
    return render_template("partials/filing/day.html", **around(form))


@bp.get("/nueva/parecidas")
@requires(Permission.FILE_TICKETS)
def similar() -> str:
    """Open requests that resemble the one being written, as a piece of the page."""
    form = filing_form(request.args)
    return render_template("partials/filing/similar.html", similar=resembling(form))


def submitted(form: Any, purpose: str, file_purpose: FilePurpose, draw: Any, back: str) -> Answer:
    """What every way of sending the form has in common. Files are safe before all else; words, unless they are filed."""
    actor, key = current_actor(), form.idempotency_key.data or ""
    take_up_mail(actor)
    pressed = {name for name in ("discard", "save", "remove", "use") if request.form.get(name)}
    sent = any(file.filename for file in request.files.getlist("files"))
    done = already_done(key, actor) if pressed or sent else None
    if done:
        return redirect(done.answer, 303)
    if "discard" in pressed:
        drafts.discard(purpose, by=actor, now=g.now)
        return redirect(url_for(back), 303)
    draft = drafts.load(purpose, actor)
    refusals: list[Invalid] = []
    if pressed or sent:
        refusals, draft = keep_draft(purpose, file_purpose, actor, draft)
    if "remove" in pressed:
        media.remove(request.form["remove"], by=actor, now=g.now)
    if pressed and not refusals:
        place = request.form.get("use", "").partition("=")[0] or "files"
        return redirect(url_for(back, _anchor=place), 303)
    try:
        folio = file_it(form, refusals, draft, key)
    except AlreadyDone as again:
        drafts.discard(purpose, by=actor, now=g.now)
        return redirect(again.answer, 303)
    except Exception:
        drafts.save(purpose, words(), by=actor, now=g.now)
        raise
    if folio:
        return filed(folio, paper=purpose == drafts.OFICIO)
    try:
        drafts.save(purpose, words(), by=actor, now=g.now)
    except Invalid as refusal:
        form.refuse(refusal)
    return draw(form, drafts.load(purpose, actor)), 422


def take_up_mail(actor: Actor) -> None:
    """A form drawn from a mail goes on with that mail's draft, and with its files."""
    number = number_of(request.form.get(drafts.BY_MAIL, ""))
    if number:
        drafts.take_up(number, by=actor, now=g.now)


def file_it(form: Any, refusals: list[Invalid], draft: Draft | None, key: str) -> str | None:
    """The new folio; None when something is missing, which then stands beside its field. Raises AlreadyDone."""
    actor = current_actor()
    calendar = office_calendar(g.office, g.now)
    fine = form.check(calendar, g.now)
    for refusal in refusals:
        form.refuse(refusal)
    if fine and not refusals and not repeats(form):
        asked = form.request(draft.id if draft else None)
        try:
            return tickets.file(
                asked,
                by=actor,
                now=g.now,
                office=g.office,
                once=key,
                alike=tickets.fingerprint(asked, draft, calendar.today(g.now)),
                calendar=calendar,
            ).folio
        except Invalid as refusal:
            form.refuse(refusal)
    # A form that was filed already may be refused the second time: its day has come, its number is taken.
    done = already_done(key, actor)
    if done:
        raise done
    return None


def keep_draft(
    purpose: str, file_purpose: FilePurpose, actor: Actor, left: Draft | None
) -> tuple[list[Invalid], Draft]:
    """Every word and every acceptable file of this request, safe; and what is to be said of the other files."""
    refusals, received = received_files(len(left.files) if left else 0)
    try:
        kept = drafts.save(
            purpose, words(), by=actor, now=g.now, received=received, file_purpose=file_purpose
        )
    except Exception:
        media.discard(received)
        raise
    return refusals, kept


def filed(folio: str, *, paper: bool) -> Response:
    """Where one goes with a new folio: to the ticket, which says it was received, or at the counter to the acuse."""
    if paper:
        return redirect(url_for("receipts.made", folio=folio), 303)
    return redirect(tickets.address(folio), 303)


def page(form: FilingForm, draft: Draft | None) -> str:
    """The whole form."""
    if form.event_id.choices is None:
        offer_events(form)
    return render_template(
        "pages/tickets/new.html", form=form, draft=draft, similar=resembling(form), **limits(), **around(form)
    )


def oficio_page(form: OficioForm, draft: Draft | None) -> str:
    """The counter's form."""
    return render_template(
        "pages/tickets/oficio.html", form=form, draft=draft, earlier=earlier(form), **limits()
    )


def limits() -> dict[str, Any]:
    """What the file field says beside it."""
    return {"max_bytes": media.max_bytes(), "max_files": media.MAX_FILES, "accepted": sniffing.ACCEPTED}


def around(form: FilingForm) -> dict[str, Any]:
    """What stands beside the form: the day, and the dates that follow from it."""
    asked = form.event_day.data if form.event_certainty.data != EventCertainty.NONE else None
    asked = form.linked.day if form.linked else asked
    if not asked and not form.chosen():
        return {"seen": None, "due_times": [], "car": None, "covers": False, "lighter": None}
    calendar = office_calendar(g.office, g.now)
    if asked and abs((asked - calendar.today(g.now)).days) > tickets.FARTHEST.days:
        asked = None
    times = due_times(form, calendar)
    return {
        "seen": days.look(asked, current_actor(), calendar) if asked else None,
        "due_times": times,
        "car": car(times, calendar, asked),
        "covers": any(kind.event_stages for kind in form.chosen()),
        "lighter": next((k for k in form.kinds_on_offer if k.key == LIGHT and k not in form.chosen()), None),
    }


def car(times: list[tuple[DeliverableKind, Any, bool]], calendar: OfficeCalendar, event_day: Any) -> Any:
    """The car on the day when it would go out, and the field that asks for another day; None if it is not asked for."""
    for kind, due_at, _short in times:
        if kind.key == days.CAR:
            day, today = calendar.today(due_at), calendar.today(g.now)
            room = days.car(day, today, calendar, until=event_day)
            return {"room": room, "field": briefs.field_name(kind.id, WANTED)}
    return None


def due_times(form: FilingForm, calendar: OfficeCalendar) -> list[tuple[DeliverableKind, Any, bool]]:
    """Each chosen product with its due time and whether that is short notice, as far as can be told yet."""
    found = []
    for kind in form.chosen():
        wanted = form.question(kind, WANTED).data
        try:
            event = form.event() if form.event_certainty.data else EventRequest()
            tickets.check_event(event, calendar, g.now)
            asked = DeliverableRequest(kind.id, {}, wanted)
            made = tickets.planned(kind, asked, event, calendar, g.now, complete=False)
        except (DomainError, ValueError):
            continue
        found.append((kind, made.due_at, made.short_notice))
    return found


def resembling(form: KindsForm) -> list[Any]:
    """Open requests like this one."""
    if not form.title.data or not form.department_id.data:
        return []
    return days.similar(form.title.data, form.department_id.data, current_actor())


def earlier(form: OficioForm) -> Any:
    """The ticket that already came under this oficio number."""
    if not form.department_id.data or not form.oficio_number.data:
        return None
    return days.same_oficio(form.oficio_number.data, form.department_id.data)


def repeats(form: Any) -> bool:
    """Whether an oficio is about to be registered twice and nobody has said that it should."""
    if not isinstance(form, OficioForm) or form.repeated.data:
        return False
    found = earlier(form)
    if found is None:
        return False
    form.refuse(
        Invalid("oficio_number", N_("Ese oficio ya se registró con el folio %(folio)s."), folio=found.folio)
    )
    return True


def received_files(already: int) -> tuple[list[Invalid], list[media.Received]]:
    """The files of this request, each on disk; those that can't be accepted are told, the others kept."""
    release()
    refusals: list[Invalid] = []
    received: list[media.Received] = []
    for sent in request.files.getlist("files"):
        if not sent.filename:
            continue
        if already + len(received) >= media.MAX_FILES:
            refusals.append(
                Invalid("files", N_("Caben %(limit)s archivos por solicitud."), limit=media.MAX_FILES)
            )
            break
        try:
            received.append(media.receive(sent.stream, sent.filename))
        except Invalid as refusal:
            refusals.append(refusal)
    return refusals, received


def words() -> dict[str, Any]:
    """The form as typed; a day that was proposed and taken with one press stands in its field."""
    typed = {name: values for name, values in request.form.lists() if name not in OF_THE_PAGE}
    name, _equals, day = request.form.get("use", "").partition("=")
    if name == "event_day" or name.endswith(f"-{WANTED}"):
        typed[name] = [day]
    return typed


def typed(draft: Draft | None) -> MultiDict[str, str] | None:
    """A draft's words as the form reads them."""
    if draft is None or not draft.data:
        return None
    return MultiDict((name, value) for name, values in draft.data.items() for value in values)


def like(folio: str) -> MultiDict[str, str] | None:
    """The words of an earlier request as the form reads them; what belongs to its day is asked anew."""
    ticket = db.session.scalar(by_folio(folio, scope(current_actor())))
    if ticket is None:
        return None
    found = MultiDict(
        {
            "department_id": str(ticket.department_id),
            "title": ticket.title,
            "message": ticket.message,
            "audience": ticket.audience,
            "localities": ticket.localities,
            "event_certainty": EventCertainty.DATED if ticket.event else EventCertainty.NONE,
            "event_place": ticket.event.place if ticket.event else "",
            "event_contact": ticket.contact,
        }
    )
    for product in ticket.deliverables:
        found.add("kinds", str(product.kind_id))
        found.update({briefs.field_name(product.kind_id, k): str(v) for k, v in product.brief.items()})
    return found


def about(event_id: int) -> MultiDict[str, str] | None:
    """The words of a request for an event of the agenda: what is known of it need not be written again."""
    event = db.session.get(Event, event_id)
    if event is None or not can_edit_event(event, current_actor()):
        return None
    return MultiDict(
        {
            "department_id": str(event.department_id),
            "title": event.title,
            "event_id": str(event.id),
            "event_certainty": EventCertainty.DATED,
        }
    )


def filing_form(formdata: Any) -> FilingForm:
    """The form for this catalogue; whoever sends it is asked for events of the agenda only if they named one."""
    form = built(FilingForm, kinds_on_offer(), departments(), formdata)
    if request.method != "POST" or form.event_id.data:
        offer_events(form)
    return form


def offer_events(form: FilingForm) -> None:
    """The coming events of the department that the request may be about."""
    calendar = OfficeCalendar(presenting.office_zone())
    today = calendar.at(calendar.today(g.now), time())
    department = form.department_id.data
    coming = agenda.to_ask_for(department, today, number_of(form.event_id.data), EVENTS_OFFERED)
    events = db.session.scalars(coming).all() if department else []
    form.offer_events(
        [
            (event, f"{event.title}, {rows.event_words(event.starts_at, event.hour_known)}")
            for event in events
        ],
        calendar,
    )


def purpose_asked() -> str:
    """Which form is being kept."""
    return drafts.OFICIO if request.args.get("de") == drafts.OFICIO else drafts.TICKET


def kinds_on_offer() -> list[DeliverableKind]:
    """The catalogue as it is open now."""
    return list(
        db.session.scalars(
            select(DeliverableKind)
            .where(DeliverableKind.enabled)
            .order_by(DeliverableKind.position, DeliverableKind.id)
        )
    )


def departments(by: Actor | None = None) -> list[Department]:
    """For whom a person, or whoever is signed in, may file; their own first."""
    actor = by or current_actor()
    wanted = select(Department).where(Department.active).order_by(Department.name)
    if not actor.may(Permission.FILE_FOR_OTHERS):
        wanted = wanted.where(Department.id.in_(actor.department_ids))
    found = list(db.session.scalars(wanted))
    if not found:
        raise NotAllowed(N_("Su cuenta no tiene una dependencia. Pida a Comunicación Social que la agregue."))
    return sorted(found, key=lambda department: department.id not in actor.department_ids)
