"""People, their roles, their departments, and where they are signed in."""

from datetime import UTC, date, datetime
from typing import Optional

from flask_security import AsaList, RoleMixin, UserMixin, WebAuthnMixin
from sqlalchemy import Boolean, Column, ForeignKey, LargeBinary, String, Table, Text
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from poa_tickets.domain.permissions import Member
from poa_tickets.domain.vocabulary import Role as RoleName
from poa_tickets.store.base import Base


def utc_now() -> datetime:
    """Row creation time; rules never read it."""
    return datetime.now(UTC)


person_roles = Table(
    "person_roles",
    Base.metadata,
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True),
)


class Role(Base, RoleMixin):
    """A role as Flask-Security wants it; its names are ``vocabulary.Role``."""

    __tablename__ = "roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[str | None]
    permissions: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))


class Department(Base):
    """Who asks."""

    __tablename__ = "departments"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    short_name: Mapped[str] = mapped_column(String(60))
    active: Mapped[bool] = mapped_column(default=True)
    liaison_id: Mapped[int | None] = mapped_column(
        ForeignKey("people.id", ondelete="SET NULL"), comment="answers the weekly ask; none: its directors"
    )
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    liaison: Mapped[Optional["Person"]] = relationship(foreign_keys=[liaison_id])
    members: Mapped[list["Membership"]] = relationship(back_populates="department")


class Person(Base, UserMixin):
    """Somebody with an account. The columns below ``fs_uniquifier`` are Flask-Security's own names."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    phone: Mapped[str] = mapped_column(String(40), default="")
    position: Mapped[str] = mapped_column(default="", comment="cargo, as it stands on letters")
    language: Mapped[str] = mapped_column(String(8), default="es_MX")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    invited_at: Mapped[datetime | None]
    mail_bounces: Mapped[bool] = mapped_column(Boolean, default=False)
    links_from: Mapped[datetime | None] = mapped_column(comment="signed links made before it are revoked")
    version: Mapped[int] = mapped_column(
        default=1, server_default="1", comment="of what the settings page edits"
    )

    username: Mapped[str | None] = mapped_column(unique=True)
    password: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    confirmed_at: Mapped[datetime | None]
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None]
    tf_phone_number: Mapped[str | None] = mapped_column(String(128))
    us_totp_secrets: Mapped[str | None] = mapped_column(Text)
    us_phone_number: Mapped[str | None] = mapped_column(String(128), unique=True)
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(String(64), unique=True)  # type: ignore[assignment]
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))

    roles: Mapped[list[Role]] = relationship(secondary=person_roles)  # type: ignore[assignment]
    webauthn: Mapped[list["Passkey"]] = relationship(  # type: ignore[assignment]
        back_populates="user", cascade="all, delete"
    )
    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="person", cascade="all, delete-orphan"
    )

    @property
    def role_names(self) -> frozenset[RoleName]:
        """The person's roles as the domain knows them."""
        return frozenset(RoleName(role.name) for role in self.roles)


class Membership(Base):
    """A director of a department, or a substitute between two local days."""

    __tablename__ = "memberships"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id", ondelete="CASCADE"), index=True)
    substitute: Mapped[bool] = mapped_column(default=False)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]

    person: Mapped[Person] = relationship(back_populates="memberships")
    department: Mapped[Department] = relationship(back_populates="members")

    def as_member(self) -> Member:
        """The tie as the policy reads it."""
        return Member(self.department_id, self.substitute, self.starts_on, self.ends_on)


class Passkey(Base, WebAuthnMixin):
    """A passkey or security key; column names are Flask-Security's."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1024), index=True, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    backup_state: Mapped[bool]
    device_type: Mapped[str] = mapped_column(String(64))
    extensions: Mapped[str | None]
    create_datetime: Mapped[datetime] = mapped_column(default=utc_now)
    lastuse_datetime: Mapped[datetime]
    name: Mapped[str] = mapped_column(String(64))
    usage: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)

    user: Mapped[Person] = relationship(back_populates="webauthn")


class SignIn(Base):
    """One signed-in browser: a person can see it and end it. ``key`` is in the cookie, hashed here."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(String(64), default="")
    browser: Mapped[str] = mapped_column(default="")

    person: Mapped[Person] = relationship()


class Invitation(Base):
    """A single-use link to a first password, or to the set-up of a fresh install (no person yet)."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    person: Mapped[Person | None] = relationship()
