"""A digest in the browser, from its mail: what was sent, and nothing else."""

from flask import url_for

from poa_tickets.domain.links import Purpose
from poa_tickets.services.digests import digest_words
from poa_tickets.services.links.links import Link
from poa_tickets.web import by_link, digest_page
from poa_tickets.web.by_link import Answer
from poa_tickets.web.digest_page import NoAddresses


@by_link.page(Purpose.DIGEST, own=lambda link: url_for("digests.show", number=link.object.digest_id))
def read(link: Link) -> Answer:
    """The copy as its reader has it, without what they may not see any more."""
    told = digest_page.told(link.object.digest, link.object, link.actor)
    return by_link.drawn(link, "pages/links/digest.html", words=digest_words.words(told, NoAddresses()))
