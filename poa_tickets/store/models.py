"""Every table, imported once, so that the metadata is whole."""

from poa_tickets.store import (
    agreements,
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
    "agreements",
    "media",
    "notices",
    "office",
    "people",
    "plan",
    "publishing",
    "tickets",
    "timeline",
]
