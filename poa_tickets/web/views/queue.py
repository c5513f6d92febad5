"""The queue of the office, and the same list for whoever asks: their own requests."""

import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from poa_tickets.domain.errors import DomainError
from poa_tickets.domain.labels import label
from poa_tickets.domain.permissions import Permission, Scope, scope
from poa_tickets.domain.vocabulary import Outcome, Stage, TicketStatus
from poa_tickets.extensions import db
from poa_tickets.services.tickets import tickets, workflow
from poa_tickets.services.transaction import AlreadyDone
from poa_tickets.store.queries import queue
from poa_tickets.store.queries.queue import Frame, View
from poa_tickets.web import exporting, listing, presenting, rows
from poa_tickets.web.errors import sentence
from poa_tickets.web.gate import current_actor, requires
from poa_tickets.web.listing import Listing
from poa_tickets.web.presenting import Link
from poa_tickets.web.shell import new_url

bp = Blueprint("queue", __name__)

OFFICE_VIEWS = (
    View.OPEN,
    View.MINE,
    View.LATE,
    View.TO_AGREE,
    View.TO_COVER,
    View.TO_SELECT,
    View.TO_APPROVE,
    View.TO_PUBLISH,
    View.TO_CLOSE,
    View.WAITING,
    View.UNASSIGNED,
    View.TO_ANSWER,
    View.ENDED,
    View.ALL,
)
REQUESTER_VIEWS = (View.OPEN, View.TO_ANSWER, View.LATE, View.WAITING, View.ENDED, View.ALL)

VIEW_LABELS: dict[View, Any] = {
    View.OPEN: _l("Abiertas"),
    View.MINE: _l("Mías"),
    View.LATE: _l("Atrasadas"),
    View.TO_AGREE: _l("Por acordar"),
    View.TO_COVER: _l("Por cubrir hoy y mañana"),
    View.TO_SELECT: _l("Por elegir"),
    View.TO_APPROVE: _l("Por aprobar"),
    View.TO_PUBLISH: _l("Por publicar"),
    View.TO_CLOSE: _l("Por cerrar"),
    View.WAITING: _l("En pausa"),
    View.UNASSIGNED: _l("Sin encargar"),
    View.TO_ANSWER: _l("Esperan a la dependencia"),
    View.ENDED: _l("Terminadas"),
    View.ALL: _l("Todas"),
}
EMPTY: dict[View, tuple[Any, Any]] = {
    View.OPEN: (_l("No hay solicitudes abiertas."), _l("Cuando llegue una, aparecerá aquí.")),
    View.MINE: (_l("No tiene solicitudes encargadas."), _l("Vea las que están sin encargar y tome una.")),
    View.LATE: (_l("Nada está atrasado."), _l("Vea lo que vence primero en las abiertas.")),
    View.TO_AGREE: (_l("No hay nada por acordar."), _l("Cuando llegue una solicitud, aparecerá aquí.")),
    View.TO_COVER: (_l("No hay coberturas hoy ni mañana."), _l("Buen momento para elegir fotos.")),
    View.TO_SELECT: (_l("No hay nada por elegir."), _l("Aparecerá aquí lo que ya se acordó o se cubrió.")),
    View.TO_APPROVE: (
        _l("Ninguna versión final espera la aprobación."),
        _l("Aparecerá aquí lo que se envíe a la jefatura."),
    ),
    View.TO_PUBLISH: (_l("No hay nada por publicar."), _l("Aparecerá aquí lo que ya esté listo.")),
    View.TO_CLOSE: (_l("No hay nada por cerrar."), _l("Aparecerá aquí lo que ya se publicó.")),
    View.WAITING: (_l("Ninguna solicitud está en pausa."), _l("No falta ningún dato en este momento.")),
    View.UNASSIGNED: (_l("Todas las abiertas tienen responsable."), _l("No hay nada por repartir.")),
    View.TO_ANSWER: (
        _l("Ninguna solicitud espera respuesta."),
        _l("Todo está del lado de Comunicación Social."),
    ),
    View.ENDED: (_l("Aún no termina ninguna solicitud."), _l("Las cerradas aparecerán aquí.")),
    View.ALL: (_l("Aún no hay solicitudes."), _l("Presente la primera.")),
}
ORDER_LABELS = {
    "vence": _l("Lo que vence antes"),
    "evento": _l("El evento más próximo"),
    "recibida": _l("La más reciente"),
    "folio": _l("Folio, del mayor al menor"),
}
MOST_AT_ONCE = queue.PAGE_SIZE


