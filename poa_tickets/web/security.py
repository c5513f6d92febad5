"""Accounts: Flask-Security on our tables, our pages, our outbox, and sign-ins that a person can see and end."""

import hmac
import json
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, abort, g, request, session
from flask_babel import gettext as _
from flask_login import user_logged_in, user_logged_out
from flask_security import (
    LoginForm,
    MailUtil,
    PasswordUtil,
    Security,
    SQLAlchemyUserDatastore,
    WebauthnUtil,
    password_changed,
    password_reset,
    user_authenticated,
)
from flask_security.utils import set_request_attr
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.permissions import Actor, Permission
from poa_tickets.extensions import clock, db, limiter
from poa_tickets.services import envelopes, people, sign_ins
from poa_tickets.services.passwords import LONGEST
from poa_tickets.services.transaction import transaction
from poa_tickets.settings import Settings
from poa_tickets.store.people import Passkey, Person, Role
from poa_tickets.web import gate, letters, library_views

PUBLIC = (
    "login",
    "logout",
    "forgot_password",
    "reset_password",
    "two_factor_token_validation",
    "tf_select",
    "mf_recovery",
    "us_signin",
    "us_signin_send_code",
    "us_verify_link",
    "wan_signin",
    "wan_signin_response",
)
SIGNED_IN = (
    "change_password",
    "verify",
    "us_verify",
    "us_verify_send_code",
    "two_factor_setup",
    "two_factor_setup_validate",
    "mf_recovery_codes",
    "wan_register",
    "wan_register_response",
    "wan_delete",
    "wan_verify",
    "wan_verify_response",
)
# Whose account a page without a session is about.
NAMED_BY = {"login": "email", "forgot_password": "email", "us_signin_send_code": "identity"}
URLS = {
    "LOGIN_URL": "/entrar",
    "LOGOUT_URL": "/salir",
    "RESET_URL": "/recuperar",
    "CHANGE_URL": "/cuenta/contrasena",
    "VERIFY_URL": "/cuenta/confirmar",
    "TWO_FACTOR_SETUP_URL": "/cuenta/dos-pasos",
    "TWO_FACTOR_TOKEN_VALIDATION_URL": "/entrar/codigo",
    "TWO_FACTOR_RESCUE_URL": "/entrar/rescate",
    "TWO_FACTOR_SELECT_URL": "/entrar/metodo",
    "MULTI_FACTOR_RECOVERY_CODES_URL": "/cuenta/codigos",
    "MULTI_FACTOR_RECOVERY_URL": "/entrar/codigo-de-respaldo",
    "US_SIGNIN_URL": "/entrar/enlace",
    "US_SIGNIN_SEND_CODE_URL": "/entrar/enlace/mandar",
    "US_SETUP_URL": "/cuenta/enlace",
    "US_VERIFY_URL": "/cuenta/confirmar-enlace",
    "US_VERIFY_SEND_CODE_URL": "/cuenta/confirmar-enlace/mandar",
    "US_VERIFY_LINK_URL": "/entrar/con-enlace",
    "WAN_REGISTER_URL": "/cuenta/llaves",
    "WAN_SIGNIN_URL": "/entrar/llave",
    "WAN_DELETE_URL": "/cuenta/llaves/quitar",
    "WAN_VERIFY_URL": "/cuenta/confirmar-llave",
}
VIEWS = {
    "POST_LOGIN_VIEW": "/",
    "POST_LOGOUT_VIEW": "/entrar",
    "POST_RESET_VIEW": "/entrar",
    "POST_CHANGE_VIEW": "/cuenta",
    "TWO_FACTOR_POST_SETUP_VIEW": "/cuenta",
    "WAN_POST_REGISTER_VIEW": "/cuenta",
}
FEATURES = {
    "RECOVERABLE": True,
    "CHANGEABLE": True,
    "TWO_FACTOR": True,
    "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "TWO_FACTOR_RESCUE_EMAIL": False,
    "MULTI_FACTOR_RECOVERY_CODES": True,
    "MULTI_FACTOR_RECOVERY_CODES_N": 8,
    "UNIFIED_SIGNIN": True,
    "US_ENABLED_METHODS": ["password", "email"],
    "US_TOKEN_VALIDITY": 1800,
    "WEBAUTHN": True,
    "WAN_RP_NAME": "Comunicación Social",
    "WAN_ALLOW_AS_MULTI_FACTOR": False,
    # A stranger must not learn which passkeys an address has.
    "WAN_ALLOW_USER_HINTS": False,
    "RETURN_GENERIC_RESPONSES": True,
    "API_ENABLED_METHODS": ["session"],
    "RESET_PASSWORD_WITHIN": timedelta(hours=2),
    "FRESHNESS": timedelta(hours=1),
    "FRESHNESS_GRACE_PERIOD": timedelta(minutes=15),
    "PASSWORD_LENGTH_MIN": 10,
    "PASSWORD_HASH": "argon2",
    "PASSWORD_SCHEMES": ["argon2"],
    "PASSWORD_SINGLE_HASH": {"argon2"},
    # What a reset's secret holds is a hash already. Half a million rounds more took a second of the machine each time
    # somebody asked, and told by the wait which addresses have an account.
    "HASHING_SCHEMES": ["hex_sha256"],
    "DEPRECATED_HASHING_SCHEMES": [],
    "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
    # Mails are written in OutboxMail, in the language of their reader; the library writes in that of the page.
    "EMAIL_PLAINTEXT": False,
    "EMAIL_HTML": False,
}
# OWASP's smallest argon2id: eight busy threads then need 152 MiB at worst for an instant, not 512.
ARGON2 = {"argon2__time_cost": 2, "argon2__memory_cost": 19456, "argon2__parallelism": 1}
ARGON2_IN_TESTS = {"argon2__time_cost": 1, "argon2__memory_cost": 64, "argon2__parallelism": 1}


