"""The office's words as they are stored, in English; what people read of them stands in ``labels``."""

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
    MAIL = "mail"


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


class EventKind(StrEnum):
    """What sort of thing happens."""

    CEREMONY = "ceremony"
    COUNCIL = "council"
    WORKS = "works"
    FAIR = "fair"
    CULTURE = "culture"
    SPORT = "sport"
    TRAINING = "training"
    MEETING = "meeting"
    PRESS = "press"
    SERVICE = "service"
    OTHER = "other"


class EventSource(StrEnum):
    """How an event came to the agenda."""

    TICKET = "ticket"
    AGENDA = "agenda"
    WEEKLY_ASK = "weekly_ask"
    IMPORTED = "imported"


class EventVerb(StrEnum):
    """What may be done to an event; each is told in its own words."""

    CREATED = "created"
    CHANGED = "changed"
    CONFIRMED = "confirmed"
    MADE_TENTATIVE = "made_tentative"
    RESCHEDULED = "rescheduled"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


class Importance(StrEnum):
    """How much an event matters when not all can be covered (plan 004, line 33)."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class SeriesScope(StrEnum):
    """Which events of a series a change is for."""

    SINGLE = "single"
    FOLLOWING = "following"
    ALL = "all"


class Frequency(StrEnum):
    """How an event repeats. By weekday: the second Tuesday, say; the fifth one is the last."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    MONTHLY_BY_WEEKDAY = "monthly_by_weekday"


class ResourceKind(StrEnum):
    """What can be booked."""

    VEHICLE = "vehicle"
    CAMERA = "camera"
    DRONE = "drone"
    AUDIO = "audio"
    PLACE = "place"
    OTHER = "other"


class AssignmentStatus(StrEnum):
    """How far a task has come."""

    ASSIGNED = "assigned"
    ARRIVED = "arrived"
    DONE = "done"
    CANCELLED = "cancelled"


class FeedScope(StrEnum):
    """What a calendar shows."""

    MINE = "mine"
    DEPARTMENT = "department"
    SEARCH = "search"
    AGENDA = "agenda"


class MailingKey(StrEnum):
    """The mails that go out by the week or by the day."""

    ASK = "ask"
    NAG = "nag"
    WEEKLY = "weekly"
    DAILY = "daily"
    HEAD = "head"


class MailSubject(StrEnum):
    """What a person may want mails of, each at its own rhythm."""

    TICKETS = "tickets"
    CONVERSATION = "conversation"
    ASSIGNMENTS = "assignments"
    AGENDA = "agenda"


class Rhythm(StrEnum):
    """How often."""

    EACH = "each"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


class AnswerVia(StrEnum):
    """How a department answered the weekly ask."""

    MAIL_LINK = "mail_link"
    SIGNED_IN = "signed_in"
    OFFICE = "office"


class MailFate(StrEnum):
    """What became of a mail that came in."""

    ANSWER = "answer"
    DRAFT = "draft"
    QUARANTINED = "quarantined"
    ACCEPTED = "accepted"
    DISCARDED = "discarded"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    LOOP = "loop"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
