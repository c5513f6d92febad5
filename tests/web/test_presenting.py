"""Moments, numbers and names as a person reads them."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from flask import g

from poa_tickets import extensions
from poa_tickets.web import presenting
from tests.web.bare import bare_app

# Wednesday 14 October 2026, 10:30 in Mexico City.
NOW = datetime(2026, 10, 14, 16, 30, tzinfo=UTC)


@pytest.fixture
def page(monkeypatch):
    monkeypatch.setattr(extensions, "clock", lambda: NOW)
    with bare_app().test_request_context("/"):
        yield


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (datetime(2026, 10, 15, 16, 0, tzinfo=UTC), "mañana, 10:00"),
        (datetime(2026, 10, 14, 15, 12, tzinfo=UTC), "hoy, 9:12"),
        (datetime(2026, 10, 13, 19, 20, tzinfo=UTC), "ayer, 13:20"),
        (datetime(2026, 10, 17, 15, 0, tzinfo=UTC), "sáb 17 oct, 9:00"),
        (datetime(2025, 10, 17, 15, 0, tzinfo=UTC), "vie 17 oct 2025, 9:00"),
        (None, ""),
    ],
)
def test_a_moment_is_said_the_way_the_office_says_it(page, when, words):
    assert presenting.moment(when) == words


def test_the_day_is_the_one_of_the_offices_wall_clock(page):
    late_evening = datetime(2026, 10, 15, 4, 59, tzinfo=UTC)

    assert presenting.moment(late_evening) == "hoy, 22:59"
    g.office = SimpleNamespace(time_zone="America/Tijuana")
    assert presenting.moment(late_evening) == "hoy, 21:59"


def test_a_moment_without_zone_is_read_as_utc(page):
    assert presenting.clock(datetime(2026, 10, 14, 16, 0)) == "10:00"


def test_days_come_from_dates_and_from_moments(page):
    assert presenting.day(date(2026, 10, 17)) == "sáb 17 oct"
    assert presenting.day(datetime(2026, 10, 15, 3, 0, tzinfo=UTC)) == "hoy"
    assert presenting.long_day(date(2026, 10, 14)) == "miércoles 14 de octubre"
    assert presenting.long_day(date(2027, 10, 14)) == "jueves 14 de octubre de 2027"


def test_september_keeps_the_three_letters_people_write(page):
    assert presenting.day(date(2026, 9, 1)) == "mar 1 sep"


def test_an_english_reader_gets_english(page):
    g.locale = "en"

    assert presenting.moment(datetime(2026, 10, 17, 15, 0, tzinfo=UTC)) == "Sat, Oct 17, 9:00"
    assert presenting.long_day(date(2026, 10, 14)) == "Wednesday, October 14"
    assert presenting.percent(87.2) == "87.2%"
    assert presenting.html_lang() == "en"


def test_numbers(page):
    assert presenting.number(43750) == "43,750"
    assert presenting.percent(87.2) == "87.2 %"
    assert presenting.percent(100) == "100.0 %"
    assert presenting.percent(None) == "—"
    assert presenting.html_lang() == "es-MX"


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 B"),
        (512, "512 B"),
        (430_080, "420 KB"),
        (3_250_586, "3.1 MB"),
        (26_214_400, "25 MB"),
        (1024**4, "1,024 GB"),
    ],
)
def test_sizes_of_files(page, size, words):
    assert presenting.filesize(size) == words


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Noemí Cárdenas", "NC"),
        ("Dra. Elvira Montaño Ruiz", "EM"),
        ("ángel", "Á"),
        ("", "?"),
        (None, "?"),
        ("T.S. Irene Salgado", "IS"),
    ],
)
def test_initials_leave_titles_out(name, letters):
    assert presenting.initials(name) == letters


def test_text_becomes_paragraphs_and_never_markup():
    made = presenting.paragraphs("Uno & <b>dos</b>\r\ntres\n\n\n\ncuatro\n")

    assert made == "<p>Uno &amp; &lt;b&gt;dos&lt;/b&gt;<br>tres</p><p>cuatro</p>"
    assert presenting.paragraphs(None) == ""


def test_a_line_opens_with_a_large_letter_and_keeps_the_others():
    assert presenting.opening("sábado 21 de noviembre") == "Sábado 21 de noviembre"
    assert presenting.opening("Saturday, November 21") == "Saturday, November 21"


def test_a_stretch_of_whole_days_names_the_days_and_no_midnight(page):
    def at(day, hour=0):
        return datetime(2026, 11, day, hour + 6, tzinfo=UTC)

    assert presenting.stretch(at(23), at(24)) == "lun 23 nov"
    assert presenting.stretch(at(23), at(26)) == "lun 23 nov al mié 25 nov"
    assert presenting.stretch(at(23, 9), at(23, 12)) == "lun 23 nov, 9:00 a 12:00"
    assert presenting.stretch(at(23, 9), at(25, 12)) == "lun 23 nov, 9:00 a mié 25 nov, 12:00"
