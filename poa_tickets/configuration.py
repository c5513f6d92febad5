"""Settings as the extensions want them; Flask's config is written here and nowhere else."""

from datetime import timedelta

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from poa_tickets.settings import MissingSetting, Settings
from poa_tickets.store import engine

MEGABYTE = 1024 * 1024
# Of what we send; the rest (pictures, PDF, workbooks) is compressed as it is.
COMPRESSED = [
    "text/html",
    "text/css",
    "text/plain",
    "text/javascript",
    "text/calendar",
    "application/json",
    "image/svg+xml",
]


def configure(app: Flask, settings: Settings) -> None:
    """Fill ``app.config`` and keep the settings at ``app.extensions['settings']``."""
    try:
        settings.instance_path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise MissingSetting(
            f"INSTANCE_PATH: {settings.instance_path} can't be used: {error.strerror}."
        ) from None
    app.extensions["settings"] = settings
    secure = settings.public_url.startswith("https://")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        TESTING=settings.testing,
        SQLALCHEMY_DATABASE_URI=settings.url,
        SQLALCHEMY_ENGINE_OPTIONS=engine.engine_options(settings.url),
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        MAX_CONTENT_LENGTH=settings.max_file_mb * MEGABYTE * 8,
        MAX_FORM_MEMORY_SIZE=2 * MEGABYTE,
        MAX_FORM_PARTS=2000,
        BABEL_DEFAULT_LOCALE="es_MX",
        BABEL_DEFAULT_TIMEZONE="UTC",
        RATELIMIT_STORAGE_URI=settings.rate_limit_storage,
        RATELIMIT_ENABLED=not settings.testing,
        COMPRESS_MIMETYPES=COMPRESSED,
        COMPRESS_EVALUATE_CONDITIONAL_REQUEST=True,
        MAIL_SERVER=settings.mail_server or "localhost",
        MAIL_PORT=settings.mail_port,
        MAIL_USERNAME=settings.mail_username or None,
        MAIL_PASSWORD=settings.mail_password or None,
        MAIL_USE_TLS=settings.mail_use_tls,
        MAIL_USE_SSL=settings.mail_use_ssl,
        MAIL_SUPPRESS_SEND=False,
        MAIL_DEFAULT_SENDER=settings.mail_sender,
        WTF_CSRF_TIME_LIMIT=None,
    )
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
