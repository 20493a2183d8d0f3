"""Accuracy and size of exported models on the official test sets."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from time import perf_counter

import numpy as np
import pytest

from scann_sklearn.export import measure_flash, to_c
from tests.export._classes import assert_same_classes
from tests.export._compilers import as_library, call

SETS = ["pendigits", "satimage", "dna"]


@pytest.mark.parametrize("name", SETS)
def test_float_code_has_the_classes_of_predict(real, tmp_path, name):
    train, test = real(name)
    report = to_c(train.model, tmp_path / "net.h")
    library, rows = as_library(report, tmp_path), report.quantize(test.X)
    best = call(library.predict, rows, len(rows), np.int32)
    assert_same_classes(test.model.classes_[best], test.model, test.X)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(("dtype", "loss"), [("int16", 0.001), ("int8", 0.01)])
def test_integer_code_keeps_the_accuracy(real, tmp_path, name, dtype, loss):
    train, test = real(name)
    report = to_c(train.model, tmp_path / "net.h", dtype=dtype, calibration=train.X)
    library, rows = as_library(report, tmp_path), report.quantize(test.X)
    best = call(library.predict, rows, len(rows), np.int32)
    labels = test.model.classes_[best]
    np.testing.assert_array_equal(labels, report.predict(test.X))
    assert np.mean(labels == test.y) >= test.model.score(test.X, test.y) - loss


@pytest.mark.parametrize("name", SETS)
def test_a_kilobyte_of_flash(real, tmp_path, name):
    train, _ = real(name)
    report = to_c(train.model, tmp_path / "net.h", dtype="int8", calibration=train.X)
    assert measure_flash(report).total < 1024


def test_few_rows_are_enough_to_calibrate(real, tmp_path):
    train, test = real("pendigits")
    report = to_c(train.model, tmp_path / "net.h", dtype="int8", calibration=train.X[::100])
    assert np.mean(report.predict(test.X) == test.y) >= test.model.score(test.X, test.y) - 0.01


@pytest.mark.slow  # depends on the processor
@pytest.mark.parametrize("dtype", ["float32", "int16", "int8"])
def test_a_sample_takes_less_than_a_microsecond(real, tmp_path, dtype):
    """On this machine, for 300 connections; the best of some passes, as others may use it too."""
    train, test = real("pendigits")
    report = to_c(train.model, tmp_path / "net.h", dtype=dtype, calibration=train.X)
    library, rows = as_library(report, tmp_path), report.quantize(test.X)
    result, times = np.zeros(len(rows), np.int32), []
    for _ in range(20):
        start = perf_counter()
        library.predict(rows.ctypes, result.ctypes, len(rows))
        times.append(perf_counter() - start)
    assert min(times) / len(rows) < 1e-6
