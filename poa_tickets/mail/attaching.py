"""A calendar that goes along with a mail, so that Outlook, Gmail and Apple know what to do with it."""

import re
from email import policy
from email.mime.base import MIMEBase
from email.mime.text import MIMEText

from flask_mail import Message

METHOD = re.compile(r"^METHOD:([A-Z]+)\r?$", re.MULTILINE)
FILE_NAME = "evento.ics"
# Folded once, with its accents encoded. Folded again by the standard library, one subject in four lost or won a blank.
AS_WRITTEN = policy.SMTP.clone(refold_source="none")
INVITES = frozenset({"REQUEST", "CANCEL"})


class Mail(Message):
    """A mail whose calendar part, where it has one, names its method: without it nothing is entered or taken out."""

    calendar_method = ""

    def _message(self) -> MIMEBase:
        made = super()._message()
        made.policy = AS_WRITTEN
        return made

    def _mimetext(self, text: str | None, subtype: str = "plain") -> MIMEText:
        part = super()._mimetext(text, subtype)
        if subtype == "calendar":
            part.set_param("method", self.calendar_method)
        return part


def attach(mail: Mail, calendar: str) -> None:
    """Let ``mail`` carry a calendar: as a file to open, and where it invites or cancels also as one of its versions."""
    found = METHOD.search(calendar)
    if not calendar or found is None:
        return
    mail.calendar_method = found[1]
    if found[1] in INVITES:
        # The last version is the one that programs with a calendar choose; the file is for the others.
        mail.alts["calendar"] = calendar
        mail.attach(FILE_NAME, "application/ics", calendar.encode())
    else:
        mail.attach(FILE_NAME, f"text/calendar; charset=utf-8; method={found[1]}", calendar.encode())
