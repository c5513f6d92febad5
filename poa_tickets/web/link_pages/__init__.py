"""The pages of signed links about requests and events, one module per purpose; each registers itself with ``by_link``."""

from poa_tickets.web.link_pages import (
    agreeing,
    answering,
    changing_event,
    choosing,
    completing,
    conversing,
    department,
    giving,
    rating,
    reading,
)

__all__ = [
    "agreeing",
    "answering",
    "changing_event",
    "choosing",
    "completing",
    "conversing",
    "department",
    "giving",
    "rating",
    "reading",
]
