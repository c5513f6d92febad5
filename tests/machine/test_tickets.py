"""The machine of ``desk.py`` on both databases: a short run in the suite, a long one when asked.

``POA_MACHINE=2000 pytest tests/machine`` plays two thousand days at the desk, each another one.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.desk import START, Desk
from tests.machine.town import Town

EXAMPLES = int(os.environ.get("POA_MACHINE", "0"))
PROFILE = settings(
    max_examples=EXAMPLES or 6,
    stateful_step_count=30,
    deadline=None,
    derandomize=not EXAMPLES,
    database=None,
    # The suite says that it fails; the long run takes the minutes to find the shortest way there.
    phases=tuple(Phase) if EXAMPLES else (Phase.generate,),
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


@pytest.mark.slow
@pytest.mark.timeout(0 if EXAMPLES else 300)
def test_whatever_anybody_does_the_desk_stays_sound(app):
    machine = type("DeskOfThisDatabase", (Desk,), {"town": Town(START)})
    run_state_machine_as_test(machine, settings=PROFILE)
