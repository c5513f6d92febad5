"""What a person reads passes through gettext: looked for in the templates' and the program's own source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from bin.translations import read
from poa_tickets.domain.municipality import STATES
from tests.house.source import ROOT, name, python_files

TEMPLATES = [
    path
    for path in sorted((ROOT / "templates").rglob("*"))
    # The worst page asks for nothing, not even a catalogue.
    if path.suffix in {".html", ".txt"} and path.name != "500.html"
]
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
MARKS = {"_", "_l", "N_", "gettext", "lazy_gettext", "ngettext", "lazy_ngettext"}
SAID_TO_PEOPLE = {"flash", "abort", "Invalid", "NotNow", "NotAllowed", "NotFound", "Stale", "Refusal"}
# Names that are the same in every language.
NAMES = {"Excel", "CSV", "PDF", "WhatsApp", "B", "KB", "MB", "GB", "doctype", "html"}
ATTRIBUTES = re.compile(r'\s(?:alt|aria-label|data-label|placeholder|title)="([^"]*)"')
# Data, not words of a page: what offices and states are called, how dates are written, what searches leave out.
KEPT = re.compile(
    r"Comunicación Social|[\w ]+ de |(?:EEEE|LLLL) .*|(?:d )?'de' .*|a al ante .*|(?:l[aoe]s?|el|del?) |"
    + "|".join(STATES)
)
# The sample municipality speaks as its people do, and other people's mail programs as they do.
DATA = {"mail_programs.py", *(path.name for path in (ROOT / "poa_tickets" / "cli").glob("demo*.py"))}
SPANISH = re.compile(
    r"[áéíóúñ¿¡«]|\b(?:de|la|el|los|las|que|para|por|con|sin|una|su|se|del|ya|hay)\b", re.IGNORECASE
)


def bare(template: str) -> str:
    """A template's text and spoken attributes, without what Jinja and HTML make of it."""
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|&\w+;|\?\w+=", " ", template, flags=re.DOTALL)
    spoken = " ".join(ATTRIBUTES.findall(text))
    return re.sub(r"<[^>]*>", " ", text) + " " + spoken


def test_a_template_holds_no_words_of_its_own():
    found = {
        f"{name(path)}: {word}"
        for path in TEMPLATES
        for word in set(re.findall(r"[^\W\d_]+", bare(path.read_text(encoding="utf-8")))) - NAMES
    }
    assert not found, "write them as {{ _('…') }}"


def test_a_template_translates_only_what_is_written_in_it():
    found = {
        f"{name(path)}: {call}"
        for path in TEMPLATES
        for call in re.findall(
            r"\b(?:_|gettext)\(\s*[^'\"\s)][^)]*\)", COMMENT.sub("", path.read_text(encoding="utf-8"))
        )
    }
    assert not found, "_() gives markup: what a person may have typed goes through the filter `translated`"


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def constants(node: ast.AST) -> Iterator[ast.Constant]:
    return (at for at in ast.walk(node) if isinstance(at, ast.Constant) and isinstance(at.value, str))


def test_every_text_that_is_marked_is_found_by_the_tool_that_gathers_them():
    kept = {m.id if isinstance(m.id, str) else m.id[0] for m in read() if m.id}
    lost = [
        f"{name(path)}:{node.lineno} {node.args[0].value}"
        for path in python_files("poa_tickets")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and called(node) in MARKS
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value not in kept
    ]
    assert not lost, "the tool does not look into f-strings: give the text a name of its own first"


def unmarked(tree: ast.AST) -> Iterator[ast.Constant]:
    """Texts outside gettext that are Spanish, or are said to people."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    marked = {id(at) for node in calls if called(node) in MARKS for at in constants(node)}
    aloud = {
        id(at)
        for node in calls
        if called(node) in SAID_TO_PEOPLE
        for at in constants(node)
        if re.search(r"\w \w", at.value)
    }
    for at in constants(tree):
        if id(at) in marked | docs or KEPT.fullmatch(at.value):
            continue
        if id(at) in aloud or (" " in at.value and SPANISH.search(at.value)):
            yield at


def test_the_program_says_nothing_around_gettext():
    found = {
        f"{name(path)}:{at.lineno} {at.value}"
        for path in python_files("poa_tickets")
        if path.name not in DATA
        for at in unmarked(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert not found, "wrap these in _(), or in N_() where they are said later"