class OutboxMail(MailUtil):
    """Sends nothing: queues. The worker sends, and tries again."""

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: str | tuple[str, str],
        sender: object,
        body: str | None,
        html: str | None,
        **kwargs: Any,
    ) -> None:
        """Write the mail in its reader's language, and queue it."""
        person: Person = kwargs["user"]
        letter = letters.about_account(template, person.language, kwargs)
        with transaction(by=gate.NOBODY, now=clock()):
            envelopes.post(
                topic=template.rpartition("/")[2],
                address=recipient if isinstance(recipient, str) else recipient[1],
                subject=letter.subject,
                text=letter.text,
                html=letter.html,
                now=clock(),
                recipient_id=person.id,
            )


class SignInForm(LoginForm):
    """The library hashes what is typed for an address that nobody has, whole, and fails where that is very long."""

    def validate(self, **kwargs: Any) -> bool:
        """Whether it opens the door; of too long a password only as much is read as shows that it is."""
        self.password.data = (self.password.data or "")[: LONGEST + 1]
        return bool(super().validate(**kwargs))


class Passwords(PasswordUtil):
    """Passwords no longer than ours: what is longer is nobody's, and takes no time to find so."""

    def normalize(self, password: str) -> str:
        """The one way of writing a password; of too long a one only as much as shows that it is."""
        return str(super().normalize(password[: LONGEST + 1]))

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:
        """What a new password lacks, or has too much of."""
        if len(password) > LONGEST:
            return [_("Use una contraseña de a lo más %(count)s caracteres.", count=LONGEST)], ""
        found: tuple[list[str] | None, str] = super().validate(password, is_register, **kwargs)
        return found


class AnyPasskey(WebauthnUtil):
    """Passkeys of telephones, computers and USB keys alike; the default asks for a USB key only."""

    def authenticator_selection(self, user: Any, usage: str) -> AuthenticatorSelectionCriteria:
        """No attachment, and a key that is found without typing an address."""
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        )


def derived(settings: Settings, purpose: str) -> str:
    """A secret of its own for each purpose."""
    return hmac.new(settings.secret_key.encode(), purpose.encode(), sha256).hexdigest()


def who(uniquifier: str) -> Person | None:
    """The person of a cookie, with roles, departments, sign-in and the office, in one query."""
    if request.endpoint == "static":
        return None
    found = sign_ins.of(session.get("sign_in", ""), uniquifier, now=clock())
    if found is None:
        return None
    sign_in, g.office = found
    if request.method not in gate.SAFE_METHODS:
        sign_ins.touch(sign_in, now=clock())
    set_request_attr("fs_authn_via", "session")
    set_request_attr("fs_paa", session.get("fs_paa", 0))
    return sign_in.person


def nobody_by_token(request: Request) -> None:
    """There are no tokens: each request is a sign-in that somebody can see and end."""


def on_sign_in(app: Flask, user: Person, **extra: object) -> None:
    """A new key at each sign-in; nothing of the session before it is believed."""
    key = sign_ins.begin(
        user,
        address=request.remote_addr or "",
        browser=request.user_agent.string,
        now=clock(),
        replaces=session.get("sign_in", ""),
    )
    session.pop("csrf_token", None)
    session["sign_in"] = key
    # Flask-Login's own long cookie would get round the sign-in; ours lasts instead.
    session.permanent = session.pop("_remember", None) == "set"


