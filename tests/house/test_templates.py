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


def ids(paths):
    return [pytest.param(path, id=name(path)) for path in paths]


@pytest.mark.databases("sqlite")
def test_every_template_compiles(app):
    for path in TEMPLATES:
        app.jinja_env.get_template(path.relative_to(ROOT / "templates").as_posix())


@pytest.mark.parametrize("path", ids(PAGES))
def test_nothing_inline_that_the_security_policy_forbids(path):
    text = COMMENT.sub("", path.read_text(encoding="utf-8"))
    assert not INLINE_STYLE.search(text), "no style= and no <style>: put it in static/css/app.css"
    assert not HANDLER.search(text), (
        "no on…= handlers: attach the behaviour by a data attribute in static/js/"
    )
    for attributes, body in SCRIPT.findall(text):
        assert "src=" in attributes, "scripts are files in static/js/"
        assert not body.strip(), "a script with src carries no body"


@pytest.mark.parametrize("path", ids(PAGES))
def test_nothing_is_loaded_from_another_host(path):
    text = COMMENT.sub("", path.read_text(encoding="utf-8"))
    found = re.search(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)\s*=\s*[\"'](?:https?:)?//", text)
    assert not found, "everything a page loads is served by ourselves: put it in static/vendor/"


@pytest.mark.parametrize("path", ids(PAGES))
def test_a_template_decides_nothing(path):
    text = COMMENT.sub("", path.read_text(encoding="utf-8"))
    assert not re.search(r"current_user\.(?:role|roles|has_role)|strftime\(|db\.session", text), (
        "permissions, dates and queries are decided in Python: ask actions_for() or use a filter"
    )
