"""Settings: one frozen dataclass, read from the environment once. Tests build it directly."""

import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

SAMPLE_SECRETS = frozenset(
    {"change-me", "changeme", "secret", "dev", "development", "please-change-this-secret-key"}
)
SECRET_LENGTH = 32
HIGHEST_PORT = 65535
REPLY_NAME = 31  # an address has 64 before its @; a plus sign and 32 letters say whom it was given to
YES, NO = frozenset({"1", "true", "yes", "on"}), frozenset({"", "0", "false", "no", "off"})
STORAGE = re.compile(r"(memory|redis|rediss|redis\+sentinel|redis\+cluster|memcached)://\S*")


class MissingSetting(SystemExit):
    """A setting is missing or unsafe; the message names the variable and what to do."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs between installations."""

    secret_key: str
    instance_path: Path
    database_url: str = ""
    development: bool = False
    testing: bool = False
    demo: bool = False
    public_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    threads: int = 8
    proxies: int = 0
    mail_server: str = ""
    mail_port: int = 25
    mail_username: str = ""
    mail_password: str = ""
    mail_use_tls: bool = False
    mail_use_ssl: bool = False
    mail_sender: str = "comunicacion@example.org"
    imap_server: str = ""
    imap_port: int = 993
    imap_username: str = ""
    imap_password: str = ""
    imap_use_tls: bool = False
    imap_use_ssl: bool = True
    imap_folder: str = "INBOX"
    imap_done_folder: str = ""
    reply_address: str = ""
    notice_delay_seconds: int = 180
    max_file_mb: int = 25
    rate_limit_storage: str = "memory://"

    def __post_init__(self) -> None:
        refuse_unsafe_secret(self.secret_key, development=self.development)

    @property
    def url(self) -> str:
        """The database's address; SQLite in the instance folder by default."""
        return self.database_url or f"sqlite:///{self.instance_path / 'poa.sqlite3'}"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read the environment; raises MissingSetting naming the variable at fault."""
        env = os.environ if environ is None else environ
        instance = Path(env.get("INSTANCE_PATH") or Path.cwd() / "instance").resolve()
        port = number(env, "PORT", 8000, least=1, most=HIGHEST_PORT)
        tls, ssl = encryption(env, "MAIL", ssl=False)
        return cls(
            secret_key=env.get("SECRET_KEY", ""),
            instance_path=instance,
            database_url=database_address(env.get("DATABASE_URL", "")),
            development=yes(env, "POA_DEVELOPMENT"),
            public_url=web_address(env, "PUBLIC_URL", f"http://127.0.0.1:{port}"),
            host=env.get("HOST") or "127.0.0.1",
            port=port,
            threads=number(env, "THREADS", 8, least=1, most=256),
            proxies=number(env, "PROXIES", 0, most=10),
            mail_server=env.get("MAIL_SERVER", ""),
            mail_port=number(env, "MAIL_PORT", 25, least=1, most=HIGHEST_PORT),
            mail_username=env.get("MAIL_USERNAME", ""),
            mail_password=env.get("MAIL_PASSWORD", ""),
            mail_use_tls=tls,
            mail_use_ssl=ssl,
            mail_sender=mail_address(env, "MAIL_SENDER", "comunicacion@example.org"),
            **mailbox(env),
            notice_delay_seconds=number(env, "NOTICE_DELAY_SECONDS", 180, most=86_400),
            max_file_mb=number(env, "MAX_FILE_MB", 25, least=1, most=4096),
            rate_limit_storage=limits_storage(env, "RATE_LIMIT_STORAGE", "memory://"),
        )


def number(env: Mapping[str, str], name: str, default: int, *, least: int = 0, most: int) -> int:
    """A whole number from the environment, within what makes sense."""
    text = env.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise MissingSetting(f"{name} must be a whole number from {least} to {most}, not {text!r}.")
    return int(text)


def yes(env: Mapping[str, str], name: str, *, default: bool = False) -> bool:
    """A yes or a no; anything else is a mistake, not a no."""
    text = env.get(name, "").strip().lower() or ("1" if default else "")
    if text not in YES | NO:
        raise MissingSetting(f"{name} must be 1 or 0, not {text!r}.")
    return text in YES


def web_address(env: Mapping[str, str], name: str, default: str) -> str:
    """Where people open the program, without the last slash."""
    text = env.get(name, "").strip() or default
    try:
        parts = urlsplit(text)
        fine = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1) and not parts.query
    except ValueError:
        fine = False
    if not fine:
        raise MissingSetting(f"{name} must be an address such as https://cs.example.org, not {text!r}.")
    return text.rstrip("/")


def mail_address(env: Mapping[str, str], name: str, default: str) -> str:
    """Who mails come from: an address, with a name before it or without."""
    text = env.get(name, "").strip() or default
    address = parseaddr(text)[1]
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", address) or len(text.splitlines()) != 1:
        raise MissingSetting(f"{name} must be a mail address, not {text!r}.")
    return text


def encryption(env: Mapping[str, str], kind: str, *, ssl: bool) -> tuple[bool, bool]:
    """Whether a mail server is spoken to in TLS after a plain greeting, or from the start; ``ssl``: if neither is said."""
    tls = yes(env, f"{kind}_USE_TLS")
    ssl = yes(env, f"{kind}_USE_SSL", default=ssl and not tls)
    if tls and ssl:
        raise MissingSetting(f"{kind}_USE_TLS and {kind}_USE_SSL exclude each other: keep one.")
    return tls, ssl


def mailbox(env: Mapping[str, str]) -> dict[str, Any]:
    """The mailbox that is read: none, or all that reading it takes."""
    server = env.get("IMAP_SERVER", "").strip()
    tls, ssl = encryption(env, "IMAP", ssl=True)
    found = {
        "imap_server": server,
        "imap_port": number(env, "IMAP_PORT", 993 if ssl else 143, least=1, most=HIGHEST_PORT),
        "imap_username": env.get("IMAP_USERNAME", ""),
        "imap_password": env.get("IMAP_PASSWORD", ""),
        "imap_use_tls": tls,
        "imap_use_ssl": ssl,
        "imap_folder": env.get("IMAP_FOLDER", "").strip() or "INBOX",
        "imap_done_folder": env.get("IMAP_DONE_FOLDER", "").strip(),
        "reply_address": reply_address(env, "REPLY_ADDRESS"),
    }
    for name in ("IMAP_USERNAME", "IMAP_PASSWORD", "REPLY_ADDRESS") if server else ():
        if not env.get(name, "").strip():
            raise MissingSetting(f"{name} is missing: IMAP_SERVER needs it to read the mailbox.")
    if found["imap_folder"] == found["imap_done_folder"]:
        raise MissingSetting("IMAP_DONE_FOLDER must be another folder than IMAP_FOLDER.")
    return found


def reply_address(env: Mapping[str, str], name: str) -> str:
    """The mailbox's own address, short enough for what is written after its plus sign."""
    text = env.get(name, "").strip().lower()
    if text and not re.fullmatch(r"[a-z0-9._-]+@[a-z0-9-]+(\.[a-z0-9-]+)*", text):
        raise MissingSetting(
            f"{name} must be an address such as cs@example.org, without a plus, not {text!r}."
        )
    if len(text.partition("@")[0]) > REPLY_NAME:
        raise MissingSetting(f"{name} may have at most {REPLY_NAME} letters before the @.")
    return text


