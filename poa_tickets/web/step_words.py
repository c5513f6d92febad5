"""What a ticket page calls each stage: what is being done, and what proves it."""

from flask_babel import gettext as _

from poa_tickets.domain.vocabulary import Stage
from poa_tickets.domain.workflow import Action

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
