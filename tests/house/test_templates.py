"""Templates compile, and nothing in them would be stopped by the content security policy."""

from __future__ import annotations

import re

import pytest

from tests.house.source import ROOT, name

TEMPLATES = sorted(
    path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt", ".svg", ".xml"}
)
PAGES = [
    path for path in TEMPLATES if path.suffix == ".html" and not name(path).startswith("templates/email/")
]
COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)
INLINE_STYLE = re.compile(r"<[a-z][^>]*\sstyle\s*=|<style\b", re.IGNORECASE)
HANDLER = re.compile(r"<[a-z][^>]*\son[a-z]+\s*=\s*[\"'{]", re.IGNORECASE)
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE)


@pytest.mark.databases("sqlite")
def test_every_template_compiles(app):
    for path in TEMPLATES:
        app.jinja_env.get_template(path.relative_to(ROOT / "templates").as_posix())


def faults(rule):
    """What a rule says of each page, without its comments."""
    return [
        f"{name(path)}: {said}" for path in PAGES for said in rule(COMMENT.sub("", path.read_text("utf-8")))
    ]


def inline(text):
    if INLINE_STYLE.search(text):
        yield "no style= and no <style>: put it in static/css/app.css"
    if HANDLER.search(text):
        yield "no on…= handlers: attach the behaviour by a data attribute in static/js/"
    for attributes, body in SCRIPT.findall(text):
        if "src=" not in attributes:
            yield "scripts are files in static/js/"
        if body.strip():
            yield "a script with src carries no body"


def test_nothing_inline_that_the_security_policy_forbids():
    assert faults(inline) == []


def test_nothing_is_loaded_from_another_host():
    elsewhere = re.compile(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)\s*=\s*[\"'](?:https?:)?//")
    assert faults(elsewhere.findall) == [], (
        "everything a page loads is served by ourselves: put it in static/vendor/"
    )


def test_a_template_decides_nothing():
    decides = re.compile(r"current_user\.(?:role|roles|has_role)|strftime\(|db\.session")
    assert faults(decides.findall) == [], (
        "permissions, dates and queries are decided in Python: ask actions_for() or use a filter"
    )
