"""The weekly ask as it arrives: its words as text and as HTML, its two buttons, its thread, and whom it spares."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from poa_tickets.domain.vocabulary import AnswerVia, MailingKey
from poa_tickets.extensions import db
from poa_tickets.services.agenda import agenda
from poa_tickets.services.agenda.agenda import EventData
from poa_tickets.services.asks import weekly_answers
from poa_tickets.services.asks.weekly_answers import Reply
from poa_tickets.services.digests import mailings
from poa_tickets.services.links import links
from poa_tickets.store.mailings import WeeklyAnswer
from poa_tickets.store.office import Office
from tests.mail.conftest import Town, Worker
from tests.mail.server import MailServer
from tests.web.bilingual import mail_faults

pytestmark = pytest.mark.databases("sqlite")
MEXICO = ZoneInfo("America/Mexico_City")
THURSDAY = datetime(2026, 10, 15, 9, tzinfo=MEXICO).astimezone(UTC)
DAY = timedelta(days=1)
LINK = re.compile(r"https?://\S+/e/[\w.-]+")


@pytest.fixture
def asked(town: Town, worker: Worker, mail_server: MailServer) -> Any:
    """Thursday at nine: both directors have their mail. One event of health's is known."""
    with_place = EventData(
        "Feria de la salud",
        town.health.id,
        starts_at=datetime(2026, 10, 21, 10, tzinfo=MEXICO),
        place="Plaza principal",
    )
    agenda.create(with_place, by=town.as_(town.director), now=town.now)
    worker.now = THURSDAY
    pass_time(worker)
    return mail_server


def pass_time(worker: Worker, after: timedelta = timedelta(0)) -> None:
    """What is owed in one tick goes in the next."""
    worker.tick(after)
    worker.tick()


def mail_to(server: MailServer, address: str) -> EmailMessage:
    return all_to(server, address)[-1]


def all_to(server: MailServer, address: str) -> list[EmailMessage]:
    return [mail for mail in server.mails if address in str(mail["To"])]


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_it_lists_what_is_known_and_has_two_buttons(asked, town):
    mail = mail_to(asked, town.director.email)
    assert mail["Subject"] == "Eventos de Dirección de Salud del 19 al 25 de octubre"
    for kind in ("plain", "html"):
        text = body(mail, kind)
        for words in (
            "mié 21 oct, 10:00",
            "Feria de la salud",
            "Plaza principal",
            "Responder (1 minuto)",
            "Así está bien, nada que agregar",
        ):
            assert words in text, (kind, words)
        assert len(set(LINK.findall(text))) == 1
        assert "?nada=1" in text
    other = mail_to(asked, town.other_director.email)
    assert "Feria de la salud" not in body(other, "plain")
    assert "Sin eventos esa semana" in body(other, "plain")


def test_the_reminder_goes_to_the_silent_and_replies_to_the_question(asked, town, worker):
    answer = db.session.query(WeeklyAnswer).filter_by(department_id=town.works.id).one()
    weekly_answers.reply(
        answer.id,
        Reply(nothing=True),
        via=AnswerVia.MAIL_LINK,
        version="1",
        by=town.as_(town.other_director),
        now=worker.now,
    )
    pass_time(worker, DAY + timedelta(hours=1))
    first, second = all_to(asked, town.director.email)
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"]
    assert second["Subject"] == f"Re: {first['Subject']}"
    assert "aún no tenemos su respuesta" in body(second, "plain")
    assert LINK.findall(body(second, "plain")) != LINK.findall(body(first, "plain"))
    assert len(all_to(asked, town.other_director.email)) == 1


