"""What every form shares: stripped text, hidden idempotency key and version, errors as sentences."""

import secrets
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import DateField, Field, FieldList, FileField, FormField, HiddenField

from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.indicators import FIRST_YEAR, LAST_YEAR
from poa_tickets.web.errors import sentence
from poa_tickets.web.forms.words import OURS, Words


def strip(value: object) -> object:
    """Text without blanks at its ends."""
    return value.strip() if isinstance(value, str) else value


class VersionField(HiddenField):
    """The version a form was drawn from: only what it says itself, never the newest one for want of it."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """What was sent; nothing is no version."""
        self.data = valuelist[0] if valuelist else ""


class DayField(DateField):
    """A day of the years this program counts; one far from them is a slip, and no calendar reaches past the last."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        """The day, or why it can't be meant."""
        super().process_formdata(valuelist)
        if self.data is not None and not FIRST_YEAR <= self.data.year <= LAST_YEAR:
            self.data = None
            raise ValueError(_("Revise el año de la fecha."))


class Form(FlaskForm):
    """CSRF comes from FlaskForm. ``idempotency_key`` makes a form sent twice act once."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: Any) -> Words:
            return OURS

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was sent as a form, and a file only where one is asked for: elsewhere it is no text."""
            if formdata is None or hasattr(formdata, "getlist"):
                return super().wrap_formdata(form, formdata)
            if not form.is_submitted():
                return None
            asked = {field.name for field in form if isinstance(field, FileField)}
            files = [(name, sent) for name, sent in request.files.items(multi=True) if name in asked]
            return CombinedMultiDict([MultiDict(files), request.form])

        def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Field:
            kind = unbound_field.field_class
            filters = [*unbound_field.kwargs.get("filters", ()), strip]
            if (
                issubclass(kind, Field)
                and not issubclass(kind, FileField | FieldList | FormField)
                and "filters" not in options
            ):
                options = {**options}
                unbound_field = type(unbound_field)(
                    unbound_field.field_class,
                    *unbound_field.args,
                    **{**unbound_field.kwargs, "filters": filters},
                )
            return super().bind_field(form, unbound_field, options)

    idempotency_key = HiddenField(default=lambda: secrets.token_urlsafe(18))
    version = VersionField(default="")

    def refuse(self, error: Invalid) -> None:
        """Put a service's refusal beside its field, or above the form if it has none."""
        field = self._fields.get(error.field)
        if field is None:
            self.form_errors.append(sentence(error.refusal))
        else:
            field.errors = [*field.errors, sentence(error.refusal)]
