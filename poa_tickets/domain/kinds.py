"""The catalogue of services as it comes with the product (domain research, section 4).

Seeded once into ``deliverable_kinds``; afterwards the office's own rows rule: it may switch kinds off,
change lead times and help texts, and add kinds, without a programmer.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from poa_tickets.domain.calendar import DueRule
from poa_tickets.domain.vocabulary import N_, Approver, DueAnchor, DueUnit, Evidence, Stage

A, C, S, P = Stage.AGREE, Stage.COVER, Stage.SELECT, Stage.PUBLISH


class BriefType(StrEnum):
    """How a brief field is drawn and checked."""

    LINE = "line"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"


@dataclass(frozen=True)
class BriefField:
    """One question of a kind's brief."""

    key: str
    label: str
    type: BriefType = BriefType.LINE
    hint: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """What may be asked for, and how it is done and proved."""

    key: str
    label: str
    description: str
    icon: str
    stages: tuple[Stage, ...]
    lead_days: int
    due: DueRule
    brief: tuple[BriefField, ...]
    evidence: dict[Stage, Evidence]
    approver: Approver = Approver.OFFICE
    needs_event: frozenset[Stage] = field(default_factory=frozenset)


def before(amount: int, unit: DueUnit = DueUnit.WORKING_DAYS) -> DueRule:
    """Due before the event."""
    return DueRule(DueAnchor.EVENT, -amount, unit)


def after(amount: int, unit: DueUnit = DueUnit.WORKING_DAYS) -> DueRule:
    """Due after the event."""
    return DueRule(DueAnchor.EVENT, amount, unit)


def line(key: str, label: str, hint: str = "", *, required: bool = False) -> BriefField:
    """A one-line question."""
    return BriefField(key, label, BriefType.LINE, hint, required)


def text(key: str, label: str, hint: str = "", *, required: bool = False) -> BriefField:
    """A question answered in several lines."""
    return BriefField(key, label, BriefType.TEXT, hint, required)


def number(key: str, label: str, hint: str = "") -> BriefField:
    """A whole number, zero or more."""
    return BriefField(key, label, BriefType.NUMBER, hint)


def choice(key: str, label: str, *choices: str) -> BriefField:
    """One of a few answers."""
    return BriefField(key, label, BriefType.CHOICE, "", False, choices)


MINORS = BriefField("minors", N_("Habrá niñas, niños o adolescentes"), BriefType.YES_NO)

