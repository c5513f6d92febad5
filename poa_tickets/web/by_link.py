"""What a signed link opens: one page per purpose, registered here, drawn in a frame that says whose link it is.

    @by_link.page(Purpose.ASK, own=lambda link: url_for("asks.answer", answer_id=link.object.id))
    def answer_ask(link: Link) -> Answer: ...

The page gets GET and POST of ``/e/<token>``. ``own`` is where its holder is taken who is signed in already.

Why a POST needs no token against forgery: such a token proves that a form came from a page which only the holder of
a cookie can read. Here no cookie is looked at for what may be done. Whoever can send the form knows the link, which
nobody can guess, and who knows it may open the page and press the button: a foreign page has nothing to borrow. The
address is kept from foreign pages (no referrer, no caches, no search engines), and the form's own key and the link's
single use make it act once.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from poa_tickets.domain.errors import Invalid, NotNow, Refusal, Stale
from poa_tickets.domain.links import Death, Purpose
from poa_tickets.services.links import links
from poa_tickets.services.links.links import Claims, Dead, Link
from poa_tickets.services.transaction import AlreadyDone
from poa_tickets.web.errors import sentence
from poa_tickets.web.forms.base import Form

Answer = str | Response | tuple[str, int]
Page = Callable[[Link], Answer]
STATUS: dict[Death, int] = {Death.BROKEN: 404, Death.USED: 200}
GONE = 410
# Given back from a link that died meanwhile, with whatever else was written in more than one word.
WORDS = ("text", "reason", "missed", "message", "title")


@dataclass(frozen=True)
class Opening:
    """What a purpose opens, and where somebody who is signed in finds the same."""

    page: Page
    own: Callable[[Link], str] | None


PAGES: dict[Purpose, Opening] = {}


def page(purpose: Purpose, own: Callable[[Link], str] | None = None) -> Callable[[Page], Page]:
    """Register the page of a purpose."""

    def mark(view: Page) -> Page:
        PAGES[purpose] = Opening(view, own)
        return view

    return mark


def address(claims: Claims, **values: Any) -> str:
    """The link's own page."""
    return url_for("links.show", token=claims.token, **values)


def done(link: Link) -> Response:
    """After the link acted: its page now tells what it did."""
    return redirect(address(link.claims, listo=1), 303)


def acted(link: Link, form: Form, answer: str, act: Callable[[], object]) -> Response | None:
    """Do it, and spend the link with it. None where it was refused: the reason stands in the form.

    ``answer`` is what whoever opens the link again is told that it did.
    """
    try:
        with links.acting(link, answer, now=g.now):
            act()
    except AlreadyDone:
        return done(link)
    except Invalid as error:
        form.refuse(error)
    except links.AlreadyUsed:
        raise
    except (NotNow, Stale) as error:
        form.form_errors = [*form.form_errors, sentence(error.refusal)]
    else:
        return done(link)
    form.idempotency_key.data = secrets.token_urlsafe(18)
    return None


def drawn(link: Link, template: str, status: int = 200, **context: Any) -> Answer:
    """A page in the frame of its link."""
    made = render_template(template, link=link, here=address(link.claims), **context)
    return (made, status) if status != 200 else made


def needless(link: Link, refusal: Refusal) -> Answer:
    """What the link asks for can't be done, or was done otherwise: why, in the rules' own words."""
    return drawn(
        link, "pages/links/needless.html", 409 if request.method == "POST" else 200, why=sentence(refusal)
    )


def over(dead: Dead) -> Answer:
    """A link that opens nothing explains itself, and gives back what was typed."""
    status = 409 if request.method == "POST" else STATUS.get(dead.reason, GONE)
    made = render_template(
        "pages/links/over.html",
        dead=dead,
        just_now=dead.reason is Death.USED and "listo" in request.args,
        typed=[
            text.strip()
            for name, texts in request.form.lists()
            for text in texts
            if text.strip() and (name in WORDS or " " in text.strip())
        ],
    )
    return made, status


def somebody_elses(link: Link) -> Answer:
    """Whoever is signed in is not the one whom the link was written to."""
    return render_template("pages/links/elses.html", link=link, person=g.person), 403
