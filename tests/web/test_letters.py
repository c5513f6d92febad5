"""The mails about accounts: each in one language from top to bottom, with one button where something is to be done."""

from __future__ import annotations

import pytest
from flask import g

from poa_tickets.web import letters
from poa_tickets.web.language import LANGUAGES
from tests import factories
from tests.web.bilingual import mail_faults

# What the library hands to its templates, as far as ours read it.
CONTEXT = {"reset_link": "/recuperar/zyx", "login_link": "/entrar/con-enlace?token=zyx", "login_token": "zyx"}
ASKS = {"security/email/reset_instructions", "security/email/us_instructions"}


@pytest.mark.databases("sqlite")
def test_every_mail_about_an_account_speaks_one_language(app):
    office = factories.make_office(municipality="Zyx", office_name="Qvw")
    wrong = []
    with app.test_request_context("/"):
        g.office = office
        for spoken in LANGUAGES:
            made = {
                (name, int(name in ASKS)): letters.about_account(name, spoken, CONTEXT)
                for name in letters.SUBJECTS
            }
            made["invitation", 1] = letters.invitation(
                "Xul Zyt", "https://example.org/invitacion/zyx", spoken
            )
            for (name, buttons), letter in made.items():
                said = [letter.subject, *letter.text.splitlines()]
                wrong += [
                    f"{name}: {fault}" for fault in mail_faults(said, letter.html, spoken, buttons=buttons)
                ]
    assert not wrong, "\n".join(wrong)