def limits_storage(env: Mapping[str, str], name: str, default: str) -> str:
    """Where the rate limits are counted."""
    text = env.get(name, "").strip() or default
    if not STORAGE.fullmatch(text):
        raise MissingSetting(f"{name} must be memory:// or an address such as redis://127.0.0.1:6379.")
    return text


def database_address(text: str) -> str:
    """A database that the program knows how to use. What is wrong is told without the password in it."""
    text = text.strip()
    if not text:
        return ""
    hint = "DATABASE_URL must be sqlite:///path or postgresql://user:password@host/name"
    try:
        url: URL = make_url(text)
    except (ArgumentError, ValueError):
        raise MissingSetting(f"{hint}; it can't be read.") from None
    if url.drivername not in ("sqlite", "postgresql", "postgresql+psycopg"):
        raise MissingSetting(f"{hint}; not {url.drivername}.")
    if not url.database or url.database == ":memory:":
        raise MissingSetting(f"{hint}; it names no database.")
    return text


def refuse_unsafe_secret(secret: str, *, development: bool) -> None:
    """Stop unless SECRET_KEY is long and our own; a sample or short one lets strangers forge sessions."""
    if development:
        return
    hint = "Set it to the output of: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
    if not secret:
        raise MissingSetting(f"SECRET_KEY is missing. {hint}")
    if len(secret) < SECRET_LENGTH or secret.lower() in SAMPLE_SECRETS or len(set(secret)) < 8:
        raise MissingSetting(f"SECRET_KEY is too short or a sample. {hint}")


def own_secret(instance: Path) -> str:
    """The installation's own secret, made once in ``instance/secret_key`` (mode 0600)."""
    path = instance / "secret_key"
    try:
        instance.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(48))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
        secret = path.read_text().strip()
    except OSError as error:
        raise MissingSetting(f"INSTANCE_PATH: {path} can't be used: {error.strerror}.") from None
    if len(secret) < SECRET_LENGTH:
        raise MissingSetting(f"SECRET_KEY: {path} holds no secret. Delete it, and another one is made.")
    return secret


def _write_once(path: Path, text: str) -> None:
    """Whole or not at all, and only if nobody was first: two servers that start together share one secret."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".secret") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
        try:
            os.link(file.name, path)
        except FileExistsError:
            return
