"""An action under way on a ticket, and the line of the table that describes it."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import g, request

from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import FilePurpose, Stage
from poa_tickets.domain.workflow import Action
from poa_tickets.services.calendar import office_calendar
from poa_tickets.services.media import Received
from poa_tickets.store.agreements import Agreement
from poa_tickets.store.tickets import Deliverable, Ticket
from poa_tickets.web.forms import tickets as forms

Form = Any


@dataclass
class Doing:
    """One action under way: the ticket as loaded, the form, and who acts."""

    deed: "Deed"
    ticket: Ticket
    agreement: Agreement | None
    actor: Actor
    now: datetime
    form: Form = None
    product: Deliverable | None = None
    files: Sequence[Received] = ()
    extra: dict[str, Any] = field(default_factory=lambda: defaultdict(lambda: None))

    @property
    def folio(self) -> str:
        """The ticket's folio, also after a rollback."""
        found: str = self.extra["folio"]
        return found

    @property
    def calendar(self) -> OfficeCalendar:
        """The office's calendar."""
        return office_calendar(g.office, self.now)

    @property
    def how(self) -> dict[str, Any]:
        """What every service is told."""
        return {"by": self.actor, "now": self.now, "once": self.form.once}

    @property
    def fresh(self) -> bool:
        """Whether the form is being drawn for the first time."""
        return request.method != "POST"


Prepare = Callable[[Doing], None]


def nothing(this: Doing) -> None:
    """No choices to fill, nothing to start from."""


@dataclass(frozen=True)
class Deed:
    """One line: the address, the rule, the form, its words, and what it does.

    ``too_late`` saves what was sent when its moment has passed, and says so. ``first`` says whether what must be read
    beforehand was read; until it was, the page is drawn again with it.
    """

    slug: str
    name: str
    action: Action
    form: type[forms.TicketForm]
    title: Any
    button: Any
    done: Any
    perform: Callable[[Doing], object]
    prepare: Prepare = nothing
    stage: Stage | None = None
    of_product: bool = False
    keeps: FilePurpose | None = None
    template: str = "pages/tickets/action.html"
    too_late: Callable[[Doing], object] | None = None
    first: Callable[[Doing], bool] | None = None
    versioned: bool = False
    lands: str = ""
