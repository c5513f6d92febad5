"""What each stage of each kind asks for on a page: the words of its step, and the fields that prove it."""

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _

from poa_tickets.domain.vocabulary import N_, Channel, Evidence, Stage
from poa_tickets.store.tickets import DeliverableKind

SELECTED_BY: dict[Evidence, tuple[str, ...]] = {
    Evidence.TEXT: ("text",),
    Evidence.FILE: ("files",),
    Evidence.PHOTOS: ("photos",),
}
PUBLISHED_BY: dict[Evidence, tuple[str, ...]] = {
    Evidence.TEXT: ("log",),
    Evidence.RUN_LOG: ("log", "files"),
    Evidence.FILE: ("files",),
    Evidence.PERMALINK: ("permalink",),
    Evidence.PERMALINK_OR_FILE: ("permalink", "files"),
}
PROVED_BY = {Stage.SELECT: SELECTED_BY, Stage.PUBLISH: PUBLISHED_BY}
USUAL_CHANNEL = {
    "loudspeaker": Channel.LOUDSPEAKER,
    "design": Channel.DELIVERED,
    "billboard": Channel.PRINT,
    "audio_spot": Channel.DELIVERED,
    "media_insertion": Channel.RADIO,
    "news_note": Channel.WEBSITE,
    "web_notice": Channel.WEBSITE,
    "advice": Channel.DELIVERED,
}
# What the office writes down when it comes out, by kind: label and hint. A kind without a line here is asked
# only for what proves it.
LOGS: dict[str, tuple[str, str]] = {
    "loudspeaker": (
        N_("Recorridos"),
        N_("Un renglón por localidad, con día y horas: El Mirador, jue 9:00 a 10:30."),
    ),
    "news_note": (N_("Número de boletín y a quién se envió"), ""),
    "live_stream": (N_("Hora de inicio y de fin"), ""),
    "press_conference": (N_("Medios que asistieron"), ""),
    "design": (N_("Quién lo recibió y cuántos"), ""),
    "billboard": (N_("Sitio y fechas de montaje"), ""),
    "media_insertion": (N_("Medio, fechas y costo"), ""),
    "web_notice": (N_("Desde y hasta cuándo está puesto"), ""),
    "advice": (N_("Qué se preparó o se dijo"), ""),
}
SHOWN_BY = {
    Evidence.RUN_LOG: N_("Foto del recorrido o trazo del GPS"),
    Evidence.PERMALINK_OR_FILE: N_("O un archivo o foto que lo muestre"),
}
FINISHED_FILES = {
    "loudspeaker": N_("Audio grabado"),
    "design": N_("Prueba del diseño"),
    "billboard": N_("Prueba del diseño"),
    "video": N_("Video editado"),
    "audio_spot": N_("Audio terminado"),
}


@dataclass(frozen=True)
class StepWords:
    """How a stage is called where it is next: a heading, a button and its icon; ``send`` ends its form."""

    title: str
    button: str
    icon: str
    send: str = ""


def needed(kind: DeliverableKind, stage: Stage) -> tuple[str, ...]:
    """The fields that prove a stage, the one to fill first before the others."""
    return PROVED_BY.get(stage, {}).get(kind.evidence_for(stage), ())


def step_words(kind: DeliverableKind, stage: Stage) -> StepWords:
    """The words of a stage of a kind."""
    made = SPECIAL.get((stage, kind.evidence_for(stage))) or USUAL[stage]
    return made()


USUAL: dict[Stage, Callable[[], StepWords]] = {
    Stage.AGREE: lambda: StepWords(_("Sigue: acordar qué se va a decir."), _("Acordar"), "agree"),
    Stage.COVER: lambda: StepWords(_("Sigue: cubrir."), _("Marcar cubierta"), "camera"),
    Stage.SELECT: lambda: StepWords(_("Sigue: la versión final."), _("Dejar lista la versión final"), "text"),
    Stage.PUBLISH: lambda: StepWords(_("Sigue: publicar."), _("Publicar"), "publish"),
}
SPECIAL: dict[tuple[Stage, Evidence], Callable[[], StepWords]] = {
    (Stage.SELECT, Evidence.PHOTOS): lambda: StepWords(
        _("Sigue: elegir fotos."), _("Elegir fotos"), "photos", _("Dejar listas las fotos")
    ),
    (Stage.SELECT, Evidence.FILE): lambda: StepWords(
        _("Sigue: la versión final."), _("Subir la versión final"), "up"
    ),
    (Stage.SELECT, Evidence.TEXT): lambda: StepWords(
        _("Sigue: el texto final."), _("Escribir el texto final"), "text"
    ),
    (Stage.PUBLISH, Evidence.RUN_LOG): lambda: StepWords(
        _("Sigue: los recorridos."), _("Anotar los recorridos"), "megaphone", _("Guardar los recorridos")
    ),
    (Stage.PUBLISH, Evidence.FILE): lambda: StepWords(
        _("Sigue: entregar."), _("Registrar la entrega"), "publish", _("Registrar la entrega")
    ),
    (Stage.PUBLISH, Evidence.TEXT): lambda: StepWords(
        _("Sigue: atender."), _("Anotar el resultado"), "check", _("Guardar el resultado")
    ),
}
