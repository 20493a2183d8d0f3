"""The rooms of the library stand on floors: nothing imports a higher one, and nothing a circle."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = "scann_sklearn"
ROOT = Path(__file__).resolve().parents[1] / PACKAGE
# From the ground up; rooms of one floor don't know each other. What is in no room is the ground.
FLOORS = (
    {"network"},
    {"heads", "images"},
    {"model"},
    {"training"},
    {"synthesis"},
    {"metrics"},
    {"reduction", "inspection", "callbacks", "resume"},
    {"estimators"},
    {"model_selection"},
    {"export"},
)
ALONE = {"datasets"}
FLOOR_OF = {room: n for n, floor in enumerate(FLOORS, start=1) for room in floor}
MODULES = {
    ".".join((PACKAGE, *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(
        ".__init__"
    ): path
    for path in ROOT.rglob("*.py")
}


@cache
def tree_of(module):
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def imports_of(module):
    """Module and name of every import, those inside of functions too."""
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}: relative import"
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)


@cache
def lazy_names(package):
    """Module that each public name of a package comes from, by the block for type checkers."""
    return {
        name: module
        for module, name in imports_of(package)
        if module.startswith(f"{PACKAGE}.") and module != f"{PACKAGE}._lazy"
    }


def imported(module):
    """The modules of this library that a module imports, lazy public names followed."""
    for source, name in imports_of(module):
        if source.split(".")[0] != PACKAGE:
            continue
        if f"{source}.{name}" in MODULES:
            yield f"{source}.{name}"
        elif MODULES[source].name == "__init__.py" and name in lazy_names(source):
            yield lazy_names(source)[name]
        else:
            yield source


def room_of(module):
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and (ROOT / parts[1]).is_dir() else ""


# What a package offers by name, it offers; it uses none of it.
USERS = sorted(module for module, path in MODULES.items() if path.name != "__init__.py")


def test_every_room_has_a_floor():
    assert {room_of(module) for module in MODULES} - {""} == set(FLOOR_OF) | ALONE


@pytest.mark.parametrize("module", USERS)
def test_no_import_of_a_higher_floor(module):
    own = room_of(module)
    for other in set(map(room_of, imported(module))) - {own, ""}:
        assert own, f"{module} is the ground, and imports {other}"
        assert not {own, other} & ALONE, f"{module} imports {other}"
        assert FLOOR_OF[other] < FLOOR_OF[own], f"{module} imports {other}"


def test_no_circle():
    graph = {module: set(imported(module)) - {module} for module in USERS}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))
