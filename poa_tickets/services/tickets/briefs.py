"""The answers to a kind's questions, checked against the kind."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.kinds import BriefField, BriefType
from poa_tickets.domain.vocabulary import N_
from poa_tickets.store.tickets import DeliverableKind

LINE_LENGTH = 300
TEXT_LENGTH = 5000
NUMBER_LIMIT = 1_000_000


def fields(kind: DeliverableKind) -> list[BriefField]:
    """The kind's questions, as the office left them."""
    return [
        BriefField(
            key=row["key"],
            label=row["label"],
            type=BriefType(row.get("type", BriefType.LINE)),
            hint=row.get("hint", ""),
            required=bool(row.get("required", False)),
            choices=tuple(row.get("choices", ())),
        )
        for row in kind.brief.get("fields", [])
    ]


def field_name(kind_id: int, key: str) -> str:
    """What the form calls a question of a kind; refusals name it so."""
    return f"k{kind_id}-{key}"


def checked(kind: DeliverableKind, given: Mapping[str, Any], *, complete: bool = True) -> dict[str, Any]:
    """The answers worth keeping; raises Invalid for the first that can't be accepted.

    ``complete`` false lets required questions wait: what came on paper is asked for later.
    """
    kept: dict[str, Any] = {}
    for question in fields(kind):
        answer = _checked(kind, question, given, complete)
        if answer not in ("", None, False):
            kept[question.key] = answer
    return kept


def faults(kind: DeliverableKind, given: Mapping[str, Any], *, complete: bool = True) -> Iterator[Invalid]:
    """Everything that ``checked`` would refuse, so that a form can say it all at once."""
    for question in fields(kind):
        try:
            _checked(kind, question, given, complete)
        except Invalid as fault:
            yield fault


def said_before(
    kind: DeliverableKind, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The questions that are answered otherwise now, each with what was said: for the history to tell."""
    return [
        {
            "label": question.label,
            "said": before.get(question.key, ""),
            "choice": question.type is BriefType.CHOICE,
        }
        for question in fields(kind)
        if before.get(question.key) != after.get(question.key)
    ]


def _checked(kind: DeliverableKind, question: BriefField, given: Mapping[str, Any], complete: bool) -> Any:
    name = field_name(kind.id, question.key)
    answer = _answer(question, given.get(question.key), name)
    if answer in ("", None, False) and question.required and complete:
        raise Invalid(name, N_("Falta este dato para poder hacerlo."))
    return answer


def _answer(question: BriefField, value: Any, name: str) -> Any:
    text = str(value).strip() if value is not None else ""
    match question.type:
        case BriefType.YES_NO:
            return value is True or text.lower() in ("y", "1", "true", "on", "sí", "si")
        case BriefType.NUMBER:
            # Python refuses to read a number of thousands of figures.
            short = text.isascii() and text.isdigit() and len(text) < 10
            if text and not (short and int(text) <= NUMBER_LIMIT):
                raise Invalid(name, N_("Escriba un número entero, por ejemplo 3."))
            return int(text) if text else None
        case BriefType.DATE:
            return _day(text, name)
        case BriefType.CHOICE:
            if text and text not in question.choices:
                raise Invalid(name, N_("Elija una de las opciones."))
            return text
    limit = TEXT_LENGTH if question.type is BriefType.TEXT else LINE_LENGTH
    if len(text) > limit:
        raise Invalid(name, N_("Es demasiado largo: caben %(limit)s caracteres."), limit=limit)
    return text


def _day(text: str, name: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise Invalid(name, N_("Escriba una fecha, por ejemplo 2026-10-14.")) from None
