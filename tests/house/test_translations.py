"""Every text the program says has its English, with the same values in it; the catalogue holds nothing else."""

from __future__ import annotations

import re

from bin.translations import ENGLISH, brought_up_to_date, gathered, read

VALUE = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
CATALOGUE = read()
MESSAGES = [message for message in CATALOGUE if message.id]


def key(text) -> str:
    return text if isinstance(text, str) else text[0]


def forms(text) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def test_the_catalogue_is_what_the_program_says_today():
    said = {key(message.id) for message in gathered() if message.id}
    kept = {key(message.id) for message in MESSAGES}
    assert not said - kept, "type `make translations`, then write the English of these"
    assert not kept - said, "nobody says these any more: type `make translations`"
    assert not CATALOGUE.obsolete, "type `make translations`: it drops what is obsolete"


def test_the_catalogue_is_written_as_its_tool_writes_it():
    assert brought_up_to_date() == ENGLISH.read_bytes(), "type `make translations`"


def test_every_text_has_its_english():
    missing = [key(message.id) for message in MESSAGES if not all(forms(message.string))]
    assert not missing, "write their English in the catalogue"
    assert not [key(message.id) for message in MESSAGES if message.fuzzy], "review these, and unmark them"


def test_the_english_carries_the_same_values():
    wrong = {}
    for message in MESSAGES:
        wanted = {value for form in forms(message.id) for value in VALUE.findall(form)}
        if any(set(VALUE.findall(english)) != wanted for english in forms(message.string)):
            wrong[key(message.id)] = message.string
    assert not wrong


def test_no_percent_sign_is_left_that_would_break_a_sentence_with_values():
    for message in MESSAGES:
        for text in (*forms(message.id), *forms(message.string)):
            if VALUE.search(text):
                assert "%" not in re.sub(r"%\(\w+\)[sd]|%%", "", text), text
