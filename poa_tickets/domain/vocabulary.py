"""The office's words: stored values in English, labels in the office's Spanish, side by side.

Labels are gettext message ids; floors above translate them.
"""

from enum import StrEnum


def N_(text: str) -> str:
    """Mark ``text`` for translation without translating it (the domain knows no reader)."""
    return text


class Role(StrEnum):
    """What a person may be; one person may be several."""

    DIRECTOR = "director"
    STAFF = "staff"
    HEAD = "head"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Stage(StrEnum):
    """The four stages of a deliverable, in order."""

    AGREE = "agree"
    COVER = "cover"
    SELECT = "select"
    PUBLISH = "publish"


STAGES = tuple(Stage)


class TicketStatus(StrEnum):
    """Whether a ticket is being worked on, and if not, how it ended."""

    OPEN = "open"
    CLOSED = "closed"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """Computed when a ticket closes (plan 2024, indicator of goal 2.1)."""

    FULFILLED = "fulfilled"
    PARTLY = "partly"
    NOT_FULFILLED = "not_fulfilled"


class Cause(StrEnum):
    """Why a deliverable was dropped or a ticket declined or cancelled."""

    NO_VEHICLE = "no_vehicle"
    NO_STAFF = "no_staff"
    NO_EQUIPMENT = "no_equipment"
    NO_BUDGET = "no_budget"
    LATE_NOTICE = "late_notice"
    MISSING_INFORMATION = "missing_information"
    BLACKOUT = "blackout"
    EVENT_CANCELLED = "event_cancelled"
    REQUESTER = "requester"
    DUPLICATE = "duplicate"
    OUT_OF_CATALOGUE = "out_of_catalogue"
    OTHER = "other"


class Party(StrEnum):
    """Who holds the ball while a ticket waits."""

    REQUESTER = "requester"
    THIRD_PARTY = "third_party"


class EventCertainty(StrEnum):
    """What is known of the date while filing."""

    DATED = "dated"
    TO_BE_CONFIRMED = "to_be_confirmed"
    NONE = "none"


class EventStatus(StrEnum):
    """Postponed has no date yet; rescheduled has a new one."""

    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"
    POSTPONED = "postponed"
    RESCHEDULED = "rescheduled"
    CANCELLED = "cancelled"


class SignMethod(StrEnum):
    """How a party put its name on an agreement."""

    APP = "app"
    FILED = "filed"
    OFICIO = "oficio"
    PHONE = "phone"
    IN_PERSON = "in_person"


class Channel(StrEnum):
    """Where a publication came out."""

    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    WEBSITE = "website"
    LOUDSPEAKER = "loudspeaker"
    RADIO = "radio"
    NEWSPAPER = "newspaper"
    NOTICE_BOARD = "notice_board"
    PRINT = "print"
    WHATSAPP = "whatsapp"
    DELIVERED = "delivered"
    OTHER = "other"


class Evidence(StrEnum):
    """What proves that a stage is done."""

    NONE = "none"
    TEXT = "text"
    PERMALINK = "permalink"
    FILE = "file"
    PERMALINK_OR_FILE = "permalink_or_file"
    RUN_LOG = "run_log"
    PHOTOS = "photos"


class Approver(StrEnum):
    """Who approves what is selected before it is published."""

    OFFICE = "office"
    HEAD = "head"
    PRESIDENCY = "presidency"


class DueAnchor(StrEnum):
    """What a due time counts from."""

    EVENT = "event"
    FILING = "filing"


class DueUnit(StrEnum):
    """Working days follow the office's calendar; hours follow the clock."""

    WORKING_DAYS = "working_days"
    HOURS = "hours"


class FilePurpose(StrEnum):
    """What a file is there for."""

    ATTACHMENT = "attachment"
    OFICIO = "oficio"
    PHOTO = "photo"
    EVIDENCE = "evidence"
    PROOF = "proof"


class EntryKind(StrEnum):
    """A timeline entry is something that happened, or something that somebody said."""

    ACT = "act"
    REPLY = "reply"
    NOTE = "note"


class NoticeState(StrEnum):
    """The life of a mail that is owed."""

    OWED = "owed"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