def on_authenticated(app: Flask, user: Person, authn_via: list[str] | None = None, **extra: object) -> None:
    """A link from a mail works once: its secret changes with the sign-in."""
    if authn_via and "email" in authn_via:
        sign_ins.renew_link_secret(user, now=clock())


def on_sign_out(app: Flask, user: Person | None = None, **extra: object) -> None:
    """The row ends with the cookie."""
    key = session.pop("sign_in", "")
    if key:
        sign_ins.end_key(key, by=gate.current_actor(), now=clock())


def on_new_password(app: Flask, user: Person, **extra: object) -> None:
    """A new password ends every other sign-in."""
    by = Actor(user.id, user.name)
    sign_ins.end_others(keep=session.get("sign_in", ""), by=by, now=clock())


def account_tried() -> str:
    """Whose account is being tried, "" if nobody's: as its page reads it, for no other field may count for another's."""
    field = NAMED_BY.get((request.endpoint or "").removeprefix("security."))
    if field is None:
        return str(session.get("tf_user_id") or session.get("_user_id") or "")
    typed = request.form.get(field, "").strip()
    try:
        return people.clean_email(typed)
    except Invalid:
        return typed.lower()[:200]


def nobody_tried() -> bool:
    """Whether no account is being tried: a passkey or a link says whose it is only when it opens."""
    return not account_tried()


def refuse_unreadable() -> None:
    """No address to come back to, or a passkey of brackets without end: the library would fall over them."""
    try:
        for target in request.values.getlist("next"):
            urlsplit(target)
    except ValueError:
        abort(404)
    try:
        json.loads(request.form.get("credential", "null"))
    except RecursionError:
        abort(400)
    except ValueError:
        return  # the library says so itself


def configure(app: Flask, settings: Settings) -> None:
    """The library's own settings, with a secret of its own for each purpose."""
    values = {
        **FEATURES,
        **URLS,
        **VIEWS,
        "DATETIME_FACTORY": clock,
        "PASSWORD_SALT": derived(settings, "password"),
        "TOTP_SECRETS": {"1": derived(settings, "totp")},
        "TOTP_ISSUER": "Comunicación Social",
        "PASSWORD_HASH_PASSLIB_OPTIONS": ARGON2_IN_TESTS if settings.testing else ARGON2,
        "I18N_DIRNAME": [app.config["BABEL_TRANSLATION_DIRECTORIES"], "builtin"],
    }
    app.config.update({f"SECURITY_{name}": value for name, value in values.items()})


def guard(app: Flask) -> None:
    """What each page of the library asks for, what none of them can read, and how often one may try."""
    for names, permission in ((PUBLIC, Permission.PUBLIC), (SIGNED_IN, Permission.SIGNED_IN)):
        gate.LIBRARY_ENDPOINTS.update({f"security.{name}": permission for name in names})
    app.before_request_funcs.setdefault("security", []).append(refuse_unreadable)
    blueprint: Any = app.blueprints["security"]
    # Many people share the town hall's one address, so it is given more than a single account.
    limiter.limit("60 per minute", methods=["POST"])(blueprint)
    of_one = "10 per minute; 40 per hour"
    limiter.limit(of_one, key_func=account_tried, exempt_when=nobody_tried, methods=["POST"])(blueprint)


def init_app(app: Flask) -> None:
    """Bind Flask-Security, its permissions, its limits and our loader."""
    configure(app, app.extensions["settings"])
    Security(
        app,
        SQLAlchemyUserDatastore(db, Person, Role, Passkey),
        login_form=SignInForm,
        mail_util_cls=OutboxMail,
        password_util_cls=Passwords,
        webauthn_util_cls=AnyPasskey,
    )
    app.login_manager.user_loader(who)  # type: ignore[attr-defined]
    app.login_manager.request_loader(nobody_by_token)  # type: ignore[attr-defined]
    for signal, receiver in (
        (user_logged_in, on_sign_in),
        (user_authenticated, on_authenticated),
        (user_logged_out, on_sign_out),
        (password_changed, on_new_password),
        (password_reset, on_new_password),
    ):
        signal.connect(receiver, app)
    # The library enters with GET alone.
    app.add_url_rule(URLS["US_VERIFY_LINK_URL"], "security.us_verify_link", methods=["POST"])
    guard(app)
    app.jinja_env.globals.update(
        passkeys_work=library_views.passkeys_work, same_by_name=library_views.same_by_name
    )
    for name, changed in library_views.CHANGED.items():
        app.view_functions[f"security.{name}"] = changed(app.view_functions[f"security.{name}"])
