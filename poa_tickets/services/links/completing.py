"""A request that began as a mail, filed from its signed link."""

from collections.abc import Callable
from datetime import datetime

from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.services.links import links
from poa_tickets.services.links.links import Link
from poa_tickets.services.tickets import tickets
from poa_tickets.services.tickets.tickets import TicketRequest
from poa_tickets.services.transaction import joining, transaction
from poa_tickets.store.office import Office


def file(
    link: Link,
    request: TicketRequest,
    told: Callable[[str], str],
    *,
    office: Office,
    calendar: OfficeCalendar,
    now: datetime,
    once: str,
) -> None:
    """File it and spend the link in one transaction; ``told`` says with the new folio what the link did.

    Raises as ``tickets.file`` does, and AlreadyUsed.
    """
    with transaction(by=link.actor, now=now, once=once) as work, joining():
        folio = tickets.file(request, by=link.actor, now=now, office=office, calendar=calendar).folio
        links.spend(link, told(folio), now=now)
        work.answer = tickets.address(folio)
