"""What we change in the pages of Flask-Security, each wrapped around the library's own view."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_security import current_user
from flask_security.utils import check_and_get_token_status, get_message

from poa_tickets.web import gate

View = Callable[..., Any]


def passkeys_work() -> bool:
    """Whether a browser keeps passkeys for this address: it needs a name, and https or the machine itself."""
    host = urlsplit(request.host_url).hostname or ""
    figures = ":" in host or host.replace(".", "").isdigit()
    safe = request.is_secure or current_app.extensions["settings"].public_url.startswith("https://")
    return host == "localhost" or (safe and not figures)


def same_by_name() -> str:
    """This page under the name that the machine gives itself; empty for any other machine."""
    here = urlsplit(request.url)
    return request.url.replace("127.0.0.1", "localhost", 1) if here.hostname == "127.0.0.1" else ""


def links_only(view: View) -> View:
    """The page that mails a link. Its six-figure code, good for half an hour, could be guessed: not accepted."""

    @wraps(view)
    def shown(*args: Any, **kwargs: Any) -> Any:
        if request.method not in gate.SAFE_METHODS:
            abort(405)
        return view(*args, **kwargs)

    return shown


def asks_before_entering(view: View) -> View:
    """Where a mailed link leads: a page with one button. The library signs in whoever looks, and so the programs that
    open a mail's links before its reader does used up the link, and were let in.

    What the library says of one that opens nothing is about a password nobody typed.
    """

    @wraps(view)
    def shown(*args: Any, **kwargs: Any) -> Any:
        secret = {name: request.args.get(name, "") for name in ("id", "code")}
        if request.method in gate.SAFE_METHODS and gate.current_actor().id is None and all(secret.values()):
            return render_template("security/us_verify_link.html", secret=secret)
        answer = view(*args, **kwargs)
        (generic, _kind), (about_link, _kind) = (
            get_message(name) for name in ("GENERIC_AUTHN_FAILED", "INVALID_LOGIN_TOKEN")
        )
        said = session.pop("_flashes", [])
        for kind, words in said:
            flash(about_link if words == generic else words, kind)
        return answer

    return shown


def keeps_the_key(view: View) -> View:
    """The first code of a telephone. After a wrong one the library throws away the key that was just scanned.

    After the right one the way leads to the codes for a lost telephone: nobody looks for them in time.
    """

    @wraps(view)
    def shown(token: str) -> Any:
        answer = view(token=token)
        wrong, _kind = get_message("TWO_FACTOR_INVALID_TOKEN")
        if wrong not in [words for _kind, words in session.get("_flashes", [])]:
            done = (
                getattr(answer, "location", None) == current_app.config["SECURITY_TWO_FACTOR_POST_SETUP_VIEW"]
            )
            return redirect(url_for("security.mf_recovery_codes"), 302) if done else answer
        session.pop("_flashes")
        _expired, _invalid, state = check_and_get_token_status(token, "tf_setup", timedelta(days=1))
        factory = current_app.extensions["security"].totp_factory
        values = factory.fetch_setup_values(state["totp_secret"], current_user)
        page = render_template(
            "security/two_factor_setup.html",
            chosen_method=state["method"],
            state_token=token,
            authr_qrcode=values["image"],
            authr_key=values["key"],
            authr_username=values["username"],
            authr_issuer=values["issuer"],
            wrong=wrong,
        )
        return page, 422

    return shown


def strangers_only(view: View) -> View:
    """The second step of signing in. Whoever is in already goes home; the library would sign them out, on a GET."""

    @wraps(view)
    def shown(*args: Any, **kwargs: Any) -> Any:
        if gate.current_actor().id is not None:
            return redirect(url_for("home.index"), 302)
        return view(*args, **kwargs)

    return shown


CHANGED: dict[str, Callable[[View], View]] = {
    "us_signin": links_only,
    "us_verify_link": asks_before_entering,
    "two_factor_setup_validate": keeps_the_key,
    "two_factor_token_validation": strangers_only,
}
