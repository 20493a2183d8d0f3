"""MNIST: the classes of a network of images on a device."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from importlib.util import find_spec

import numpy as np
import pytest

from scann_sklearn import Conv2d, ConvFrontEnd, MaxPool2d, SCANNClassifier, SchemeC
from scann_sklearn.export import SparseModel, measure_flash, to_c
from tests.export._compilers import as_library, call

pytestmark = pytest.mark.slow
N_TRAIN, N_EMULATED = 6000, 300
LAYERS = [Conv2d(6, 5), MaxPool2d(2), Conv2d(12, 3, padding=1), MaxPool2d(2)]


@pytest.fixture(scope="module")
def fitted(mnist):
    """A classifier of 1000 connections, training images, and all test images with their classes."""
    clf = SCANNClassifier(
        SchemeC(epochs=3),
        front_end=ConvFrontEnd(LAYERS, input_shape=(1, 28, 28)),
        hidden_layer_sizes=(30,),
        n_connections=1000,
        validation_fraction=0.1,
        random_state=0,
    )
    X, y = mnist.data, mnist.target
    test = mnist.split == "test"
    return clf.fit(X[:N_TRAIN], y[:N_TRAIN]), X[:N_TRAIN], X[test], y[test]


@pytest.mark.parametrize(("dtype", "loss"), [("float32", 0), ("int16", 0.001), ("int8", 0.003)])
def test_all_test_images(fitted, tmp_path, dtype, loss):
    clf, X_train, X, y = fitted
    report = to_c(clf, tmp_path / "net.h", dtype=dtype, calibration=X_train)
    library = as_library(report, tmp_path)
    classes = clf.classes_[call(library.predict, report.quantize(X), len(X), np.int32)]
    expected = clf.predict(X)
    if dtype == "float32":
        np.testing.assert_array_equal(classes, expected)
    else:
        np.testing.assert_array_equal(classes, report.predict(X))
    assert np.mean(classes == y) >= np.mean(expected == y) - loss


def test_numpy_alone(fitted):
    clf, _, X, _ = fitted
    np.testing.assert_array_equal(SparseModel.from_estimator(clf).predict(X), clf.predict(X))


@pytest.mark.skipif(not find_spec("benchmarks"), reason="the sdist hasn't the emulator")
@pytest.mark.parametrize("dtype", ["int16", "int8"])
def test_a_small_processor(fitted, tmp_path, dtype):
    from tests.export.test_targets import _labels, _program

    clf, X_train, X, _ = fitted
    report, program, _ = _program(clf, X_train, tmp_path, "cortex-m0", dtype)
    X = X[:N_EMULATED]
    rows = program.place(report.quantize(X))
    np.testing.assert_array_equal(_labels(report, program, rows, len(X)), report.predict(X))
    assert program.instructions("entry", rows)[0] <= report.instructions
    assert measure_flash(report).total < (3072 if dtype == "int8" else 4096 + 128)
