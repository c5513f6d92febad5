"""The catalogue of services: seeded once from the domain's own, afterwards the office's to change."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from poa_tickets.domain.calendar import DueRule
from poa_tickets.domain.errors import Invalid, NotFound
from poa_tickets.domain.evidence import PROOFS
from poa_tickets.domain.kinds import CATALOGUE, BriefField, Kind
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import N_, Approver, DueAnchor, DueUnit, Evidence, Stage
from poa_tickets.extensions import db
from poa_tickets.services import editing
from poa_tickets.services.transaction import transaction
from poa_tickets.store.tickets import DeliverableKind


def seed() -> None:
    """Add the kinds of the product that are missing, in the caller's transaction; what the office changed stays."""
    present = set(db.session.scalars(select(DeliverableKind.key)))
    for position, kind in enumerate(CATALOGUE):
        if kind.key not in present:
            db.session.add(row_of(kind, position))


def row_of(kind: Kind, position: int) -> DeliverableKind:
    """A kind as it is stored."""
    return DeliverableKind(
        key=kind.key,
        label=kind.label,
        description=kind.description,
        icon=kind.icon,
        stages=[stage.value for stage in kind.stages],
        lead_days=kind.lead_days,
        due_anchor=kind.due.anchor,
        due_amount=kind.due.amount,
        due_unit=kind.due.unit,
        brief={"fields": [field_data(field) for field in kind.brief]},
        evidence={stage.value: proof.value for stage, proof in kind.evidence.items()},
        approver=kind.approver,
        event_stages=[stage.value for stage in kind.stages if stage in kind.needs_event],
        position=position,
    )


def field_data(field: BriefField) -> dict[str, Any]:
    """A question of a brief as it is stored."""
    return {
        "key": field.key,
        "label": field.label,
        "type": field.type.value,
        "hint": field.hint,
        "required": field.required,
        "choices": list(field.choices),
    }


@dataclass(frozen=True)
class KindEdit:
    """What the office may change of a kind. ``fields`` are the questions of the brief, in order."""

    label: str
    description: str
    lead_days: int
    enabled: bool
    approver: Approver
    fields: tuple[BriefField, ...]
    stages: tuple[Stage, ...] = ()
    evidence: Mapping[Stage, Evidence] = dataclass_field(default_factory=dict)
    due: DueRule = dataclass_field(default_factory=lambda: DueRule(DueAnchor.EVENT, -1, DueUnit.WORKING_DAYS))


def find(kind_id: int) -> DeliverableKind:
    """A kind by number."""
    return _existing(db.session.get(DeliverableKind, kind_id))


def _existing(kind: DeliverableKind | None) -> DeliverableKind:
    if kind is None:
        raise NotFound(N_("Ese producto no existe."))
    return kind


def edit(kind_id: int, change: KindEdit, *, version: str, by: Actor, now: datetime, once: str = "") -> None:
    """Change a kind; requests already filed keep their stages and their answers."""
    _check(change)
    with transaction(by=by, now=now, once=once):
        kind = _existing(editing.held(DeliverableKind, kind_id, version))
        kind.label, kind.description = change.label.strip(), change.description.strip()
        kind.lead_days, kind.enabled, kind.approver = change.lead_days, change.enabled, change.approver
        kind.brief = {"fields": [field_data(field) for field in change.fields]}


def add(change: KindEdit, *, by: Actor, now: datetime, once: str = "") -> None:
    """A kind of the office's own."""
    _check(change)
    if (
        len(change.stages) < 2
        or change.stages[0] is not Stage.AGREE
        or change.stages[-1] is not Stage.PUBLISH
    ):
        raise Invalid("stages", N_("Todo producto se acuerda y se publica o entrega: marque las dos etapas."))
    for stage, proof in change.evidence.items():
        if proof not in PROOFS[stage]:
            raise Invalid(f"{stage}_evidence", N_("Elija una de las opciones."))
    with transaction(by=by, now=now, once=once):
        last = db.session.scalar(select(func.max(DeliverableKind.position))) or 0
        kind = Kind(
            key=f"own_{secrets.token_hex(6)}",
            label=change.label.strip(),
            description=change.description.strip(),
            icon="stamp",
            stages=change.stages,
            lead_days=change.lead_days,
            due=change.due,
            brief=change.fields,
            evidence=dict(change.evidence),
            approver=change.approver,
            needs_event=frozenset({Stage.COVER} & set(change.stages)),
        )
        row = row_of(kind, last + 1)
        row.built_in = False
        db.session.add(row)


def kinds() -> list[DeliverableKind]:
    """The whole catalogue, in its order."""
    return list(
        db.session.scalars(select(DeliverableKind).order_by(DeliverableKind.position, DeliverableKind.id))
    )


def _check(change: KindEdit) -> None:
    if not change.label.strip():
        raise Invalid("label", N_("Escriba el nombre del producto."))
    if not 0 <= change.lead_days <= 120:
        raise Invalid("lead_days", N_("Escriba de 0 a 120 días hábiles."))
