"""Two programs on one database and one folder, as during a change of machine or by mistake: neither harms the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.mail.server import MailServer
from tests.resilience.conftest import settled
from tests.resilience.program import Browser, until

REQUESTS = 8
SECRET = "only-for-tests-" + "x" * 40  # that of the suite's own settings, so that cookies fit


@pytest.fixture
def nothing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'poa.sqlite3'}"
    else:
        with request.getfixturevalue("postgres_server").blank_database() as database:
            yield database.url


def about_requests(mails: MailServer) -> list[str]:
    """The subjects that begin with a folio: on some days of the week the program also asks for the next one."""
    return sorted(mail["Subject"] for mail in mails.mails if mail["Subject"].startswith("[CS-"))


@pytest.mark.parametrize(
    "nothing", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_two_that_start_at_once_on_nothing_give_each_folio_and_send_each_mail_once(
    nothing: str, start, tmp_path: Path
):
    mails = MailServer()
    environ = {
        "SECRET_KEY": SECRET,
        "DATABASE_URL": nothing,
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(mails.port),
        "NOTICE_DELAY_SECONDS": "0",
    }
    try:
        programs = [start(tmp_path / "instance", **environ) for _ in range(2)]
        for program in programs:
            program.serves()
        with settled(nothing, tmp_path / "instance") as hall:
            cookie = hall.cookie()
            directors = [Browser(program.port, dict(cookie)) for program in programs]
            forms = [hall.request(directors[n % 2], title=f"Feria {n}") for n in range(REQUESTS)]
            with ThreadPoolExecutor(4) as hands:
                answers = list(
                    hands.map(
                        lambda n: directors[n % 2].post("/solicitudes/nueva", forms[n]), range(REQUESTS)
                    )
                )
            assert [answer.status for answer in answers] == [303] * REQUESTS
            assert [folio[-5:] for folio in hall.folios()] == [f"{n:05}" for n in range(1, REQUESTS + 1)]
            assert {answer.headers["Location"] for answer in answers} == {
                f"/solicitudes/{folio}" for folio in hall.folios()
            }
            until(lambda: len(about_requests(mails)) >= REQUESTS)
        assert [program.ends() for program in programs] == [0, 0]
    finally:
        mails.stop()
    assert Counter(mail["Message-ID"] for mail in mails.mails).most_common(1)[0][1] == 1
    assert len(about_requests(mails)) == REQUESTS, [mail["Subject"] for mail in mails.mails]
