"""The API page lists every public name, and no other."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from pathlib import Path

import pytest

from ._public import NAMES, PACKAGES

DOCS = Path(__file__).resolve().parents[1] / "docs"


def _listed():
    """The dotted names in the autosummary blocks of api.rst."""
    module, inside = None, False
    for line in (DOCS / "api.rst").read_text(encoding="utf-8").splitlines():
        if line.startswith(".. currentmodule::"):
            module = line.split("::")[1].strip()
        elif line.startswith(".."):
            inside = line.startswith(".. autosummary::")
        elif line.strip() and not line.startswith(" "):
            inside = False
        elif inside and line.strip() and not line.strip().startswith(":"):
            yield f"{module}.{line.strip()}"


@pytest.fixture(scope="module")
def listed():
    if not DOCS.is_dir():
        pytest.skip("the sdist comes without docs")
    return list(_listed())


def test_every_public_name_is_listed_where_it_lives(listed):
    # A name that a sub-package offers at top level too is listed there once.
    elsewhere = {name.rsplit(".", 1)[1] for name in NAMES if name.count(".") > 1}
    expected = {n for n in NAMES if n.count(".") > 1 or n.rsplit(".", 1)[1] not in elsewhere}
    assert set(listed) == expected


def test_no_name_is_listed_twice(listed):
    assert len(listed) == len(set(listed))
    assert {name.rsplit(".", 1)[0] for name in listed} <= set(PACKAGES)
