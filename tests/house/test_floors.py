"""Who may import whom, and who may commit."""

from __future__ import annotations

import ast
import sys

from tests.house.source import PACKAGE, imports, name, python_files, tree

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


def test_a_floor_imports_only_the_floors_below():
    wrong = []
    for floor, path in floor_files():
        allowed = BELOW[floor] | {floor} | (set() if floor == "domain" else SHARED)
        for line, module in imports(path):
            root, _dot, target = module.partition(".")
            if root == "poa_tickets" and target.partition(".")[0] not in allowed:
                wrong.append(f"{name(path)}:{line} imports {module}")
    assert not wrong, (
        "a floor may only import those below it: move what is needed to the floor that owns it, "
        "or join the two in create_app:\n" + "\n".join(wrong)
    )


def test_the_domain_needs_only_the_standard_library():
    wrong = [
        f"{name(path)}:{line} imports {module}"
        for path in python_files("poa_tickets/domain")
        for line, module in imports(path)
        if module.partition(".")[0] not in {*sys.stdlib_module_names, "poa_tickets"}
    ]
    assert not wrong, "rules of the office stand on the standard library alone:\n" + "\n".join(wrong)


def test_only_services_commit():
    wrong = [
        f"{name(path)}:{node.lineno}"
        for path in python_files("poa_tickets")
        if path.relative_to(PACKAGE).parts[0] != "services" and "migrate" not in path.name
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    assert not wrong, (
        "write through a service, which keeps the change, its timeline entry and its notices "
        "in one transaction:\n" + "\n".join(wrong)
    )


def test_nobody_uses_the_query_attribute_of_models():
    wrong = [
        f"{name(path)}:{node.lineno}"
        for path in python_files("poa_tickets")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr == "query"
        and isinstance(node.value, ast.Name)
        and node.value.id[:1].isupper()
    ]
    assert not wrong, "write db.session.execute(select(…)) instead of Model.query:\n" + "\n".join(wrong)
