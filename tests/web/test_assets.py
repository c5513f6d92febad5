"""Static files have addresses that change with what is in them."""

import json
from base64 import b64encode
from hashlib import sha384

import brotli
import pytest
from flask import Flask

from poa_tickets.web import assets
from tests.house.source import ROOT

STATIC = ROOT / "static"


def test_the_address_changes_with_the_file(tmp_path):
    style = tmp_path / "a.css"
    addresses = []
    for text in ("a{}", "b{}"):
        style.write_text(text)
        app = Flask("small", static_folder=str(tmp_path), static_url_path="/static")
        assets.init_app(app)
        with app.test_request_context("/"):
            addresses.append(app.jinja_env.globals["asset"]("a.css"))

    assert addresses[0].startswith("/static/a.css?v=")
    assert addresses[0] != addresses[1]


def test_what_others_made_is_exactly_what_the_manifest_says():
    for entry in json.loads((STATIC / "vendor" / "manifest.json").read_text()):
        assert entry["version"] in entry["folder"]
        for name, digest in entry["files"].items():
            body = (STATIC / "vendor" / entry["folder"] / name).read_bytes()
            assert "sha384-" + b64encode(sha384(body).digest()).decode() == digest, name


def test_nothing_lies_in_the_vendor_folder_that_the_manifest_does_not_name():
    named = {
        f"{entry['folder']}/{name}"
        for entry in json.loads((STATIC / "vendor" / "manifest.json").read_text())
        for name in entry["files"]
    }
    found = {
        path.relative_to(STATIC / "vendor").as_posix()
        for path in (STATIC / "vendor").rglob("*")
        if path.is_file() and path.suffix not in (".br", ".gz")
    }
    assert found - {"manifest.json"} == named


def test_the_styles_scripts_and_icons_of_a_first_visit_leave_room_in_150_kilobytes():
    files = [path for path in STATIC.rglob("*") if path.suffix in (".css", ".js", ".svg") and path.is_file()]

    assert sum(len(brotli.compress(path.read_bytes())) for path in files) < 70_000


@pytest.mark.parametrize("name", [p.name for p in sorted((STATIC / "js").glob("*.js"))])
def test_scripts_neither_evaluate_text_nor_write_styles(name):
    text = (STATIC / "js" / name).read_text()

    for forbidden in ("eval(", "new Function", ".style.", "document.write"):
        assert forbidden not in text
