"""Folding keeps the function: a program computes what the model computes."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.datasets import load_digits, load_iris
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    RobustScaler,
    StandardScaler,
)

from scann_sklearn import DimReducer
from scann_sklearn.export._program_of import _join, program_of
from tests.classifier._helpers import short

AFFINE = [
    "pca",
    "factor_analysis",
    "ica",
    "gaussian_rp",
    "unit_gaussian_rp",
    "achlioptas_rp",
    "sparse_rp",
    "passthrough",
]


def _outputs(model, X):
    """Outputs before softmax, from the model's own probabilities."""
    logs = model.predict_log_proba(X)
    return logs[:, 1:] - logs[:, :1]


def _same(model, X):
    program = program_of(model)
    outputs = program.outputs(X)
    if program.n_outputs > 1:
        outputs = outputs[:, 1:] - outputs[:, :1]
    expected = _outputs(model, X)
    np.testing.assert_allclose(outputs, expected, rtol=1e-6, atol=1e-6 * np.abs(expected).max())
    np.testing.assert_array_equal(program.head.predict(program.outputs(X)), model.predict(X))
    return program


def test_a_classifier_alone_is_copied(digits_case):
    program = _same(digits_case.model, digits_case.X)
    clf = digits_case.model
    np.testing.assert_array_equal(program.inputs, clf.get_support(indices=True))
    assert program.n_inputs < clf.n_features_in_
    np.testing.assert_array_equal(program.weights, clf.weights_.data)
    assert (program.n_linear, program.n_hidden) == (0, clf.n_hidden_)


@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("method", AFFINE)
def test_affine_reductions(method, normalize):
    X, y = load_iris(return_X_y=True)
    reducer = DimReducer(method, normalize=normalize, random_state=0)
    _same(make_pipeline(reducer, short()).fit(X, y), X)


@pytest.mark.parametrize(
    "scaler",
    [
        StandardScaler(),
        StandardScaler(with_mean=False),
        StandardScaler(with_std=False),
        StandardScaler(with_mean=False, with_std=False),
        MinMaxScaler((-1, 3)),
        MaxAbsScaler(),
        RobustScaler(),
        RobustScaler(with_centering=False, with_scaling=False),
    ],
    ids=repr,
)
def test_scalers_cost_nothing(scaler):
    X, y = load_iris(return_X_y=True)
    model = make_pipeline(scaler, short()).fit(X, y)
    program = _same(model, X)
    assert program.n_connections == model[-1].n_connections_
    assert program.n_linear == 0


@pytest.mark.parametrize("whiten", [True, False])
def test_scalers_on_both_sides_of_a_reduction(whiten):
    X, y = load_digits(return_X_y=True)
    model = make_pipeline(MinMaxScaler(), PCA(9, whiten=whiten), RobustScaler(), short())
    program = _same(model.fit(X, y), X)
    assert 0 < program.n_linear <= 9


def test_whitening_of_tiny_features():
    """Standard deviations are small, but far above what PCA takes for nothing."""
    X, y = load_iris(return_X_y=True)
    _same(make_pipeline(PCA(3, whiten=True), short()).fit(X * 1e-9, y), X * 1e-9)


def test_nested_pipelines_searches_and_steps_that_do_nothing():
    X, y = load_iris(return_X_y=True)
    inner = make_pipeline(MinMaxScaler(), DimReducer("pca"))
    pipe = Pipeline([("no", None), ("also", "passthrough"), ("in", inner), ("scann", short())])
    search = GridSearchCV(pipe, {"scann__n_connections": [12]}, cv=2).fit(X, y)
    _same(search, X)


