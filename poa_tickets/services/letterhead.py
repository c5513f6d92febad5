"""What stands around the words of every mail, whoever writes it: the office's name and its colour."""

from flask_babel import gettext as _

from poa_tickets.domain.theme import mail_css
from poa_tickets.store.office import Office


def of(office: Office | None) -> dict[str, str]:
    """What the frame of the templates asks for; before the office is set up, a name that fits any."""
    return {
        "office_name": office.office_name if office else _("Comunicación Social"),
        "municipality": office.municipality if office else "",
        "accent_css": mail_css(office.accent) if office else "",
    }
