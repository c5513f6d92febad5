"""Who may import whom, and who may commit."""

from __future__ import annotations

import ast
import sys

import pytest

from tests.house.source import PACKAGE, imports, name, python_files

# A floor may import itself and these. What is not a floor (settings, extensions, the package itself) joins them.
BELOW = {
    "domain": set(),
    "store": {"domain"},
    "services": {"domain", "store"},
    "web": {"domain", "store", "services"},
    "api": {"domain", "store", "services"},
    "mail": {"domain", "store", "services"},
    "jobs": {"domain", "store", "services"},
    "cli": {"domain", "store", "services"},
}
SHARED = {"extensions", "settings"}


def floor_files():
    for floor in BELOW:
        for path in python_files(f"poa_tickets/{floor}"):
            yield floor, path
        alone = PACKAGE / f"{floor}.py"
        if alone.exists():
            yield floor, alone


@pytest.mark.parametrize(("floor", "path"), [pytest.param(f, p, id=name(p)) for f, p in floor_files()])
def test_a_floor_imports_only_the_floors_below(floor, path):
    allowed = BELOW[floor] | {floor} | (set() if floor == "domain" else SHARED)
    for line, module in imports(path):
        parts = module.split(".")
        if parts[0] != "poa_tickets":
            continue
        target = parts[1] if len(parts) > 1 else ""
        assert target in allowed, (
            f"{name(path)}:{line} imports {module}: {floor} may only import {', '.join(sorted(allowed))}. "
            "Move what is needed to the floor that owns it, or join the two in create_app."
        )


@pytest.mark.parametrize("path", [pytest.param(p, id=name(p)) for p in python_files("poa_tickets/domain")])
def test_the_domain_needs_only_the_standard_library(path):
    for line, module in imports(path):
        top = module.split(".")[0]
        assert top in sys.stdlib_module_names or top == "poa_tickets", (
            f"{name(path)}:{line} imports {module}: rules of the office stand on the standard library alone."
        )


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=name(path))
        for path in python_files("poa_tickets")
        if path.relative_to(PACKAGE).parts[0] != "services"
    ],
)
def test_only_services_commit(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
            assert "migrate" in path.name, (
                f"{name(path)}:{node.lineno} commits: write through a service, which keeps the change, "
                "its timeline entry and its notices in one transaction."
            )


@pytest.mark.parametrize("path", [pytest.param(p, id=name(p)) for p in python_files("poa_tickets")])
def test_nobody_uses_the_query_attribute_of_models(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        old = (
            isinstance(node, ast.Attribute)
            and node.attr == "query"
            and isinstance(node.value, ast.Name)
            and node.value.id[:1].isupper()
        )
        assert not old, (
            f"{name(path)}:{node.lineno}: write db.session.execute(select(…)) instead of Model.query."
        )
