"""The recurring mails as the office sets them."""

from __future__ import annotations

from datetime import time

import pytest

from poa_tickets.domain.errors import Invalid, NotAllowed, Stale
from poa_tickets.domain.mailings import DEFAULTS
from poa_tickets.domain.vocabulary import MailingKey, Role
from poa_tickets.services.digests import mailings
from poa_tickets.services.digests.mailings import MailingEdit
from tests.factories import acting, make_office, make_person


@pytest.fixture
def head(app, now):
    make_office()
    return acting(make_person(Role.HEAD), now)


def change(**values) -> MailingEdit:
    given = {"enabled": True, "weekday": 6, "hour": time(19), "audience": frozenset({Role.HEAD})}
    return MailingEdit(**(given | {"subject": "", "opening": ""} | values))


def test_untouched_mailings_are_as_they_come(head):
    assert mailings.settings() == DEFAULTS
    assert mailings.setting(MailingKey.WEEKLY) == DEFAULTS[MailingKey.WEEKLY]


def test_what_the_office_sets_holds_and_its_words_stay_as_typed(head, now):
    words = "Semana {{7*7}} al 100%n <b>%(num)d</b>"
    mailings.edit(MailingKey.WEEKLY, change(subject=words, opening=words), version="0", by=head, now=now)
    found = mailings.setting(MailingKey.WEEKLY)
    assert (found.weekday, found.hour, found.audience) == (6, time(19), {Role.HEAD})
    assert found.subject == found.opening == words
    assert mailings.settings() == DEFAULTS | {MailingKey.WEEKLY: found}


def test_the_second_of_two_editors_is_told(head, now):
    mailings.edit(MailingKey.DAILY, change(), version="0", by=head, now=now)
    with pytest.raises(Stale):
        mailings.edit(MailingKey.DAILY, change(hour=time(5)), version="0", by=head, now=now)
    mailings.edit(MailingKey.DAILY, change(hour=time(6)), version="1", by=head, now=now)
    assert mailings.setting(MailingKey.DAILY).hour == time(6)


def test_only_head_and_administrator_set_them(head, now):
    staff = acting(make_person(Role.STAFF), now)
    with pytest.raises(NotAllowed):
        mailings.edit(MailingKey.DAILY, change(), version="0", by=staff, now=now)


@pytest.mark.parametrize(
    ("key", "values", "field"),
    [
        (MailingKey.WEEKLY, {"weekday": 7}, "weekday"),
        (MailingKey.WEEKLY, {"audience": frozenset()}, "audience"),
        (MailingKey.WEEKLY, {"subject": "x" * 121}, "subject"),
        (MailingKey.WEEKLY, {"opening": "x" * 2001}, "opening"),
        (MailingKey.NAG, {"weekday": 3, "hour": time(9)}, "hour"),
        (MailingKey.ASK, {"weekday": 4, "hour": time(10)}, "hour"),
    ],
)
def test_what_could_not_be_sent_is_refused_beside_its_field(head, now, key, values, field):
    with pytest.raises(Invalid) as refused:
        mailings.edit(key, change(**values), version="0", by=head, now=now)
    assert refused.value.field == field
