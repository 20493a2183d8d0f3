"""What checkpoints cost is measured inside of real fits."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import json

import pytest

from benchmarks import checkpoints
from scann_sklearn.estimators import _keeper
from scann_sklearn.resume import _pace


@pytest.mark.slow
def test_a_quick_run(tmp_path, monkeypatch):
    monkeypatch.setattr(_pace, "_TIMES", 0)  # after each round
    before = _keeper.identity_of, _keeper.Keeper.keep
    path = checkpoints.run(1, quick=True, folder=tmp_path)
    (record,) = json.loads(path.read_text())["records"]
    assert record["writes"] == record["calls"]["rounds"] > 10
    parts = record["parts"]
    assert parts["writes"] < parts["rounds"]  # they are in there
    whole = sum(parts.values()) - parts["writes"]
    assert record["seconds_on_files"] == pytest.approx(whole, abs=1e-3)
    assert 0 < record["share"] < 1
    assert record["largest_file"] > 1000
    assert (_keeper.identity_of, _keeper.Keeper.keep) == before
