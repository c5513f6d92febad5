"""A digest in the browser, from its mail: what was sent, and nothing else."""

from flask import g, url_for

from poa_tickets.domain.links import Purpose
from poa_tickets.services.digests import digest_content, digest_words, digests, mailings
from poa_tickets.services.digests.digest_lines import Told
from poa_tickets.services.links.links import Link
from poa_tickets.web import by_link
from poa_tickets.web.by_link import Answer
from poa_tickets.web.digest_page import NoAddresses


@by_link.page(Purpose.DIGEST, own=lambda link: url_for("digests.show", number=link.object.digest_id))
def read(link: Link) -> Answer:
    """The copy as its reader has it, without what they may not see any more."""
    copy = link.object
    digest, setting = copy.digest, mailings.setting(copy.digest.key)
    told = Told(
        digest.key,
        digest.content,
        digest_content.still_theirs(copy.personal, link.actor),
        g.office.zone,
        digests.is_late(digest, digest.made_at),
        setting.subject,
        setting.opening,
    )
    return by_link.drawn(link, "pages/links/digest.html", words=digest_words.words(told, NoAddresses()))
