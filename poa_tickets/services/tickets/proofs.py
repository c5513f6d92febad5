"""What is gathered to prove a stage of a product: its files, its photos, its link."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, func, select

from poa_tickets.domain.errors import Invalid, NotFound
from poa_tickets.domain.vocabulary import N_, Evidence, FilePurpose, Stage
from poa_tickets.extensions import db
from poa_tickets.services.tickets.change import fitting
from poa_tickets.store.media import MediaFile
from poa_tickets.store.tickets import Deliverable, Ticket

# Which files prove a stage; they are uploaded before the stage is called done.
PROOF_OF = {
    Stage.COVER: FilePurpose.PHOTO,
    Stage.SELECT: FilePurpose.PROOF,
    Stage.PUBLISH: FilePurpose.EVIDENCE,
}
PERMALINK_LENGTH = 2000


@dataclass(frozen=True)
class Given:
    """What has been gathered for one stage, as the rules read it."""

    text: str = ""
    permalink: str = ""
    file_count: int = 0
    picked_count: int = 0


def checked_permalink(text: str) -> str:
    """A web address of a publication, or empty; raises Invalid."""
    clean = fitting("permalink", text, PERMALINK_LENGTH)
    if not clean:
        return ""
    if not _is_web_address(clean):
        raise Invalid("permalink", N_("Pegue el enlace completo: empieza con https://"))
    return clean


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # «https://[»
        return False
    return parts.scheme in ("http", "https") and "." in parts.netloc and not any(c.isspace() for c in text)


def files(product: Deliverable, stage: Stage) -> int:
    """How many files prove a stage of a product."""
    found = db.session.scalar(
        select(func.count())
        .select_from(MediaFile)
        .where(MediaFile.deliverable_id == product.id, MediaFile.purpose == PROOF_OF[stage])
    )
    return found or 0


def wants_photos(product: Deliverable) -> bool:
    """Whether its final version is a choice of photos."""
    return product.kind.evidence_for(Stage.SELECT) is Evidence.PHOTOS


def can_be_picked() -> ColumnElement[bool]:
    """The files that can be ticked as photos: those taken, and pictures that came with the request."""
    picture = MediaFile.content_type.startswith("image/")
    return picture & MediaFile.purpose.in_((FilePurpose.PHOTO, FilePurpose.ATTACHMENT))


def pick(ticket: Ticket, wanted: set[int]) -> int:
    """Tick these photos of a ticket and no others; how many. Raises NotFound for one that is not there."""
    photos = db.session.scalars(
        select(MediaFile).where(MediaFile.ticket_id == ticket.id, can_be_picked())
    ).all()
    if wanted - {photo.id for photo in photos}:
        raise NotFound(N_("Una de las fotos ya no está en la solicitud."))
    for photo in photos:
        photo.picked = photo.id in wanted
        photo.internal = photo.internal and not photo.picked
    return len(wanted)
