"""Passwords: how long they must be, and how they are kept."""

from flask import current_app
from flask_security import hash_password

from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.vocabulary import N_

SHORTEST = 10
LONGEST = 128


def check(password: str, field: str = "password") -> None:
    """Raises Invalid beside ``field`` when a new password is too short or too long."""
    if len(password) < SHORTEST:
        raise Invalid(field, N_("Use una contraseña de por lo menos %(count)s caracteres."), count=SHORTEST)
    if len(password) > LONGEST:
        raise Invalid(field, N_("Use una contraseña de a lo más %(count)s caracteres."), count=LONGEST)


def hash_new(password: str, field: str = "password") -> str:
    """The hash of a new password; slow, so call it before a transaction. Raises Invalid beside ``field``."""
    check(password, field)
    # Typed passwords are normalised before they are compared, so they must be before they are hashed.
    made: str = hash_password(current_app.extensions["security"].password_util.normalize(password))
    return made
