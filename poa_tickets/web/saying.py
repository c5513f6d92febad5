"""Sentences of the domain in the reader's language: moments by the office's clock, labels translated."""

from datetime import datetime
from typing import Any

from babel.dates import format_date
from flask_babel import get_locale
from flask_babel import gettext as _

from poa_tickets.domain.indicators import Period, Sentence
from poa_tickets.web.presenting import moment


def said(sentence: Sentence) -> str:
    """A sentence with its values."""
    if not sentence.values:
        return _(sentence.text)
    return _(sentence.text, **{key: value_said(value) for key, value in sentence.values.items()})


def value_said(value: Any) -> Any:
    """A value inside a sentence; texts are message ids."""
    if isinstance(value, datetime):
        return moment(value)
    return _(value) if isinstance(value, str) and value else value


def short_month(period: Period) -> str:
    """``sep``, for the foot of a drawing."""
    return format_date(period.first_day, "LLL", locale=str(get_locale() or "es_MX")).replace(".", "")
