"""What a ticket page calls each stage: what is being done, what proves it, and the button that does it."""

from flask_babel import gettext as _

from poa_tickets.domain.vocabulary import Stage
from poa_tickets.domain.workflow import Action
from poa_tickets.store.tickets import Deliverable

STAGE_ACTION = {Stage.COVER: Action.COVER, Stage.SELECT: Action.SELECT, Stage.PUBLISH: Action.PUBLISH}
DOING = {
    Stage.AGREE: lambda: _("acordar qué se va a decir"),
    Stage.COVER: lambda: _("cubrir"),
    Stage.SELECT: lambda: _("elegir la versión final"),
    Stage.PUBLISH: lambda: _("publicar o entregar"),
}
PROOF_WORDS = {
    Stage.AGREE: lambda: _("Acuerdo"),
    Stage.COVER: lambda: _("Cobertura"),
    Stage.SELECT: lambda: _("Versión final"),
    Stage.PUBLISH: lambda: _("Publicación"),
}


def _photos(deliverable: Deliverable) -> bool:
    return deliverable.kind.evidence.get(Stage.SELECT) == "photos"


def _cover_words(deliverable: Deliverable) -> tuple[str, str, str]:
    return (
        _("Sigue: cubrir, %(product)s.", product=_(deliverable.kind.label).lower()),
        _("Marcar cubierta"),
        "camera",
    )


def _select_words(deliverable: Deliverable) -> tuple[str, str, str]:
    if _photos(deliverable):
        return _("Sigue: elegir fotos."), _("Elegir fotos"), "photos"
    return (
        _("Sigue: la versión final, %(product)s.", product=_(deliverable.kind.label).lower()),
        _("Dejar lista la versión final"),
        "text",
    )


def _publish_words(deliverable: Deliverable) -> tuple[str, str, str]:
    return (
        _("Sigue: publicar, %(product)s.", product=_(deliverable.kind.label).lower()),
        _("Publicar"),
        "publish",
    )


STEP_WORDS = {Stage.COVER: _cover_words, Stage.SELECT: _select_words, Stage.PUBLISH: _publish_words}