CATALOGUE: tuple[Kind, ...] = (
    Kind(
        "loudspeaker",
        N_("Perifoneo"),
        N_("Carro de sonido por colonias"),
        "megaphone",
        (A, S, P),
        3,
        before(1),
        (
            text(
                "script",
                N_("Texto que se va a anunciar"),
                N_("Diga qué, quién, cuándo, dónde y cuánto cuesta."),
                required=True,
            ),
            line(
                "route", N_("Colonias o localidades del recorrido"), N_("Separadas por comas."), required=True
            ),
            number("runs", N_("Recorridos")),
            line("hours", N_("Días y horas"), N_("Por ejemplo: jueves y viernes de 9:00 a 13:00.")),
        ),
        {S: Evidence.TEXT, P: Evidence.RUN_LOG},
    ),
    Kind(
        "social_post",
        N_("Publicación en redes"),
        N_("Facebook e Instagram"),
        "share",
        (A, S, P),
        1,
        after(1),
        (
            text(
                "idea",
                N_("Idea del mensaje"),
                N_("La redacción final la propone Comunicación Social y usted la acepta."),
                required=True,
            ),
            line("link", N_("Enlace o página que debe mencionarse")),
        ),
        {S: Evidence.TEXT, P: Evidence.PERMALINK},
        Approver.HEAD,
    ),
    Kind(
        "photos",
        N_("Fotografías"),
        N_("Cobertura y 5 a 10 fotos"),
        "camera",
        (A, C, S, P),
        2,
        after(2),
        (
            text("shots", N_("Tomas que no pueden faltar")),
            line("arrival", N_("Hora en que debe llegar el equipo")),
            MINORS,
        ),
        {S: Evidence.PHOTOS, P: Evidence.PERMALINK_OR_FILE},
        Approver.OFFICE,
        frozenset({C}),
    ),
    Kind(
        "news_note",
        N_("Nota o boletín"),
        N_("Texto para medios y página"),
        "text",
        (A, C, S, P),
        1,
        after(1),
        (
            text("facts", N_("Hechos y cifras, con su fuente"), required=True),
            text("quote", N_("Frase textual y quién la dijo")),
            line("embargo", N_("No publicar antes de")),
        ),
        {S: Evidence.TEXT, P: Evidence.PERMALINK_OR_FILE},
        Approver.HEAD,
        frozenset({C}),
    ),
    Kind(
        "video",
        N_("Video"),
        N_("Grabación y edición"),
        "video",
        (A, C, S, P),
        5,
        after(5),
        (
            text("purpose", N_("Para qué es y qué debe verse"), required=True),
            choice("format", N_("Formato"), N_("Horizontal"), N_("Vertical"), N_("Cuadrado")),
            line("length", N_("Duración")),
            line("speakers", N_("Quién habla")),
            MINORS,
        ),
        {S: Evidence.FILE, P: Evidence.PERMALINK_OR_FILE},
        Approver.HEAD,
        frozenset({C}),
    ),
    Kind(
        "audio_spot",
        N_("Audio o cuña"),
        N_("Para radio o carro de sonido"),
        "audio",
        (A, S, P),
        2,
        before(2),
        (
            text("script", N_("Guion"), required=True),
            line("voice", N_("Voz")),
            line("use", N_("Dónde se usará")),
        ),
        {S: Evidence.FILE, P: Evidence.FILE},
    ),
    Kind(
        "design",
        N_("Diseño o impresos"),
        N_("Cartel, volante, lona, diapositivas"),
        "design",
        (A, S, P),
        2,
        before(2),
        (
            choice(
                "piece",
                N_("Pieza"),
                N_("Cartel"),
                N_("Volante"),
                N_("Lona"),
                N_("Imagen para redes"),
                N_("Diapositivas"),
                N_("Otra"),
            ),
            text(
                "copy",
                N_("Texto definitivo, ya revisado"),
                N_("Quien pide responde de la ortografía."),
                required=True,
            ),
            line("size", N_("Medida y material")),
            number("copies", N_("Cuántos ejemplares")),
            line("delivery", N_("Dónde se entrega")),
        ),
        {S: Evidence.FILE, P: Evidence.FILE},
        Approver.HEAD,
    ),
    Kind(
        "billboard",
        N_("Espectacular o barda"),
        N_("Sitio, permiso y montaje"),
        "board",
        (A, S, P),
        10,
        before(2),
        (
            line("site", N_("Sitio"), required=True),
            text("copy", N_("Texto e imagen"), required=True),
            line("dates", N_("Desde y hasta cuándo")),
        ),
        {S: Evidence.FILE, P: Evidence.FILE},
        Approver.HEAD,
    ),
    Kind(
        "live_stream",
        N_("Transmisión en vivo"),
        N_("Sesiones y actos públicos"),
        "live",
        (A, C, P),
        3,
        after(0),
        (text("agenda", N_("Orden del día"), required=True), line("channel", N_("Página o canal"))),
        {P: Evidence.PERMALINK},
        Approver.OFFICE,
        frozenset({C}),
    ),
    Kind(
        "press_conference",
        N_("Rueda de prensa"),
        N_("Convocatoria, material y registro"),
        "mic",
        (A, C, S, P),
        2,
        after(1),
        (
            line("subject", N_("Asunto"), required=True),
            line("speakers", N_("Quién habla"), required=True),
            text("kit", N_("Material para medios")),
        ),
        {S: Evidence.TEXT, P: Evidence.PERMALINK_OR_FILE},
        Approver.PRESIDENCY,
        frozenset({C}),
    ),
    Kind(
        "media_insertion",
        N_("Radio o periódico"),
        N_("Inserción o cápsula"),
        "radio",
        (A, S, P),
        5,
        before(1),
        (
            line("outlet", N_("Medio"), required=True),
            text("copy", N_("Texto o guion"), required=True),
            line("dates", N_("Fechas")),
        ),
        {S: Evidence.TEXT, P: Evidence.FILE},
        Approver.HEAD,
    ),
    Kind(
        "web_notice",
        N_("Página web o estrados"),
        N_("Aviso con fecha de inicio y fin"),
        "screen",
        (A, S, P),
        1,
        before(1),
        (
            text("copy", N_("Texto del aviso"), required=True),
            line("section", N_("Sección o estrado")),
            line("basis", N_("Fundamento, si es obligatorio")),
        ),
        {S: Evidence.TEXT, P: Evidence.PERMALINK_OR_FILE},
    ),
    Kind(
        "advice",
        N_("Asesoría o entrevista"),
        N_("Preparación y puntos clave"),
        "chat",
        (A, P),
        1,
        before(1),
        (
            line("topic", N_("Tema"), required=True),
            line("outlet", N_("Medio o foro")),
            line("official", N_("Quién la recibe")),
        ),
        {P: Evidence.TEXT},
    ),
)
