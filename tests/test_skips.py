"""Skips without a good reason are failures, here and in a run of their own."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import subprocess
import sys
from pathlib import Path

import pytest

from ._optional import OPTIONAL_TOOLS, is_here, need

ROOT = Path(__file__).resolve().parents[1]
TESTS = """
import sys
import pytest
from tests import _optional

def test_data():
    _optional.no_data("iris")

def test_tool(monkeypatch):
    monkeypatch.setattr(_optional, "is_here", lambda name: False)
    _optional.need("arm-none-eabi-gcc")

def test_expected_failure():
    pytest.xfail("known")
"""
BAD = {
    "mood": "def test_bad():\n    pytest.skip('not today')",
    "unlisted": "def test_bad():\n    pytest.skip('no-such-tool is not on this machine')",
    "mark": "@pytest.mark.skipif(sys.maxsize > 0, reason='large')\ndef test_bad():\n    pass",
    "module": "pytest.skip('all of it', allow_module_level=True)",
    "doctest": "def test_bad():\n    '''\n    >>> 1 + 1  # doctest: +SKIP\n    2\n    '''",
}


def run(folder, text):
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_these.py").write_text(text, encoding="utf-8")
    options = ["-p", "tests._skips", "-p", "no:cacheprovider", "--doctest-modules"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_good_reasons_are_counted(tmp_path):
    done = run(tmp_path, TESTS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 skipped, 1 xfailed" in done.stdout
    assert "1 skipped for want of absent data files" in done.stdout
    assert "1 skipped for want of optional tools" in done.stdout


@pytest.mark.parametrize("bad", BAD)
def test_other_reasons_are_failures(tmp_path, bad):
    done = run(tmp_path, TESTS + BAD[bad])
    assert done.returncode != 0
    assert "was skipped: " in done.stdout
    assert "skips only for absent data files" in done.stdout


def test_a_tool_has_to_be_named():
    with pytest.raises(ValueError, match="'no-such-tool' is no optional tool"):
        need("no-such-tool")
    assert all(isinstance(is_here(name), bool) for name in OPTIONAL_TOOLS)
