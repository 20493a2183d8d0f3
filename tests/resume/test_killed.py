"""A process that is killed in the middle of a fit: the next one goes on from the file."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import subprocess
import sys

import pytest

from tests.classifier._helpers import ROOT

from ._fits import fingerprint, make
from ._left import resumed

CHILD = """
import sys
from scann_sklearn.resume import _pace
from tests.resume._fits import fingerprint, make
from tests.resume._halting import Halting

_pace._TIMES = 0  # after every round
sys.stdout = Halting(sys.stdout, int(sys.argv[3]))
estimator, X, y = make(sys.argv[1], checkpoint=sys.argv[2], verbose=True)
print(fingerprint(estimator.fit(X, y)), flush=True)
"""


def killed(name, folder, n_rounds):
    """Kill a process that has printed so many rounds, and waits there."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, name, str(folder), str(n_rounds)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        lines = [process.stdout.readline() for _ in range(n_rounds)]
        process.kill()
        process.communicate()
    assert all("round" in line for line in lines), lines
    return process.returncode


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
@pytest.mark.parametrize(
    ("name", "moments"),
    [("B", [2, 5]), ("C folds", [30]), ("A torch", [4]), ("values teacher folds", [20])],
)
def test_killed_and_resumed(name, moments, tmp_path, capsys):
    for n_rounds in moments:
        assert killed(name, tmp_path, n_rounds) == -9
    assert len(list(tmp_path.glob("*.npz"))) == 1
    whole, X, y = make(name)
    expected = fingerprint(whole.fit(X, y))
    estimator, warned = resumed(tmp_path, name, verbose=True)
    assert fingerprint(estimator) == expected
    assert "resumed from" in capsys.readouterr().out.splitlines()[0]
    assert warned == []
    assert list(tmp_path.iterdir()) == []
