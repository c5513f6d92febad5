"""``flask poa indicator`` and ``load-plan``."""

import json
from pathlib import Path

import pytest

from poa_tickets.extensions import db
from poa_tickets.services import plan
from tests.counting import Desk

SAMPLE = Path(__file__).parents[2] / "poa_tickets" / "cli" / "sample_plan.json"


@pytest.fixture
def run(app, monkeypatch, now):
    monkeypatch.setattr("poa_tickets.cli.indicators.clock", lambda: now)
    return lambda *words: app.test_cli_runner().invoke(args=["poa", *words])


def test_json_holds_exactly_the_number_its_parts_and_their_folios(run, now):
    desk = Desk()
    desk.ticket(now)
    db.session.commit()
    result = run("indicator", "--period", "2026-Q4", "--json")
    assert result.exit_code == 0
    assert json.loads(result.output) == {
        "period": "2026-Q4",
        "cohort": 1,
        "fulfilled": 0,
        "partly": 0,
        "not_fulfilled": 0,
        "pending": 1,
        "late": 0,
        "percent": 0.0,
        "folios": {
            "fulfilled": [],
            "partly": [],
            "pending": ["CS-2026-00001"],
            "late": [],
            "not_fulfilled": [],
        },
    }


def test_an_empty_period_has_null_for_its_number(run):
    Desk()
    db.session.commit()
    assert json.loads(run("indicator", "--period", "2024", "--json").output)["percent"] is None


def test_without_json_it_is_one_readable_line(run, now):
    desk = Desk()
    desk.ticket(now)
    db.session.commit()
    output = run("indicator", "--period", "2026-10").output
    assert output.count("\n") == 1
    assert output.startswith("octubre de 2026: 0.0 % (0/1; cumplidas: 0,")


def test_a_period_that_cannot_be_read_is_one_sentence_and_status_2(run):
    result = run("indicator", "--period", "2026-Q9")
    assert result.exit_code == 2
    assert "2026-Q3" in result.stderr
    assert "Traceback" not in result.stderr


def test_before_the_town_hall_is_set_up_it_says_so(run):
    result = run("indicator", "--period", "2026")
    assert (result.exit_code, result.stderr) == (2, "Primero configure el municipio.\n")


def test_the_sample_plan_is_kept_whole_and_once(run):
    assert run("load-plan", str(SAMPLE)).exit_code == 0
    kept, years = plan.of_year(None)
    assert years == [2024]
    assert [objective.number for objective in kept.objectives] == list("12345678")
    goal = plan.goal_for("support_requests_fulfilled", 2026)
    assert (goal.objective.number, goal.goal.number, goal.goal.budget) == ("2", "2.1", "$40,000.00")
    assert [activity.number for activity in goal.activities] == ["2.1.1", "2.1.2", "2.1.3", "2.1.4"]
    again = run("load-plan", str(SAMPLE))
    assert (again.exit_code, again.stderr) == (2, "Ya hay un plan de 2024.\n")


@pytest.mark.parametrize(
    "written", ["", "[]", '{"year": "x"}', '{"year": 2026, "title": "", "objectives": [1]}']
)
def test_a_plan_that_cannot_be_read_is_a_sentence(run, tmp_path, written):
    file = tmp_path / "plan.json"
    file.write_text(written)
    result = run("load-plan", str(file))
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr
