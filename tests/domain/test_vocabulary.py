"""The office's words."""

from poa_tickets.domain import labels
from poa_tickets.domain.vocabulary import Cause, Channel, EventCertainty, EventStatus, Evidence, TicketStatus


def test_members_of_two_enumerations_with_one_value_keep_their_own_label():
    assert labels.label(TicketStatus.CANCELLED) == "Cancelada"
    assert labels.label(EventStatus.CANCELLED) == "Cancelado"
    assert labels.label(Cause.OTHER) == "Otro motivo"
    assert labels.label(Channel.OTHER) == "Otro medio"
    assert labels.label(Evidence.NONE) == "Ninguna"
    assert labels.label(EventCertainty.NONE).startswith("No hay evento")


def test_every_member_has_a_label():
    for enum in {kind for kind, _ in labels.LABELS}:
        assert all(labels.label(member) for member in enum)
