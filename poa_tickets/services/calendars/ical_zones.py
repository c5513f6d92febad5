"""VTIMEZONE of the municipality's zone: what its clocks do, written so that Outlook follows too."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from icalendar import Timezone

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@lru_cache(maxsize=64)
def component(zone: str, first_year: int, last_year: int) -> Timezone:
    """The zone as it is from the beginning of one year to the end of another. It is shared: don't change it."""
    # A year before and two after: a change of the clocks makes a rule only where it is seen to repeat.
    years = range(first_year - 1, last_year + 3)
    made = Timezone.from_tzid(zone, first_date=date(years.start, 1, 1), last_date=date(years.stop, 1, 1))
    made.pop("COMMENT", None)
    for observance in made.subcomponents:
        _mend(observance, years)
    return made


def _mend(observance: Any, years: range) -> None:
    """Two things that calendars read otherwise than the library writes them.

    A change is told by the clock before it (RFC 5545, 3.6.5): at two, not at the three it jumps to. And one that
    comes each year on, say, the second Sunday of March is told as a rule: a list of days means nothing to Outlook.
    """
    jump = max(observance["TZOFFSETTO"].td - observance["TZOFFSETFROM"].td, timedelta())
    listed = observance.pop("RDATE", [])
    groups = listed if isinstance(listed, list) else [listed]
    later: Iterable[datetime] = (moment.dt for group in groups for moment in group.dts)
    starts: list[datetime] = [start - jump for start in (observance["DTSTART"].dt, *later)]
    observance["DTSTART"].dt = starts[0]
    places = {(start.month, (start.day - 1) // 7 + 1, start.weekday(), start.time()) for start in starts}
    if [start.year for start in starts] == list(years) and len(places) == 1:
        month, number, weekday, _time = places.pop()
        observance.add("RRULE", {"FREQ": "YEARLY", "BYMONTH": month, "BYDAY": f"{number}{WEEKDAYS[weekday]}"})
    elif starts[1:]:
        observance.add("RDATE", starts[1:])
