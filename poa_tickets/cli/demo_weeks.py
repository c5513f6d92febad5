"""The sample's weekly asks: three months of Thursdays, with those who answer, those who are reminded and those who never do."""

import random
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from poa_tickets.domain import weekly_asks as rules
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.vocabulary import AnswerVia
from poa_tickets.extensions import db
from poa_tickets.services import people
from poa_tickets.services.asks import weekly_answers, weekly_asks
from poa_tickets.services.asks.weekly_answers import NewEvent, Reply
from poa_tickets.store.mailings import WeeklyAnswer, WeeklyAsk
from poa_tickets.store.office import Office
from poa_tickets.store.people import Person

WEEKS = 12
HOUR = timedelta(hours=1)
# Of each ten: before the reminder, after it, once the week has begun; the rest keep silent.
AT_ONCE, REMINDED, LATE = 0.55, 0.8, 0.86
THINGS = (
    ("Reunión con comités de colonia", "Casa ejidal", 10),
    ("Entrega de apoyos", "Presidencia municipal", 11),
    ("Supervisión de obra", "Calle Hidalgo", 9),
    ("Taller para personas mayores", "Casa de la Cultura", 17),
    ("Jornada de limpieza", "Río San Aurelio", 8),
    ("Capacitación a personal", "Auditorio municipal", 12),
    ("Torneo relámpago", "Unidad deportiva", 16),
    ("Brigada de reforestación", "Cerro del Mirador", 8),
)


def say_the_weeks(office: Office, calendar: OfficeCalendar, now: datetime) -> None:
    """Every Thursday of three months up to ``now``, as the worker and the departments would have lived them."""
    dice = random.Random(4)
    today = calendar.today(now)
    monday = today - timedelta(days=today.weekday())
    for back in range(WEEKS, -1, -1):
        thursday = calendar.at(monday - timedelta(weeks=back) + timedelta(days=3), time(9))
        if thursday <= now and weekly_asks.open_due(thursday):
            answer_one_week(office, thursday, now, dice)


def answer_one_week(office: Office, asked_at: datetime, now: datetime, dice: random.Random) -> None:
    """Who answers, in order; the reminder goes between the quick and the slow."""
    wanted = (
        select(WeeklyAnswer.id, WeeklyAnswer.asked_person_id, WeeklyAnswer.department_id, WeeklyAsk.monday)
        .join(WeeklyAnswer.ask)
        .where(WeeklyAsk.asked_at == asked_at, WeeklyAnswer.asked_person_id.is_not(None))
        .order_by(WeeklyAnswer.department_id)
    )
    rows = db.session.execute(wanted).all()
    never = {row.department_id for row in rows[-2:]}  # two directors whom a letter will have to remind
    reminder_at = asked_at + 25 * HOUR
    slow = []
    for row in rows:
        lot = 1.0 if row.department_id in never else dice.random()
        if lot < AT_ONCE:
            say(office, row, asked_at + dice.uniform(0.1, 24) * HOUR, now, dice)
        elif lot < LATE:
            begins = rules.starts_at(row.monday, office.zone)
            at = reminder_at + dice.uniform(0.2, 9) * HOUR if lot < REMINDED else begins + 10 * HOUR
            slow.append((at, row))
    if reminder_at <= now:
        weekly_asks.nag_due(reminder_at)
    for at, row in slow:
        say(office, row, at, now, dice)


def say(office: Office, row: Any, at: datetime, now: datetime, dice: random.Random) -> None:
    """One answer, unless its moment is still to come."""
    if at > now:
        return
    answer = db.session.get_one(WeeklyAnswer, row.id)
    person = db.session.get_one(Person, answer.asked_person_id)
    days = [day for day in rules.days_of(answer.ask.monday)[1:6] if day >= at.astimezone(office.zone).date()]
    chosen = dice.sample(THINGS, dice.choice((0, 0, 1, 1, 1, 2)))
    new = [
        NewEvent(number, title, dice.choice(days), time(hour) if dice.random() < 0.8 else None, place)
        for number, (title, place, hour) in enumerate(chosen)
    ]
    weekly_answers.reply(
        answer.id,
        Reply(new=new, nothing=not new),
        via=AnswerVia.MAIL_LINK if dice.random() < 0.8 else AnswerVia.SIGNED_IN,
        version=str(answer.version),
        by=people.actor(person, office, at),
        now=at,
    )
