"""The page on which a department says its week, by link or signed in: draw it, keep it, send it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import g, redirect, request, session
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from poa_tickets.domain import weekly_asks as rules
from poa_tickets.domain.errors import Invalid, NotNow, Stale
from poa_tickets.domain.permissions import Actor, is_requester
from poa_tickets.domain.vocabulary import AnswerVia
from poa_tickets.extensions import db
from poa_tickets.services import wording
from poa_tickets.services.asks import weekly_answers
from poa_tickets.services.asks.weekly_answers import MOST_NEW, Reply
from poa_tickets.services.calendar import office_calendar
from poa_tickets.services.tickets import drafts
from poa_tickets.services.transaction import AlreadyDone, already_done
from poa_tickets.store.agenda import Event
from poa_tickets.store.mailings import WeeklyAnswer
from poa_tickets.store.media import Draft
from poa_tickets.store.tickets import Ticket
from poa_tickets.web.errors import sentence
from poa_tickets.web.forms.weekly_asks import EMPTY_ROWS, WeekForm, built, rows_sent, spoken_of
from poa_tickets.web.presenting import local

OF_THE_PAGE = frozenset({"csrf_token", "idempotency_key", "version", "nothing", "more", "discard"})


@dataclass(frozen=True)
class Page:
    """Whose answer it is, who writes, and where the form lives."""

    answer: WeeklyAnswer
    actor: Actor
    here: str
    by_link: bool = False

    @property
    def purpose(self) -> str:
        """The name of the draft."""
        return f"week:{self.answer.id}"

    @property
    def via(self) -> AnswerVia:
        """How the answer comes."""
        if self.by_link:
            return AnswerVia.MAIL_LINK
        return AnswerVia.SIGNED_IN if is_requester(self.answer, self.actor) else AnswerVia.OFFICE

    @property
    def over(self) -> bool:
        """Whether the week lies behind."""
        return bool(g.now >= rules.ends_at(self.answer.ask.monday, g.office.zone))


def sent(page: Page) -> tuple[WeekForm, Response | None]:
    """What was sent, and the answer to it; None where the form is to be drawn again."""
    if request.headers.get("X-Requested-With") == "fetch":
        return form_of(page, request.form), kept(page)
    key = request.form.get("idempotency_key", "")
    done = already_done(key, page.actor)
    if done:
        return form_of(page, request.form), back(page, done="1")
    if "discard" in request.form:
        drafts.discard(page.purpose, by=page.actor, now=g.now)
        return form_of(page, request.form), back(page)
    more = EMPTY_ROWS if "more" in request.form else 0
    form = form_of(page, request.form, more=more)
    if not more and checked(page, form) and act(page, form):
        drafts.discard(page.purpose, by=page.actor, now=g.now)
        return form, back(page, done="1")
    again(page, form)
    return form, None


def checked(page: Page, form: WeekForm) -> bool:
    """Whether there is nothing to mend; else all of it stands beside its fields, of every row."""
    readable, said = form.check(), form.reply(nothing="nothing" in request.form)
    found = [] if page.over else [*faults(page, form, said)]
    if readable and not found:
        return True
    for fault in (*weekly_answers.overtaken(page.answer, said, form.version.data), *found):
        form.refuse(fault)
    return False


def faults(page: Page, form: WeekForm, said: Reply) -> Iterator[Invalid]:
    """What the rules refuse, and what the form has no row for: it is not dropped without a word."""
    for row in form.gone:
        yield Invalid("", weekly_answers.GONE, title=row.event.title)
    if rows_sent(request.form) > MOST_NEW:
        yield Invalid("", weekly_answers.TOO_MANY_NEW, count=MOST_NEW)
    yield from weekly_answers.faults(page.answer, said, by=page.actor, now=g.now)


def act(page: Page, form: WeekForm) -> bool:
    """Hand it to the service; a refusal stands beside its field."""
    try:
        weekly_answers.reply(
            page.answer.id,
            form.reply(nothing="nothing" in request.form),
            via=page.via,
            version=form.version.data,
            by=page.actor,
            now=g.now,
            once=form.idempotency_key.data or "",
        )
    except AlreadyDone:
        return True
    except Invalid as refusal:
        form.refuse(refusal)
    except Stale as stale:
        form.form_errors = [*form.form_errors, sentence(stale.refusal)]
    except NotNow as refusal:
        form.form_errors = [*form.form_errors, sentence(refusal.refusal)]
    except Exception:
        keep(page)
        raise
    else:
        return True
    return False


def again(page: Page, form: WeekForm) -> None:
    """Keep every word; what the agenda holds by now is drawn anew around it, and sending again is a decision."""
    try:
        keep(page)
    except Invalid as refusal:  # more words than a draft holds: they go back with the page
        form.refuse(refusal)
    db.session.expire_all()
    fresh = form_of(page, None)
    form.version.data = fresh.version.data
    typed = {row.event.id: row for row in form.known}
    for row in fresh.known:
        if row.event.id in typed:
            typed[row.event.id].version.data = row.version.data
    form.known = [typed.get(row.event.id, row) for row in fresh.known]


def keep(page: Page) -> None:
    """The words as typed, on the server. What arrived as no form at all takes the place of nothing kept before."""
    if request.form:
        drafts.save(page.purpose, words(), by=page.actor, now=g.now)


def kept(page: Page) -> Response:
    """The page keeps what is being written by itself."""
    if not already_done(request.form.get("idempotency_key", ""), page.actor):
        keep(page)
    return Response(status=204)


def words() -> dict[str, Any]:
    """What was typed."""
    return {
        name: values
        for name, values in request.form.lists()
        if name not in OF_THE_PAGE and not name.endswith("-version")
    }


def back(page: Page, **values: str) -> Response:
    """The page again, as it is now."""
    return redirect(page.here + ("?listo=1" if values else ""), 303)


def form_of(page: Page, formdata: Any, more: int = 0) -> WeekForm:
    """The form over what the agenda holds now."""
    answer = page.answer
    kinds = [(str(kind.id), _(kind.label)) for kind in weekly_answers.kinds_on_offer()]
    days = rules.days_of(answer.ask.monday)
    events = weekly_answers.known(answer, g.office.zone)
    gone = weekly_answers.left(answer, spoken_of(formdata), g.office.zone)
    how: dict[str, Any] = {"by_link": page.by_link, "gone": gone}
    form = built(formdata, events, days, kinds, local, **how)
    if more:
        form = built(formdata, events, days, kinds, local, **how, rows=len(form.new) + more)
    if formdata is None:
        form.version.data = str(answer.version)
    return form


def opened(page: Page) -> tuple[WeekForm, Draft | None]:
    """The form as one finds it: as it was left half written, else as the agenda is."""
    draft = drafts.load(page.purpose, page.actor)
    typed = None
    if draft is not None and draft.data:
        typed = MultiDict((name, value) for name, values in draft.data.items() for value in values)
    form = form_of(page, typed)
    form.version.data = str(page.answer.version)
    return form, draft


def around(page: Page, form: WeekForm, draft: Draft | None) -> dict[str, Any]:
    """What stands beside the fields."""
    answer = page.answer
    monday = answer.ask.monday
    days = rules.days_of(monday)
    today = office_calendar(g.office, g.now).today(g.now)
    return {
        "form": form,
        "draft": draft,
        "answer": answer,
        "here": page.here,
        "week": wording.span(days[0], days[-1], today.year),
        "begun": today >= monday,
        "over": page.over,
        "full": len(form.new) >= MOST_NEW,
        "on_behalf": page.via is AnswerVia.OFFICE,
        "requests": requests_of([row.event for row in form.known]),
        "just_sent": "listo" in request.args and answer.answered_at is not None,
        "only_nothing": request.args.get("nada") == "1" and answer.answered_at is None,
        "owner": page.actor.id,
        "signed": "_user_id" in session,
    }


def requests_of(events: list[Event]) -> dict[int, list[Ticket]]:
    """The requests that hang from each event; one query."""
    found: dict[int, list[Ticket]] = {}
    for ticket in weekly_answers.requests_of([event.id for event in events]):
        found.setdefault(ticket.event_id or 0, []).append(ticket)
    return found
