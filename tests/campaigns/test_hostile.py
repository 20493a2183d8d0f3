"""A few cases of each campaign of hostile input, and a campaign that has to notice everything."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import json
import subprocess
import sys

import pytest

from tests.campaigns import _misbehaving as misbehaving
from tests.classifier._helpers import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="has no fork, or no /proc")
FEW = {"estimators": 60, "readers": 150, "parsers": 150, "code": 4}


def call(*words):
    """What a module of the campaigns prints."""
    command = [sys.executable, "-W", "ignore", "-m", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)


@pytest.mark.parametrize("name", FEW)
def test_a_few_cases(name, tmp_path):
    words = (name, "--cases", FEW[name], "--seed", 20, "--into", tmp_path)
    done = call("tests.campaigns.hostile", *words)
    result = json.loads((tmp_path / f"hostile_{name}.json").read_text())
    assert result["failures"] == []
    assert done.returncode == 0, done.stdout + done.stderr
    assert sum(result["counts"].values()) == result["done"] == FEW[name]
    assert result["counts"]["accepted"] >= 3  # not only nonsense


def test_without_names_all_campaigns_share_the_cases(tmp_path):
    done = call("tests.campaigns.hostile", "--cases", 4, "--seed", 21, "--into", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    found = {path.name for path in tmp_path.iterdir()}
    assert found == {f"hostile_{name}.json" for name in FEW}


EXPECTED = {
    "_accept": "accepted",
    "_refuse": "refused: ValueError",
    "_say_nothing": "failure: ValueError without a message",
    "_crash": "failure: SIGSEGV",
    "_hang": "failure: no end after 2.0 s",
    "_eat": "failure: MemoryError",
    "_end": "failure: the process ended",
    "_answer_wrongly": "failure: wrong result",
    "_execute": "failure: Escape",
    "_unpickle": "failure: Escape",
    "_write": "failure: Escape",
}


def test_what_goes_wrong_is_noticed():
    done = call("tests.campaigns._misbehaving", 2)
    assert done.stdout, done.stderr
    found = dict(json.loads(done.stdout.splitlines()[-1]))
    expected = {n: EXPECTED[case.__name__] for n, case in enumerate(misbehaving.CASES)}
    assert found == expected


def test_an_interrupted_run_goes_on(tmp_path):
    """The file of a run that was ended says where; the numbers are those of a whole run."""
    words = ("parsers", "--cases", 40, "--seed", 3, "--into", tmp_path)
    call("tests.campaigns.hostile", *words)
    path = tmp_path / "hostile_parsers.json"
    whole = json.loads(path.read_text())
    left = whole | {"done": 30, "counts": {"accepted": 30}, "failures": []}
    path.unlink()
    path.with_suffix(".unfinished.json").write_text(json.dumps(left))
    call("tests.campaigns.hostile", *words)
    found = json.loads(path.read_text())
    assert found["done"] == 40
    assert found["counts"]["accepted"] >= 30
    assert sum(found["counts"].values()) == 40
    assert list(tmp_path.iterdir()) == [path]
