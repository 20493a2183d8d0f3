"""Links to other projects are resolved from committed inventories, which hold what is used."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
INVENTORIES = ROOT / "docs" / "inventories"
# Objects are referred to by their full names, with or without another text, or in See Also.
REFERENCE = re.compile(
    r":(?:class|func|mod|exc|data):`(?:[^`<]*<)?~?([\w.]+)>?`|^ +(sklearn[\w.]+) : ", re.MULTILINE
)


@pytest.fixture(scope="module")
def make():
    return runpy.run_path(str(INVENTORIES / "make.py"))


def _referred_to(projects):
    """Names in docs and docstrings that belong to other projects."""
    files = [*(ROOT / "docs").rglob("*.rst"), *(ROOT / "docs" / "examples").glob("*.py")]
    files = [f for f in files if not {"_build", "auto_examples", "generated"} & set(f.parts)]
    files += (ROOT / "scann_sklearn").rglob("*.py")
    found = (pair for f in files for pair in REFERENCE.findall(f.read_text(encoding="utf-8")))
    names = {first or second for first, second in found}
    return {name for name in names if name.split(".")[0] in projects}


def test_inventories_hold_what_is_referred_to(make):
    objects = [found for project in make["PROJECTS"] for found in make["objects"](project)]
    known = {name for role, name, _ in objects if role.startswith("py:")}
    roots = {name.split(".")[0] for name in known}
    assert _referred_to(roots) | make["INHERITED"] == known


def test_inventories_are_what_the_script_writes(make):
    for project in make["PROJECTS"]:
        committed = make["read"]((INVENTORIES / f"{project}.inv").read_bytes())
        expected = {(role, name): address for role, name, address in make["objects"](project)}
        assert committed == expected


def test_the_comparison_finds_what_has_moved(make):
    for project in make["PROJECTS"]:
        published = make["read"](make["content"](project))
        assert list(make["differences"](project, published)) == []
        moved = next(iter(published))
        published[moved] = "elsewhere.html"
        assert [moved[1] in line for line in make["differences"](project, published)] == [True]


def test_configuration_names_the_inventories(make):
    mapping = runpy.run_path(str(ROOT / "docs" / "conf.py"))["intersphinx_mapping"]
    expected = {p: (make["PROJECTS"][p][0], f"inventories/{p}.inv") for p in make["PROJECTS"]}
    assert mapping == expected
