"""The catalogue of services against the office's own list (domain research, section 4), read by eye.

A row: the stages (Acordar, Cubrir, Elegir, Publicar; a small letter where only an event asks for it), working
days of notice, when it is due, what proves the choice and the publication, who approves; then what must be
answered and, after a bar, what may be.
"""

from __future__ import annotations

import pytest

from poa_tickets.domain.evidence import EVIDENCE_MISSING
from poa_tickets.domain.kinds import CATALOGUE, BriefType
from poa_tickets.domain.vocabulary import DueAnchor, DueUnit, Evidence, Stage

REVIEWED = {
    "loudspeaker": "ASP 3 event-1 text run_log office: route | script runs hours seconds quiet vehicle",
    "social_post": "ASP 1 event+1 text permalink head: | idea link tags page hour boost minors",
    "photos": "AcSP 2 event+2 photos permalink_or_file office: | shots arrival duration protocol minors",
    "news_note": "AcSP 1 event+1 text permalink_or_file head: | facts quote embargo media",
    "video": "AcSP 5 event+5 file permalink_or_file head: purpose | format length speakers script music access minors",
    "audio_spot": "ASP 2 event-2 file file office: script | voice seconds jingle use",
    "design": "ASP 2 event-2 file file head: copy | piece size logos copies delivery",
    "printed_run": "ASP 5 event-1 file file head: copies distribution | paper",
    "slides": "ASP 2 event-1 file file office: meeting content | audience slides owner",
    "billboard": "ASP 10 event-2 file file head: site copy | dates size permit provider",
    "live_stream": "AcP 3 event+0 none permalink office: session agenda | channel test minors",
    "press_conference": "AcSP 2 event+1 text permalink_or_file presidency: subject speakers | media kit",
    "media_insertion": "ASP 5 event-1 text file head: outlet copy | size dates cost",
    "web_notice": "ASP 1 event-1 text permalink_or_file office: copy | section from until basis",
    "advice": "AP 1 event-1 none text office: topic | date outlet official",
}
LETTERS = dict(zip(Stage, "ACSP", strict=True))


def described(kind) -> tuple[str, set[str], set[str]]:
    """A kind as a row says it."""
    assert (kind.due.anchor, kind.due.unit) == (DueAnchor.EVENT, DueUnit.WORKING_DAYS)
    stages = "".join(LETTERS[s].lower() if s in kind.needs_event else LETTERS[s] for s in kind.stages)
    proofs = (kind.evidence.get(stage, Evidence.NONE) for stage in (Stage.SELECT, Stage.PUBLISH))
    must = {field.key for field in kind.brief if field.required}
    terms = (stages, kind.lead_days, f"event{kind.due.amount:+d}", *proofs, kind.approver)
    return " ".join(map(str, terms)), must, {field.key for field in kind.brief} - must


def reviewed(row: str) -> tuple[str, set[str], set[str]]:
    terms, questions = row.split(":")
    must, may = questions.split("|")
    return terms, set(must.split()), set(may.split())


def key_of(kind) -> str:
    return kind.key


def test_the_catalogue_holds_the_fifteen_services():
    assert sorted(kind.key for kind in CATALOGUE) == sorted(REVIEWED)


@pytest.mark.parametrize("kind", CATALOGUE, ids=key_of)
def test_each_kind_is_as_reviewed(kind):
    assert described(kind) == reviewed(REVIEWED[kind.key])


@pytest.mark.parametrize("kind", CATALOGUE, ids=key_of)
def test_each_kind_can_be_asked_done_and_proved(kind):
    order = list(Stage)
    assert list(kind.stages) == sorted(kind.stages, key=order.index)
    assert kind.stages[0] is Stage.AGREE
    assert kind.stages[-1] is Stage.PUBLISH
    assert set(kind.evidence) <= set(kind.stages)
    assert kind.evidence[Stage.PUBLISH] in EVIDENCE_MISSING  # nothing is called published without a proof
    assert kind.needs_event <= {Stage.COVER}
    assert kind.label
    assert kind.description


@pytest.mark.parametrize("kind", CATALOGUE, ids=key_of)
def test_each_question_can_be_answered(kind):
    keys = [field.key for field in kind.brief]
    assert len(set(keys)) == len(keys)
    for field in kind.brief:
        assert field.label
        assert (field.type is BriefType.CHOICE) == bool(field.choices)
        assert len(set(field.choices)) == len(field.choices)
