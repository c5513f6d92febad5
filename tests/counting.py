"""Tickets as rows in any state, also those no service would make: the number must hold for all of them."""

from __future__ import annotations

import random
import secrets
from datetime import datetime, timedelta

from poa_tickets.domain.vocabulary import (
    Approver,
    Cause,
    DueAnchor,
    DueUnit,
    EventCertainty,
    Outcome,
    Party,
    TicketStatus,
)
from poa_tickets.extensions import db
from poa_tickets.store.office import Office
from poa_tickets.store.people import Department, Person
from poa_tickets.store.tickets import Deliverable, DeliverableKind, Ticket


class Desk:
    """An office with two departments and two kinds, and its tickets."""

    def __init__(self, zone: str = "America/Mexico_City") -> None:
        self.office = Office(id=1, municipality="Prueba", state="Jalisco", time_zone=zone)
        self.departments = [
            Department(name="Obras Públicas", short_name="Obras"),
            Department(name="DIF", short_name="DIF"),
        ]
        self.person = Person(name="Alguien", email="alguien@example.org", fs_uniquifier=secrets.token_hex(8))
        self.kinds = [self.kind("photos", "Fotografías"), self.kind("loudspeaker", "Perifoneo")]
        db.session.add_all([self.office, *self.departments, self.person, *self.kinds])
        db.session.flush()
        self.number = 0

    def kind(self, key: str, label: str) -> DeliverableKind:
        return DeliverableKind(
            key=key,
            label=label,
            description="",
            icon="camera",
            stages=["agree", "publish"],
            lead_days=1,
            due_anchor=DueAnchor.FILING,
            due_amount=1,
            due_unit=DueUnit.WORKING_DAYS,
            brief={"fields": []},
            evidence={},
            approver=Approver.OFFICE,
            event_stages=[],
        )

    def ticket(
        self, received_at: datetime, products: list[Deliverable] | None = None, **values: object
    ) -> Ticket:
        self.number += 1
        department = values.pop("department", self.departments[0])
        ticket = Ticket(
            folio=f"CS-2026-{self.number:05}",
            year=2026,
            number=self.number,
            title=f"Solicitud {self.number}",
            message="",
            department_id=department.id,
            filed_by_id=self.person.id,
            received_at=received_at,
            event_certainty=EventCertainty.NONE,
            receipt_token=secrets.token_hex(16),
            **values,
        )
        ticket.deliverables = products if products is not None else [self.product()]
        db.session.add(ticket)
        return ticket

    def product(self, kind: int = 0, **values: object) -> Deliverable:
        return Deliverable(kind_id=self.kinds[kind].id, stages=["agree", "publish"], **values)

    def any_ticket(self, dice: random.Random, cutoff: datetime) -> Ticket:
        def moment() -> datetime:
            return cutoff + timedelta(hours=dice.randint(-200, 100))

        def maybe() -> datetime | None:
            return dice.choice([None, moment()])

        status = dice.choice(list(TicketStatus))
        waiting = maybe()
        refused = status in (TicketStatus.DECLINED, TicketStatus.CANCELLED)
        products = []
        for _ in range(dice.randint(1, 3)):
            dropped = maybe()
            products.append(
                self.product(
                    dice.randint(0, 1),
                    due_at=maybe(),
                    done_at=maybe(),
                    dropped_at=dropped,
                    dropped_cause=dice.choice(list(Cause)) if dropped else None,
                )
            )
        return self.ticket(
            cutoff - timedelta(days=dice.randint(0, 400), hours=dice.randint(0, 23)),
            products,
            department=dice.choice(self.departments),
            status=status,
            agreed_at=maybe(),
            closed_at=None if status is TicketStatus.OPEN else maybe(),
            outcome=dice.choice(list(Outcome)) if status is TicketStatus.CLOSED else None,
            cause=dice.choice(list(Cause)) if refused else dice.choice([None, *Cause]),
            due_at=maybe(),
            waiting_since=waiting,
            waiting_party=Party.REQUESTER if waiting else None,
        )