@bp.get("/cola")
@requires(Permission.SEE_QUEUE)
def index() -> str | BaseResponse:
    """The queue; a folio typed into its search opens the request."""
    of = asked(OFFICE_VIEWS, scope(current_actor()))
    return typed_folio(of) or show(of, url_for(".index"), OFFICE_VIEWS, _("Cola"))


@bp.get("/mis-solicitudes")
@requires(Permission.SEE_TICKETS)
def own() -> str | BaseResponse:
    """The requests of the departments somebody answers for."""
    of = asked(REQUESTER_VIEWS, own_scope())
    return typed_folio(of) or show(of, url_for(".own"), REQUESTER_VIEWS, _("Mis solicitudes"))


def typed_folio(of: Listing) -> BaseResponse | None:
    """Straight to the request whose folio was typed, if the reader may see it."""
    folio = listing.folio_typed(of.typed, g.office.folio_prefix if g.office else "", presenting.today().year)
    found = db.session.scalar(queue.folio_of(folio, of.reader)) if folio else None
    return redirect(tickets.address(found)) if found else None


@bp.get("/cola.<any(csv, xlsx):kind>")
@requires(Permission.SEE_QUEUE)
def export(kind: str) -> Response:
    """The queue as a file, with the rows its address shows."""
    return send(asked(OFFICE_VIEWS, scope(current_actor())), kind, "cola")


@bp.get("/mis-solicitudes.<any(csv, xlsx):kind>")
@requires(Permission.SEE_TICKETS)
def export_own(kind: str) -> Response:
    """Somebody's own requests as a file."""
    return send(asked(REQUESTER_VIEWS, own_scope()), kind, "solicitudes")


def own_scope() -> Scope:
    """A person's own departments, also for who may see them all."""
    return Scope(all=False, department_ids=current_actor().department_ids)


def asked(views: Sequence[View], reads: Scope) -> Listing:
    """The list this request's address asks for."""
    return listing.asked(request.args, current_actor(), reads, g.now, presenting.office_zone(), views)


def send(of: Listing, kind: str, name: str) -> Response:
    """The whole list as a file."""
    found = db.session.execute(
        queue.exported(of.view, of.filters, of.reader, of.order).execution_options(yield_per=500)
    )
    sender = exporting.send_csv if kind == "csv" else exporting.send_xlsx
    return sender(exporting.ticket_columns(), exporting.cells(found), f"{name}-{presenting.today():%Y-%m-%d}")


def show(of: Listing, path: str, views: Sequence[View], title: str) -> str | BaseResponse:
    """A list as a page: one query for its rows, one for all that stands around them."""
    frame = Frame.of(list(db.session.execute(*queue.frame(of.view, of.filters, of.reader))))
    page = listing.page(of)
    if of.typed.isdigit() and frame.found == 1 and page.rows:
        # A bare number that only one request holds is its folio, or as good as one.
        return redirect(tickets.address(page.rows[0].folio))
    actor, offered = current_actor(), choices(frame)
    return render_template(
        "pages/queue/index.html",
        title=title,
        path=path,
        listing=of,
        frame=frame,
        page=page,
        chips=chips(of, frame, path, views),
        active=active_filters(of, offered, path),
        choices=offered,
        rows=[shown(row, own=path == url_for(".own")) for row in page.rows],
        several=len(frame.departments) > 1,
        empty=empty_words(of, path),
        orders={name: str(words) for name, words in ORDER_LABELS.items()},
        remedy=remedy(of, path),
        new_url=new_url(actor),
        ticket_path=tickets.address(""),
        works=actor.may(Permission.WORK_TICKETS) and path == url_for(".index"),
        key=secrets.token_urlsafe(18),
        far=queue.FAR,
        calendar_url=calendar_url(of, path),
    )


def calendar_url(of: Listing, path: str) -> str:
    """Where this list becomes a calendar. One's own list among all is no search that a calendar could repeat."""
    if path == url_for(".own") and current_actor().may(Permission.SEE_QUEUE):
        return ""
    return url_for("calendars.index", busqueda=urlencode(of.kept))


def shown(row: Any, *, own: bool) -> dict[str, Any]:
    """One row as the template draws it; in one's own list, one's department is oneself."""
    icon, stage = rows.stage_of(row)
    ball = rows.ball_of(row, row.department, row.assignee)
    if own and row.status is TicketStatus.OPEN:
        ball = _("usted") if ball == row.department else ball or _("Comunicación Social")
    return {
        "folio": row.folio,
        "title": row.title,
        "stage": stage,
        "icon": icon,
        "due": rows.due_of(row, g.now),
        "ball": ball,
        "department": row.department,
        "event": rows.event_words(row.event_at, row.hour_known),
        "open": row.status is TicketStatus.OPEN,
        "assignee_id": row.assignee_id,
    }