# A pair each, not a dict by member: members of two enumerations with one value are equal as keys.
LABELS: dict[tuple[type[StrEnum], str], str] = {
    (type(member), member.value): text
    for member, text in (
        (Role.DIRECTOR, N_("Dirección de área")),
        (Role.STAFF, N_("Comunicación Social")),
        (Role.HEAD, N_("Jefatura de Comunicación Social")),
        (Role.AUDITOR, N_("Auditoría")),
        (Role.ADMINISTRATOR, N_("Administración del sistema")),
        (Stage.AGREE, N_("Acordar")),
        (Stage.COVER, N_("Cubrir")),
        (Stage.SELECT, N_("Elegir")),
        (Stage.PUBLISH, N_("Publicar")),
        (TicketStatus.OPEN, N_("Abierta")),
        (TicketStatus.CLOSED, N_("Cerrada")),
        (TicketStatus.DECLINED, N_("No procedió")),
        (TicketStatus.CANCELLED, N_("Cancelada")),
        (Outcome.FULFILLED, N_("Cumplida")),
        (Outcome.PARTLY, N_("Cumplida en parte")),
        (Outcome.NOT_FULFILLED, N_("No cumplida")),
        (Cause.NO_VEHICLE, N_("Sin vehículo")),
        (Cause.NO_STAFF, N_("Sin personal")),
        (Cause.NO_EQUIPMENT, N_("Sin equipo")),
        (Cause.NO_BUDGET, N_("Sin presupuesto")),
        (Cause.LATE_NOTICE, N_("Se pidió con poco tiempo")),
        (Cause.MISSING_INFORMATION, N_("Faltó información")),
        (Cause.BLACKOUT, N_("Veda electoral")),
        (Cause.EVENT_CANCELLED, N_("El evento se canceló")),
        (Cause.REQUESTER, N_("A petición de quien solicitó")),
        (Cause.DUPLICATE, N_("Repetida")),
        (Cause.OUT_OF_CATALOGUE, N_("Fuera del catálogo de servicios")),
        (Cause.OTHER, N_("Otro motivo")),
        (Party.REQUESTER, N_("La dependencia que pidió")),
        (Party.THIRD_PARTY, N_("Otra área o un tercero")),
        (EventCertainty.DATED, N_("Hay un evento con fecha")),
        (EventCertainty.TO_BE_CONFIRMED, N_("Hay un evento, con fecha por confirmar")),
        (EventCertainty.NONE, N_("No hay evento, sólo quiero difundir algo")),
        (EventStatus.CONFIRMED, N_("Confirmado")),
        (EventStatus.TENTATIVE, N_("Por confirmar")),
        (EventStatus.POSTPONED, N_("Pospuesto, sin nueva fecha")),
        (EventStatus.RESCHEDULED, N_("Reprogramado")),
        (EventStatus.CANCELLED, N_("Cancelado")),
        (SignMethod.APP, N_("en el sistema")),
        (SignMethod.FILED, N_("al pedirlo")),
        (SignMethod.OFICIO, N_("por oficio")),
        (SignMethod.PHONE, N_("por teléfono")),
        (SignMethod.IN_PERSON, N_("en persona")),
        (Channel.FACEBOOK, N_("Facebook")),
        (Channel.INSTAGRAM, N_("Instagram")),
        (Channel.WEBSITE, N_("Página web")),
        (Channel.LOUDSPEAKER, N_("Perifoneo")),
        (Channel.RADIO, N_("Radio")),
        (Channel.NEWSPAPER, N_("Periódico")),
        (Channel.NOTICE_BOARD, N_("Estrados")),
        (Channel.PRINT, N_("Impreso")),
        (Channel.WHATSAPP, N_("WhatsApp")),
        (Channel.DELIVERED, N_("Entrega a la dependencia")),
        (Channel.OTHER, N_("Otro medio")),
        (Evidence.NONE, N_("Ninguna")),
        (Evidence.TEXT, N_("Texto")),
        (Evidence.PERMALINK, N_("Enlace")),
        (Evidence.FILE, N_("Archivo")),
        (Evidence.PERMALINK_OR_FILE, N_("Enlace o archivo")),
        (Evidence.RUN_LOG, N_("Bitácora de recorridos")),
        (Evidence.PHOTOS, N_("Fotos elegidas")),
        (Approver.OFFICE, N_("Comunicación Social")),
        (Approver.HEAD, N_("Jefatura de Comunicación Social")),
        (Approver.PRESIDENCY, N_("Presidencia")),
        (DueAnchor.EVENT, N_("el evento")),
        (DueAnchor.FILING, N_("el día en que se pide")),
        (DueUnit.WORKING_DAYS, N_("días hábiles")),
        (DueUnit.HOURS, N_("horas")),
        (FilePurpose.ATTACHMENT, N_("Archivo")),
        (FilePurpose.OFICIO, N_("Oficio")),
        (FilePurpose.PHOTO, N_("Foto")),
        (FilePurpose.EVIDENCE, N_("Evidencia")),
        (FilePurpose.PROOF, N_("Archivo terminado")),
        (NoticeState.OWED, N_("Por enviar")),
        (NoticeState.SENDING, N_("En envío")),
        (NoticeState.SENT, N_("Enviado")),
        (NoticeState.FAILED, N_("No se pudo enviar")),
    )
}


def label(value: StrEnum) -> str:
    """The message id of a value's label; an unknown value is a crash, not an empty word."""
    return LABELS[type(value), value.value]
