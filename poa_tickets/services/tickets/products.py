"""What was asked of one product, changed or completed after it was filed."""

from datetime import date, datetime
from typing import Any

from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import N_
from poa_tickets.domain.workflow import Action
from poa_tickets.services.tickets import agreements, briefs, deliverables, tickets
from poa_tickets.services.tickets.change import change
from poa_tickets.store.tickets import Deliverable

WANTED_ON = N_("Para el")


def edit(
    folio: str,
    deliverable_id: int,
    brief: dict[str, Any],
    *,
    by: Actor,
    now: datetime,
    wanted_on: date | None = None,
    once: str = "",
    version: int | None = None,
) -> Deliverable:
    """Change or complete what was asked of one product. What had been agreed about it is agreed anew.

    The office may leave questions open, for what came on paper is completed as the answers arrive.
    """
    with change(folio, Action.EDIT, by=by, now=now, once=once, version=version) as this:
        product = this.deliverable(deliverable_id)
        deliverables.refuse_if_over(product)
        moved = wanted_on != product.wanted_on
        asked = tickets.DeliverableRequest(product.kind_id, brief, wanted_on if moved else None)
        planned = tickets.planned(
            product.kind, asked, deliverables.event_of(this), this.calendar, now, complete=not by.is_office
        )
        if not moved and planned.brief == product.brief:
            return product
        was = briefs.said_before(product.kind, product.brief, planned.brief)
        product.brief = planned.brief
        if moved:
            was.append({"label": WANTED_ON, "day": product.wanted_on and product.wanted_on.isoformat()})
            product.wanted_on, product.due_at = wanted_on, planned.due_at
        this.record("brief_edited", deliverable=product.kind.label, was=was)
        agreements.void_open(this, N_("Se cambió lo que se pidió."))
    return product
