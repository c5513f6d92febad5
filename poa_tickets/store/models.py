"""Every table, imported once, so that the metadata is whole."""

from poa_tickets.store import (
    agenda,
    agreements,
    assignments,
    incoming,
    links,
    mailings,
    media,
    notices,
    office,
    people,
    plan,
    publishing,
    tickets,
    timeline,
)

__all__ = [
    "agenda",
    "agreements",
    "assignments",
    "incoming",
    "links",
    "mailings",
    "media",
    "notices",
    "office",
    "people",
    "plan",
    "publishing",
    "tickets",
    "timeline",
]