def chips(of: Listing, frame: Frame, path: str, views: Sequence[View]) -> list[Link]:
    """The saved views with their counts; a view starts anew, without the filters of another."""
    office = views is OFFICE_VIEWS
    return [
        Link(
            str(VIEW_LABELS[view]) if office or view is not View.TO_ANSWER else _("Esperan mi respuesta"),
            f"{path}?vista={listing.VIEW_NAMES[view]}",
            current=view is of.view,
            count=frame.counts.get(view),
        )
        for view in views
    ]


def choices(frame: Frame) -> dict[str, list[tuple[str, str]]]:
    """What each filter offers."""
    return {
        "dependencia": [(str(key), name) for key, name in frame.departments],
        "producto": [(str(key), _(name)) for key, name in frame.kinds],
        "etapa": [(stage.value, _(label(stage))) for stage in Stage],
        "persona": [(str(key), name) for key, name in frame.people],
        "estado": [(status.value, _(label(status))) for status in TicketStatus],
        "resultado": [(outcome.value, _(label(outcome))) for outcome in Outcome],
    }


FILTER_LABELS = {
    "q": _l("Buscar"),
    "dependencia": _l("Dependencia"),
    "producto": _l("Producto"),
    "etapa": _l("Etapa"),
    "persona": _l("Le toca a"),
    "estado": _l("Estado"),
    "resultado": _l("Resultado"),
    "recibida_desde": _l("Recibida desde"),
    "recibida_hasta": _l("Recibida hasta"),
    "evento_desde": _l("Evento desde"),
    "evento_hasta": _l("Evento hasta"),
}


def active_filters(of: Listing, offered: dict[str, list[tuple[str, str]]], path: str) -> list[Link]:
    """The filters that are on; each link takes one off."""
    return [
        Link(
            f"{name}: {dict(offered.get(key, ())).get(of.kept[key], of.kept[key])}",
            of.address(path, **{key: None}),
        )
        for key, name in FILTER_LABELS.items()
        if key in of.kept
    ]


def empty_words(of: Listing, path: str) -> tuple[str, str]:
    """What an empty list says, and what to do."""
    if path == url_for(".own") and of.view in (View.OPEN, View.ALL) and not of.typed and not of.filters.given:
        return _("No tiene solicitudes abiertas."), _("Lo que pida aparecerá aquí, con su avance.")
    if of.typed or of.filters.given:
        return _("Nada coincide con lo que busca."), _("Quite un filtro o escriba menos palabras.")
    title, advice = EMPTY[of.view]
    return str(title), str(advice)


def remedy(of: Listing, path: str) -> Link | None:
    """Where to go from an empty list."""
    if of.typed and "vista" in of.kept:
        return Link(_("Buscar en todas"), f"{path}?{urlencode({'q': of.typed})}")
    if of.kept:
        return Link(_("Ver las abiertas"), path)
    new = new_url(current_actor())
    # One's own list has that button already.
    return Link(_("Nueva solicitud"), new) if new and path != url_for(".own") else None


@bp.post("/cola/encargar")
@requires(Permission.WORK_TICKETS)
def assign() -> BaseResponse:
    """Give the ticked tickets to somebody; ``take`` gives one to whoever asks."""
    actor = current_actor()
    taken = request.form.get("take", "")
    folios = [taken] if taken else list(dict.fromkeys(request.form.getlist("folio")))[:MOST_AT_ONCE]
    chosen = str(actor.id) if taken else request.form.get("person", "")
    back = redirect(back_to_list(), code=303)
    if not folios:
        flash(_("Marque al menos una solicitud."), "soon")
    elif not (chosen.isascii() and chosen.isdigit() and len(chosen) < 10):
        flash(_("Elija a quién encargarlas."), "soon")
    else:
        give(folios, int(chosen), request.form.get("idempotency_key", "")[:40])
    return back


def give(folios: list[str], person_id: int, key: str) -> None:
    """Assign each in its own transaction: one that is refused holds back none of the others."""
    done = 0
    for folio in folios:
        try:
            workflow.assign(
                folio, person_id, by=current_actor(), now=g.now, once=f"{key}-{folio}"[:64] if key else ""
            )
            done += 1
        except AlreadyDone:
            done += 1
        except DomainError as error:
            flash(f"{folio[:24]}: {sentence(error.refusal)}", "soon")
    if done:
        flash(ngettext("%(num)s solicitud encargada.", "%(num)s solicitudes encargadas.", done), "ok")


def back_to_list() -> str:
    """The list the form came from: our own path, with the query it carried."""
    query = urlencode(parse_qsl(request.form.get("back", "")[:2000]))
    return url_for(".index") + (f"?{query}" if query else "")
