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


def number(key: str, label: str, hint: str = "", *, required: bool = False) -> BriefField:
    """A whole number, zero or more."""
    return BriefField(key, label, BriefType.NUMBER, hint, required)


def day(key: str, label: str) -> BriefField:
    """A day."""
    return BriefField(key, label, BriefType.DATE)


def choice(key: str, label: str, *choices: str) -> BriefField:
    """One of a few answers."""
    return BriefField(key, label, BriefType.CHOICE, "", False, choices)


# What people must know is asked once, for the whole request; a kind that only says it again may be left blank.
FROM_THE_MESSAGE = N_("Si lo deja en blanco, partimos de lo que debe saber la gente.")
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
            text("script", N_("Texto que se va a anunciar"), FROM_THE_MESSAGE),
            line(
                "route", N_("Colonias o localidades del recorrido"), N_("Separadas por comas."), required=True
            ),
            number("runs", N_("Recorridos")),
            line("hours", N_("Días y horas"), N_("Por ejemplo: jueves y viernes de 9:00 a 13:00.")),
            number("seconds", N_("Duración del anuncio, en segundos")),
            line("quiet", N_("Lugares donde no debe sonar"), N_("Hospitales, escuelas en clase, templos.")),
            choice(
                "vehicle",
                N_("Carro de sonido"),
                N_("Del municipio"),
                N_("De la dependencia"),
                N_("Contratado"),
            ),
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
            text("idea", N_("Idea del mensaje"), FROM_THE_MESSAGE),
            line("link", N_("Enlace o página que debe mencionarse")),
            line("tags", N_("Etiquetas y cuentas que se mencionan")),
            choice("page", N_("Dónde"), N_("Facebook"), N_("Instagram"), N_("Facebook e Instagram")),
            line("hour", N_("Hora en que conviene publicar")),
            BriefField("boost", N_("Se pagará pauta"), BriefType.YES_NO),
            MINORS,
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
            line("duration", N_("Cuánto dura")),
            text("protocol", N_("Autoridades que asisten y orden del programa")),
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
            text("facts", N_("Hechos y cifras, con su fuente"), FROM_THE_MESSAGE),
            text("quote", N_("Frase textual y quién la dijo")),
            line("embargo", N_("No publicar antes de")),
            line("media", N_("Medios a los que se envía")),
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
            line("speakers", N_("Quién habla"), N_("Diga si ya autorizó el uso de su imagen y su voz.")),
            text("script", N_("Guion, si ya lo hay")),
            line("music", N_("Música y su permiso de uso")),
            choice(
                "access", N_("Accesibilidad"), N_("Subtítulos"), N_("Lengua de Señas Mexicana"), N_("Ambas")
            ),
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
            number("seconds", N_("Duración, en segundos")),
            line("jingle", N_("Música o cortinilla")),
            line("use", N_("Dónde se usará")),
        ),
        {S: Evidence.FILE, P: Evidence.FILE},
    ),
    Kind(
        "design",
        N_("Diseño"),
        N_("Cartel, volante, lona, imagen para redes"),
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
                N_("Otra"),
            ),
            text(
                "copy",
                N_("Texto definitivo, ya revisado"),
                N_("Quien pide responde de la ortografía."),
                required=True,
            ),
            line("size", N_("Medida y material")),
            line("logos", N_("Logotipos que deben aparecer")),
            number("copies", N_("Cuántos ejemplares")),
            line("delivery", N_("Dónde se entrega")),
        ),
        {S: Evidence.FILE, P: Evidence.FILE},
        Approver.HEAD,
    ),
    Kind(
        "printed_run",
        N_("Impresión"),
        N_("Tiraje, papel y lista de reparto"),
        "print",
        (A, S, P),
        5,
        before(1),
        (
            number("copies", N_("Cuántos ejemplares"), required=True),
            line("paper", N_("Papel, medida y tintas")),
            text("distribution", N_("A quién se reparte, y cuántos"), required=True),
        ),
        {S: Evidence.FILE, P: Evidence.FILE},
        Approver.HEAD,
    ),
    Kind(
        "slides",
        N_("Diapositivas"),
        N_("Para una reunión o un informe"),
        "board",
        (A, S, P),
        2,
        before(1),
        (
            line("meeting", N_("Reunión en que se presentan"), required=True),
            line("audience", N_("Quiénes asisten")),
            number("slides", N_("Cuántas diapositivas")),
            text("content", N_("Contenido y datos"), required=True),
            line("owner", N_("Quién responde de los datos")),
        ),
        {S: Evidence.FILE, P: Evidence.FILE},
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
            line("size", N_("Medida y material")),
            line("permit", N_("Permiso del sitio")),
            line("provider", N_("Proveedor y contrato")),
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
        (
            line("session", N_("Sesión o acto"), required=True),
            text("agenda", N_("Orden del día"), required=True),
            line("channel", N_("Página o canal")),
            line("test", N_("Prueba de equipo"), N_("Día, hora y con quién.")),
            MINORS,
        ),
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
            text("media", N_("Medios que se convocan")),
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
            line("size", N_("Medida o número de anuncios")),
            line("dates", N_("Fechas")),
            line("cost", N_("Costo, partida y contrato")),
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
            day("from", N_("Desde el día")),
            day("until", N_("Hasta el día")),
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
            day("date", N_("Día de la asesoría o entrevista")),
            line("outlet", N_("Medio o foro")),
            line("official", N_("Quién la recibe")),
        ),
        {P: Evidence.TEXT},
    ),
)
