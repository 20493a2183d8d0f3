"""Fits leave nothing in memory, and what measures that sees what stays."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import json
import os
import platform
import subprocess
import sys

import pytest

from tests.campaigns._memory import EXACT
from tests.classifier._helpers import ROOT

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="has no mallinfo2")
# All kinds of fits twice, to load kernels and fill caches, and then twice.
FITS = """
from tests.campaigns.soak import NAMES, one
found = growth(
    lambda number: one(NAMES[number % len(NAMES)], number), 2 * len(NAMES), 2 * len(NAMES)
)
"""
LEAKS = """
import numpy as np
kept = []
found = {
    "array": growth(lambda number: kept.append(np.zeros(64)), 50, 10),
    "object": growth(lambda number: kept.append([{number}]), 50, 10),
    "nothing": growth(lambda number: [np.zeros(64), {number}], 50, 10),
}
"""


def measured(code):
    """What code that sets ``found`` finds, in a process of its own."""
    ahead = "import json\nfrom tests.campaigns._memory import fill_cache, growth\nfill_cache()\n"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"{ahead}{code}\nprint(json.dumps(found))"],
        cwd=ROOT, env=os.environ | EXACT, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_fits_leave_nothing_behind():
    """A network has thousands of bytes and an estimator hundreds of blocks."""
    found = measured(FITS)
    assert found["malloc"] < 200
    assert found["blocks"] < 10


def test_what_stays_is_seen():
    found = measured(LEAKS)
    assert found["array"]["malloc"] >= 512  # 64 numbers of 8 bytes
    assert found["object"]["blocks"] >= 2  # a list and a set
    assert abs(found["nothing"]["malloc"]) < 64
    assert abs(found["nothing"]["blocks"]) < 1
