"""The benchmark of early exits on a small processor, in small."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import copy

import numpy as np
import pytest

from benchmarks import _data
from benchmarks.deploy import exits
from tests.early_exit._helpers import short


@pytest.fixture(scope="module")
def digits():
    parts = _data.load("digits")
    clf = short(section_ratio=3, n_connections=150, thresholds=[0.9, 0.95])
    return clf.fit(parts.X_train, parts.y_train, X_val=parts.X_val, y_val=parts.y_val), parts


def test_every_exit_is_counted(digits, tmp_path):
    clf, parts = digits
    record = exits.measured(clf, parts, "int8", tmp_path)
    counts = [end["instructions"] for end in record["ends"]]
    assert counts == sorted(counts)
    assert all(end["range"][1] <= end["bound"] for end in record["ends"])
    n_test = len(parts.y_test)
    assert sum(end["n"] for end in record["ends"]) == n_test
    assert sum(end["n_right"] for end in record["ends"]) == pytest.approx(
        record["test"] * n_test, abs=0.1
    )
    assert record["n_elsewhere"] < 0.1 * n_test
    # nobody gets to the last exit, which costs what it did
    early = copy.copy(clf)
    early.thresholds_ = np.array([0.9, 0.1001])
    other = exits.measured(early, parts, "int8", tmp_path)["ends"][-1]
    assert other["n"] == 0
    assert other["instructions"] == pytest.approx(counts[-1], rel=0.02)


def test_tables(digits, tmp_path):
    clf, parts = digits
    head = {"data": "digits", "connections": 150, "predicted": 0.9}
    records = [
        {**head, "kind": "EarlyExitClassifier", **exits.measured(clf, parts, d, tmp_path)}
        for d in exits.FORMATS
    ]
    plain = [{**r, "kind": "SCANNClassifier", "ends": r["ends"][-1:]} for r in records]
    for r in plain:
        del r["n_elsewhere"]
    headings, rows = exits.table(records + plain)
    assert len(rows) == 5
    assert all(len(row) == len(headings) for row in rows)
    shares = [float(row[2].rstrip("%")) for row in rows[:3]]
    assert sum(shares) == pytest.approx(100, abs=0.2)
    means = np.dot(shares, [float(row[4]) for row in rows[:3]]) / 100
    assert float(rows[3][4]) == pytest.approx(means, rel=0.01)
    assert float(rows[0][-1].rstrip("×")) > float(rows[2][-1].rstrip("×")) == 1
    headings, rows = exits.sizes(records + plain)
    assert [row[0] for row in rows] == ["digits, float32", "digits, int16", "digits, int8"]
    assert all(len(row) == len(headings) for row in rows)
