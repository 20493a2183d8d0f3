"""The API page lists every public name, and no other; the code of the README runs."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ._public import NAMES, PACKAGES

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


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
    return list(_listed())


def test_every_public_name_is_listed_where_it_lives(listed):
    # A name that a sub-package offers at top level too is listed there once.
    elsewhere = {name.rsplit(".", 1)[1] for name in NAMES if name.count(".") > 1}
    expected = {n for n in NAMES if n.count(".") > 1 or n.rsplit(".", 1)[1] not in elsewhere}
    assert set(listed) == expected


def test_no_name_is_listed_twice(listed):
    assert len(listed) == len(set(listed))
    assert {name.rsplit(".", 1)[0] for name in listed} <= set(PACKAGES)


@pytest.mark.slow
def test_code_of_the_readme_runs_without_a_warning(tmp_path):
    """Its Python blocks, one after the other as a reader would run them."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert len(blocks) == text.count("```python") == 2
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(blocks)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    files = {path.name for path in tmp_path.iterdir()}
    assert files == {"digits.h", "digits.npz", "digits.onnx"}


def test_pictures_of_the_readme_are_there():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", text)
    assert pictures == ["docs/images/before_and_after.png"]
    for picture in pictures:
        assert (ROOT / picture).read_bytes().startswith(b"\x89PNG")
