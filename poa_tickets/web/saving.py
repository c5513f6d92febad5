"""Running a use case from a form: refusals go beside their fields, a form sent twice acts once."""

from collections.abc import Callable
from typing import Any

from poa_tickets.domain.errors import Invalid, NotNow, Stale
from poa_tickets.services.transaction import AlreadyDone
from poa_tickets.web.errors import sentence
from poa_tickets.web.forms.base import Form


def saved(form: Form, action: Callable[[], Any], newest: Callable[[], int] | None = None) -> bool:
    """Whether a sent form is acted upon, now or before.

    After somebody else's change the words typed stay, the reason stands above them, and the form carries the
    ``newest`` version, so that sending it again is a decision.
    """
    if not form.is_submitted() or not form.validate():
        return False
    try:
        action()
    except AlreadyDone:
        return True
    except Invalid as error:
        form.refuse(error)
        return False
    except (NotNow, Stale) as error:
        form.form_errors = [*form.form_errors, sentence(error.refusal)]
        if isinstance(error, Stale) and newest is not None:
            form.version.data = str(newest())
        return False
    return True
