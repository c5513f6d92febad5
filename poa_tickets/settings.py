"""Settings: one frozen dataclass, read from the environment once. Tests build it directly."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECRETS = frozenset(
    {"change-me", "changeme", "secret", "dev", "development", "please-change-this-secret-key"}
)
SECRET_LENGTH = 32


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
        port = number(env, "PORT", 8000)
        return cls(
            secret_key=env.get("SECRET_KEY", ""),
            instance_path=instance,
            database_url=env.get("DATABASE_URL", ""),
            development=env.get("POA_DEVELOPMENT", "") == "1",
            public_url=env.get("PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/"),
            host=env.get("HOST", "127.0.0.1"),
            port=port,
            threads=number(env, "THREADS", 8),
            proxies=number(env, "PROXIES", 0),
            mail_server=env.get("MAIL_SERVER", ""),
            mail_port=number(env, "MAIL_PORT", 25),
            mail_username=env.get("MAIL_USERNAME", ""),
            mail_password=env.get("MAIL_PASSWORD", ""),
            mail_use_tls=env.get("MAIL_USE_TLS", "") == "1",
            mail_use_ssl=env.get("MAIL_USE_SSL", "") == "1",
            mail_sender=env.get("MAIL_SENDER", "comunicacion@example.org"),
            notice_delay_seconds=number(env, "NOTICE_DELAY_SECONDS", 180),
            max_file_mb=number(env, "MAX_FILE_MB", 25),
            rate_limit_storage=env.get("RATE_LIMIT_STORAGE", "memory://"),
        )


def number(env: Mapping[str, str], name: str, default: int) -> int:
    """A whole number from the environment."""
    text = env.get(name, "")
    if not text:
        return default
    try:
        return int(text)
    except ValueError:
        raise MissingSetting(f"{name} must be a whole number, not {text!r}.") from None


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
    instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = instance / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
