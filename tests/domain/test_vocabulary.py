"""The office's words."""

from poa_tickets.domain import vocabulary
from poa_tickets.domain.vocabulary import Cause, Channel, EventCertainty, EventStatus, Evidence, TicketStatus


def test_members_of_two_enumerations_with_one_value_keep_their_own_label():
    assert vocabulary.label(TicketStatus.CANCELLED) == "Cancelada"
    assert vocabulary.label(EventStatus.CANCELLED) == "Cancelado"
    assert vocabulary.label(Cause.OTHER) == "Otro motivo"
    assert vocabulary.label(Channel.OTHER) == "Otro medio"
    assert vocabulary.label(Evidence.NONE) == "Ninguna"
    assert vocabulary.label(EventCertainty.NONE).startswith("No hay evento")


def test_every_member_has_a_label():
    for enum in {kind for kind, _ in vocabulary.LABELS}:
        assert all(vocabulary.label(member) for member in enum)
