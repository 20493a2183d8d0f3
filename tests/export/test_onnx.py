"""ONNX graphs give the estimator's answers in onnxruntime."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import sys

import numpy as np
import onnx
import onnxruntime
import pytest
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline

from scann_sklearn import DimReducer
from scann_sklearn.export import to_onnx
from tests.classifier._helpers import short
from tests.export._classes import assert_same_classes


def _run(model, X):
    """Labels and probabilities of a graph in memory or in a file."""
    content = model if isinstance(model, str) else model.SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return session.run(["label", "probabilities"], {"X": X})


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_labels_and_probabilities(case, dtype):
    labels, probabilities = _run(to_onnx(case.model, dtype=dtype), case.X.astype(dtype))
    assert_same_classes(labels, case.model, case.X)
    assert probabilities.dtype == dtype
    np.testing.assert_allclose(probabilities, case.model.predict_proba(case.X), atol=1e-5)


@pytest.mark.parametrize("name", ["pendigits", "satimage", "dna"])
def test_real_data(real, name):
    _, test = real(name)
    labels, probabilities = _run(to_onnx(test.model), test.X.astype(np.float32))
    assert_same_classes(labels, test.model, test.X)
    np.testing.assert_allclose(probabilities, test.model.predict_proba(test.X), atol=1e-5)


def test_the_file(case, tmp_path):
    path = tmp_path / "model.onnx"
    written = to_onnx(case.model, path)
    onnx.checker.check_model(str(path), full_check=True)
    assert onnx.load(path) == written
    labels, _ = _run(str(path), case.X.astype(np.float32))
    assert_same_classes(labels, case.model, case.X)


def test_names_shapes_and_operators(case):
    model = to_onnx(case.model)
    (X,) = model.graph.input
    label, probabilities = model.graph.output
    shapes = [
        [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]
        for value in (X, label, probabilities)
    ]
    n_classes = len(np.unique(case.y))
    assert (X.name, label.name, probabilities.name) == ("X", "label", "probabilities")
    assert shapes == [
        ["n_samples", case.X.shape[1]],
        ["n_samples"],
        ["n_samples", n_classes],
    ]
    assert {node.domain for node in model.graph.node} == {""}
    known = {"Gather", "Gemm", "Relu", "Concat", "Softmax", "ArgMax"}
    assert {node.op_type for node in model.graph.node} <= known


@pytest.mark.parametrize("n_samples", [1, 2, 150])
def test_any_number_of_samples(iris_case, n_samples):
    model, X = to_onnx(iris_case.model), iris_case.X[-n_samples:].astype(np.float32)
    labels, probabilities = _run(model, X)
    assert labels.shape == (n_samples,)
    assert probabilities.shape == (n_samples, 3)


@pytest.mark.parametrize(
    "labels",
    [
        np.array([-1, 5, 2**40]),
        np.array([1, 5, 2**63], np.uint64),
        np.array([0.0, 1.0, 2.0]),
        np.array(["a", "ö", "c"], object),
    ],
)
def test_labels(labels):
    X, y = load_iris(return_X_y=True)
    clf = short().fit(X, labels[y])
    found, _ = _run(to_onnx(clf), X.astype(np.float32))
    assert_same_classes(found, clf, X)


def test_truth_values():
    X, y = load_iris(return_X_y=True)
    clf = short().fit(X, y == 1)
    found, _ = _run(to_onnx(clf), X.astype(np.float32))
    assert found.dtype == bool
    assert_same_classes(found, clf, X)


def test_matrices_hold_only_what_a_depth_reads(digits_case):
    """Zeros are stored, but not those of columns that nobody reads."""
    from onnx.numpy_helper import to_array

    model = to_onnx(digits_case.model)
    arrays = {c.name: to_array(c) for c in model.graph.initializer}
    matrices = [array for name, array in arrays.items() if name.endswith("_weights")]
    assert all((matrix != 0).any(axis=1).all() for matrix in matrices)
    assert sum((matrix != 0).sum() for matrix in matrices) == digits_case.model.n_connections_


def test_refusals(iris_case, tmp_path):
    with pytest.raises(ValueError, match="dtype must be one of float32, float64, got 'int8'"):
        to_onnx(iris_case.model, dtype="int8")
    X, y = load_iris(return_X_y=True)
    reducer = DimReducer("isomap", n_components=2, n_landmarks=20, random_state=0)
    with pytest.raises(ValueError, match="not an affine map"):
        to_onnx(make_pipeline(reducer, short()).fit(X, y), tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


def test_weights_beyond_single_precision_are_an_error():
    X, y = load_iris(return_X_y=True)
    clf = short().fit(X * 1e-60, y)
    with pytest.raises(ValueError, match="doesn't fit into float32"):
        to_onnx(clf)
    labels, _ = _run(to_onnx(clf, dtype="float64"), X * 1e-60)
    np.testing.assert_array_equal(labels, clf.predict(X * 1e-60))


def test_without_onnx(iris_case, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match="needs the package onnx: pip install onnx"):
        to_onnx(iris_case.model)
