"""Samples that leave early take fewer instructions on a small processor, as the report says."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import copy
from itertools import pairwise

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits

from benchmarks.deploy._emulator import Program
from benchmarks.deploy._targets import TARGETS, batch, linked
from scann_sklearn.export import measure_flash, to_c
from scann_sklearn.export._cross_compiler import ZIG_FOR_ARM
from scann_sklearn.model._model import model_of
from tests.early_exit._helpers import short

LOADERS = {"digits": load_digits, "cancer": load_breast_cancer}
N_ROWS, N_COUNTED = 300, 4


@pytest.fixture(scope="module", params=LOADERS)
def leaving(request):
    """A classifier, some of whose samples leave at each of its exits, and these."""
    X, y = LOADERS[request.param](return_X_y=True)
    clf = short(section_ratio=3, n_connections=150).fit(X, y)
    model = model_of(clf)
    first, second = map(model.head.confidence, model.head.parts(model.outputs(X))[:2])
    half = np.median(first)
    clf.thresholds_ = np.array([half, np.median(second[first <= half])])
    return clf, X


def _program(report, X, folder, target="cortex-m0"):
    elf = linked(TARGETS[target], batch(report), folder, roots=("entry", "classes"))
    program = Program(elf, TARGETS[target].processor)
    return program, program.place(report.quantize(X))


@pytest.mark.parametrize("target", ["cortex-m0", "riscv32"])
@pytest.mark.parametrize("dtype", ["float32", "int16", "int8"])
def test_answers_are_those_of_the_report(leaving, tmp_path, dtype, target):
    clf, X = leaving
    report = to_c(clf, tmp_path / "net.h", dtype=dtype, calibration=X)
    program, rows = _program(report, X[:N_ROWS], tmp_path, target)
    found = program.place(np.full(N_ROWS, -1, np.int32))
    program.call("classes", rows, found, N_ROWS)
    labels = clf.classes_[program.read(found, N_ROWS, np.int32)]
    np.testing.assert_array_equal(labels, report.predict(X[:N_ROWS]))


@pytest.mark.parametrize("zeros", [0, 1, 2])
@pytest.mark.parametrize("dtype", ["float32", "int16", "int8"])
def test_instructions_of_each_exit(leaving, tmp_path, dtype, zeros):
    """All exits, or those up to the first of threshold 0."""
    clf, X = copy.copy(leaving[0]), leaving[1]
    clf.thresholds_ = np.append(clf.thresholds_[: 2 - zeros], np.zeros(zeros))
    report = to_c(clf, tmp_path / "net.h", dtype=dtype, calibration=X)
    program, first = _program(report, X, tmp_path)
    exits, size = report.predict_exit(X), report.quantize(X[:1]).nbytes
    counts = []
    for e, cost in enumerate(report.exits):
        rows = (first + np.flatnonzero(exits == e)[:N_COUNTED] * size).tolist()
        own = [program.instructions("entry", row)[0] for row in rows]
        counts.append((min(own), max(own)))
        stack = max(program.stack("entry", row) for row in rows)
        most = report.ram.values + report.ram.frame
        assert most - (80 if dtype == "float32" else 12) <= stack <= most + 12
        if dtype != "float32":
            assert counts[-1][1] - counts[-1][0] <= 30 + 0.02 * counts[-1][0]
            assert 0.7 * cost.instructions < counts[-1][1] <= cost.instructions
    for (_, before), (behind, _) in pairwise(counts):
        assert before < 0.9 * behind
    size = measure_flash(report, compiler=ZIG_FOR_ARM)
    assert abs(report.flash_bytes - size.total) <= 60
    assert dtype == "float32" or size.library_calls == ()
