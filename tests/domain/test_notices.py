"""The table of notices covers the history."""

from poa_tickets.domain.history import SENTENCES
from poa_tickets.domain.notices import NOTICES, REASONS, WHY, Reader, reader_of


def test_every_act_of_the_history_has_its_row():
    assert set(NOTICES) == set(SENTENCES)


def test_every_reason_is_said():
    assert set(WHY) == set(REASONS) == set(Reader)


def test_the_strongest_reason_is_the_one_given():
    held = {Reader.FOLLOWER, Reader.REQUESTER}
    assert reader_of("replied", held) is Reader.REQUESTER
    assert reader_of("replied", held | {Reader.MENTIONED}) is Reader.MENTIONED
    assert reader_of("assigned", held) is None