@pytest.mark.parametrize(("n_readers", "n_linear", "n_connections"), [(1, 0, 4), (5, 2, 18)])
def test_a_reduction_is_folded_where_that_saves_connections(n_readers, n_linear, n_connections):
    """Two components of four features: one reader sees four features, five see two components."""
    matrix, offset = np.arange(1.0, 9).reshape(2, 4), np.array([1.0, -1])
    weights, biases = np.full((n_readers, 2), 0.5), np.ones(n_readers)
    folded = _join(csr_array(matrix), offset, csr_array(weights), biases, 2)
    assert (folded[0], folded[1].nnz) == (n_linear, n_connections)
    x = np.array([1.0, 2, -1, 0])
    first = folded[1][:n_linear, :4] @ x + folded[2][:n_linear]
    values = folded[1][n_linear:] @ np.concatenate([x, first]) + folded[2][n_linear:]
    np.testing.assert_allclose(values, weights @ (matrix @ x + offset) + biases)


def test_components_that_nothing_reads_are_left_out():
    X, y = load_digits(return_X_y=True)
    model = make_pipeline(DimReducer("pca", n_components=40), short(n_connections=25)).fit(X, y)
    program = _same(model, X)
    assert program.n_linear <= model[-1].get_support().sum() < 40


def test_constant_features_are_not_read():
    X, y = load_digits(return_X_y=True)
    model = make_pipeline(DimReducer("pca", ratio=4), short(n_connections=100)).fit(X, y)
    constant = np.flatnonzero(X.min(axis=0) == X.max(axis=0))
    assert len(constant)
    assert not np.isin(constant, _same(model, X).inputs).any()


@pytest.mark.parametrize("method", ["isomap", "spectral_embedding"])
def test_embeddings_are_refused(method):
    X, y = load_iris(return_X_y=True)
    reducer = DimReducer(method, n_components=2, n_landmarks=20, random_state=0)
    model = make_pipeline(reducer, short()).fit(X, y)
    with pytest.raises(
        ValueError,
        match=f"'{method}' is not an affine map and needs all landmarks, so DimReducer.*use",
    ):
        program_of(model)


def test_clipping_is_refused():
    X, y = load_iris(return_X_y=True)
    model = make_pipeline(MinMaxScaler(clip=True), short()).fit(X, y)
    with pytest.raises(
        ValueError, match="Clipping is not an affine map, so .*clip=True.* use clip=False"
    ):
        program_of(model)


def test_unknown_parts_are_refused():
    X, y = load_iris(return_X_y=True)
    with pytest.raises(
        TypeError, match=r"Normalizer has no .* so Normalizer\(\) can't be exported: supp"
    ):
        program_of(make_pipeline(Normalizer(), short()).fit(X, y))
    with pytest.raises(TypeError, match="got LogisticRegression"):
        program_of(LogisticRegression(max_iter=200).fit(X, y))


@pytest.mark.parametrize("model", [short(), make_pipeline(StandardScaler(), short())])
def test_unfitted_models_are_refused(model):
    with pytest.raises(NotFittedError):
        program_of(model)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": np.zeros((2, 2))}, r"weights is of shape \(2, 2\)"),
        ({"inputs": np.array([0.0])}, "inputs is of shape .* float64"),
        ({"n_outputs": 2}, "2 outputs for classes"),
        ({"n_linear": 99}, "99 linear rows"),
        ({"biases": np.zeros(12)}, "lengths are 12"),
        ({"inputs": np.array([5, 3], np.int32)}, "inputs don't rise"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(iris_case, change, message):
    program = program_of(iris_case.model)
    with pytest.raises(ValueError, match=message):
        replace(program, **change)


@pytest.mark.parametrize("slot", [-1, 100])
def test_connections_out_of_order_are_refused(iris_case, slot):
    program = program_of(iris_case.model)
    sources = program.sources.copy()
    sources[0] = slot
    with pytest.raises(ValueError, match="computed after its target"):
        replace(program, sources=sources)
    with pytest.raises(ValueError, match="indptr doesn't rise"):
        replace(program, indptr=program.indptr[::-1])
    with pytest.raises(ValueError, match="not finite"):
        replace(program, weights=np.full_like(program.weights, np.nan))
