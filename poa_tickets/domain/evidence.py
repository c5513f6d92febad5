"""What proves that a stage is done, and who approves a final version."""

from datetime import datetime
from typing import Protocol

from poa_tickets.domain.errors import Refusal
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import N_, Approver, Evidence, Role, Stage
from poa_tickets.domain.workflow import DeliverableFacts, deliverable_stage


class Approved(Protocol):
    """What the rule of approval reads of a product."""

    @property
    def approver(self) -> Approver: ...


class Laid(DeliverableFacts, Protocol):
    """A product whose final version may lie before the head."""

    @property
    def approval_asked_at(self) -> datetime | None: ...


class EvidenceFacts(Protocol):
    """What has been gathered for one stage of one deliverable."""

    @property
    def text(self) -> str: ...
    @property
    def permalink(self) -> str: ...
    @property
    def file_count(self) -> int: ...
    @property
    def picked_count(self) -> int: ...


EVIDENCE_MISSING: dict[Evidence, str] = {
    Evidence.TEXT: N_("Escriba el texto final o el resultado."),
    Evidence.PERMALINK: N_("Pegue el enlace de la publicación."),
    Evidence.FILE: N_("Suba el archivo terminado o una foto que lo muestre."),
    Evidence.PERMALINK_OR_FILE: N_("Pegue el enlace o suba un archivo que lo muestre."),
    Evidence.RUN_LOG: N_(
        "Anote los recorridos, con localidad, día y hora de cada uno, y suba una foto o el trazo del GPS."
    ),
    Evidence.PHOTOS: N_("Marque al menos una foto."),
}


# What may be demanded where: each has its field on the form of that stage, so that no product is ever stuck.
PROOFS: dict[Stage, tuple[Evidence, ...]] = {
    Stage.SELECT: (Evidence.NONE, Evidence.TEXT, Evidence.FILE, Evidence.PHOTOS),
    Stage.PUBLISH: (
        Evidence.PERMALINK_OR_FILE,
        Evidence.PERMALINK,
        Evidence.FILE,
        Evidence.TEXT,
        Evidence.RUN_LOG,
    ),
}


def missing_evidence(kind_of_evidence: Evidence, given: EvidenceFacts) -> Refusal | None:
    """What is missing to call a stage done, or None."""
    enough = {
        Evidence.NONE: True,
        Evidence.TEXT: bool(given.text.strip()),
        Evidence.PERMALINK: bool(given.permalink.strip()),
        Evidence.FILE: given.file_count > 0,
        Evidence.PERMALINK_OR_FILE: bool(given.permalink.strip()) or given.file_count > 0,
        Evidence.RUN_LOG: bool(given.text.strip()) and given.file_count > 0,
        Evidence.PHOTOS: given.picked_count > 0,
    }[kind_of_evidence]
    return None if enough else Refusal(EVIDENCE_MISSING[kind_of_evidence])


APPROVED_BY: dict[Approver, str] = {
    Approver.HEAD: N_(
        "La versión final la aprueba la jefatura de Comunicación Social. Pídale que la marque."
    ),
    Approver.PRESIDENCY: N_(
        "La versión final la aprueba Presidencia, y la jefatura de Comunicación Social lo marca. Pídaselo."
    ),
}


def approval_refusal(deliverable: Approved, actor: Actor) -> Refusal | None:
    """Final texts and designs are approved by the head of the office where the kind says so."""
    if deliverable.approver is Approver.OFFICE or Role.HEAD in actor.roles:
        return None
    return Refusal(APPROVED_BY[deliverable.approver])


def awaits_approval(deliverable: Laid) -> bool:
    """Whether a final version lies before the head: the ball is theirs."""
    return deliverable.approval_asked_at is not None and deliverable_stage(deliverable) is Stage.SELECT
