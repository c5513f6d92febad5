"""The weekly ask from its mail: the form of the week, or one tap that says there is nothing.

The link acts more than once: sent again, an answer is corrected.
"""

from typing import Any

from flask import request, url_for

from poa_tickets.domain.links import Purpose
from poa_tickets.services.links.links import Link
from poa_tickets.web import by_link, week_page
from poa_tickets.web.by_link import Answer


@by_link.page(
    Purpose.ASK, own=lambda link: url_for("weekly_asks.answer", answer_id=link.object.id, nada=nothing())
)
def answer(link: Link) -> Answer:
    """GET shows what is known and room for more; POST answers."""
    page = week_page.Page(link.object, link.actor, by_link.address(link.claims), by_link=True)
    if request.method == "POST":
        form, answered = week_page.sent(page)
        if answered is not None:
            return answered
        return by_link.drawn(link, "pages/links/week.html", 422, **shown(page, form, None))
    form, draft = week_page.opened(page)
    return by_link.drawn(link, "pages/links/week.html", **shown(page, form, draft))


def nothing() -> str | None:
    """What the second button of the mail adds to the address, taken along."""
    return "1" if request.args.get("nada") == "1" else None


def shown(page: week_page.Page, form: week_page.WeekForm, draft: week_page.Draft | None) -> dict[str, Any]:
    """The page's words, but for what the frame has already."""
    around = week_page.around(page, form, draft)
    return {name: value for name, value in around.items() if name != "here"}