def test_who_answers_while_the_mail_server_is_down_is_not_reminded_afterwards(asked, town, worker):
    asked.answer = lambda count: "451 4.3.0 Try again later"
    pass_time(worker, DAY + timedelta(hours=1))
    answer = db.session.query(WeeklyAnswer).filter_by(department_id=town.works.id).one()
    assert answer.nagged_at is not None
    weekly_answers.reply(
        answer.id,
        Reply(nothing=True),
        via=AnswerVia.MAIL_LINK,
        version="1",
        by=town.as_(town.other_director),
        now=worker.now,
    )
    asked.answer = lambda count: "250 OK"
    pass_time(worker, timedelta(hours=1))
    assert len(all_to(asked, town.other_director.email)) == 1
    assert len(all_to(asked, town.director.email)) == 2


@pytest.mark.parametrize(
    ("outage", "heading", "about"),
    [
        (timedelta(hours=26), "¿Qué eventos tendrá la próxima semana?", "19 al 25 de octubre"),
        (timedelta(days=5), "¿Qué eventos tiene esta semana?", "19 al 25 de octubre"),
        (
            timedelta(days=8, hours=2),
            "¿Qué eventos tendrá la próxima semana?",
            "26 de octubre al 1 de noviembre",
        ),
    ],
)
def test_after_an_outage_there_is_one_question_about_the_last_week_and_no_reminder_with_it(
    town, worker, mail_server, outage, heading, about
):
    mail_server.answer = lambda count: "451 4.3.0 Try again later"
    worker.now = THURSDAY
    until = THURSDAY + outage
    while worker.now < until - timedelta(hours=4):
        pass_time(worker, timedelta(hours=4))
    mail_server.answer = lambda count: "250 OK"
    pass_time(worker, until - worker.now)
    pass_time(worker, timedelta(hours=3))
    asked = [m for m in all_to(mail_server, town.director.email) if "Eventos de" in m["Subject"]]
    assert [mail["Subject"] for mail in asked] == [f"Eventos de {town.health.short_name} del {about}"]
    assert heading.upper() in body(asked[0], "plain")
    assert heading in body(asked[0], "html")


def test_a_late_one_says_so_and_the_office_s_own_words_take_the_place_of_ours(town, worker, mail_server):
    own = mailings.MailingEdit(
        enabled=True,
        weekday=3,
        hour=time(9),
        audience=frozenset(),
        subject="Su semana, por favor",
        opening="Buenos días.\n\n<b>Cuéntenos.</b>",
    )
    mailings.edit(MailingKey.ASK, own, version="0", by=town.as_(town.head), now=town.now)
    worker.now = THURSDAY + timedelta(hours=5)
    pass_time(worker)
    mail = mail_to(mail_server, town.director.email)
    assert mail["Subject"] == "Su semana, por favor"
    text, html = body(mail, "plain"), body(mail, "html")
    for words in ("Buenos días.", "Semana del 19 al 25 de octubre", "debió salir el jue 15 oct"):
        assert words in text
        assert words in html
    assert "&lt;b&gt;Cuéntenos." in html


@pytest.mark.parametrize("language", ["es_MX", "en"])
def test_it_speaks_its_reader_s_language(town, worker, mail_server, language):
    town.director.language, town.director.name = language, "Xul Zyt"
    town.health.name = town.health.short_name = "Wyz"
    office = db.session.query(Office).one()
    office.municipality = office.office_name = "Zyx"
    db.session.commit()
    worker.now = THURSDAY + timedelta(hours=5)
    pass_time(worker)
    pass_time(worker, DAY)
    for mail in all_to(mail_server, town.director.email):
        text = body(mail, "plain")
        assert mail_faults([str(mail["Subject"]), *text.splitlines()], body(mail, "html"), language) == []


def test_the_links_of_the_mail_end_with_the_week_and_name_their_reader(asked, town):
    token = LINK.findall(body(mail_to(asked, town.director.email), "plain"))[0].rpartition("/")[2]
    found = links.read(token, now=THURSDAY + DAY)
    assert found.actor.id == town.director.id
    assert found.object.department_id == town.health.id
    end = datetime.combine(date(2026, 10, 26), time(), MEXICO)
    assert isinstance(links.read(token, now=end), links.Dead)
    assert not isinstance(links.read(token, now=end - timedelta(seconds=1)), links.Dead)
