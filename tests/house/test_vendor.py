"""What others wrote and we serve is byte for byte what the manifest says."""

from __future__ import annotations

import base64
import hashlib
import json

from tests.house.source import ROOT

VENDOR = ROOT / "static/vendor"
MANIFEST = VENDOR / "manifest.json"


def listed_files():
    for library in json.loads(MANIFEST.read_text(encoding="utf-8")):
        for file, digest in library["files"].items():
            yield library, f"{library['folder']}/{file}", digest


def test_every_vendored_file_has_the_hash_it_was_taken_with():
    for library, file, digest in listed_files():
        content = (VENDOR / file).read_bytes()
        actual = "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()
        assert actual == digest, f"{file} of {library['name']} {library['version']} was changed"


def test_every_file_of_the_folder_is_in_the_manifest():
    listed = {file for _, file, _ in listed_files()}
    present = {
        path.relative_to(VENDOR).as_posix()
        for path in VENDOR.rglob("*")
        if path.is_file() and path != MANIFEST and path.suffix not in {".gz", ".br"}
    }
    assert present == listed


def test_every_library_says_its_version_and_licence():
    for library in json.loads(MANIFEST.read_text(encoding="utf-8")):
        assert library["name"]
        assert library["version"]
        assert library["licence"]
