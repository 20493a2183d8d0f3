"""Sizes against hand-made counts."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_iris
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from scann_sklearn.metrics import (
    bytes_score,
    connections_score,
    flops,
    n_bytes,
    n_connections,
    n_parameters,
)
from scann_sklearn.model._stages import index_width

IRIS = load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def pipe():
    network = MLPClassifier((5,), solver="lbfgs", max_iter=500, random_state=0)
    return make_pipeline(StandardScaler(), PCA(2), network).fit(*IRIS)


def test_with_the_reduction(pipe):
    assert n_connections(pipe) == 4 * 2 + 2 * 5 + 5 * 3
    assert flops(pipe) == 2 * 33
    assert n_parameters(pipe) == 33 + 2 + 5 + 3
    assert n_bytes(pipe) == 4 * 43
    assert connections_score(pipe) == -33
    assert bytes_score(pipe, *IRIS) == -172


def test_without_the_reduction(pipe):
    weights = pipe[-1].coefs_ + pipe[-1].intercepts_
    for estimator in (pipe, pipe[-1]):
        assert n_connections(estimator, include_reduction=False) == 25
        assert flops(estimator, include_reduction=False) == 50
        assert n_parameters(estimator, include_reduction=False) == sum(w.size for w in weights)
        assert n_bytes(estimator, include_reduction=False) == 4 * 33


def test_bytes_of_weights_and_biases(pipe):
    assert n_bytes(pipe, weight_bytes=1) == 33 + 4 * 10
    assert n_bytes(pipe, weight_bytes=0.5, bias_bytes=2) == 16.5 + 20


@pytest.mark.parametrize("name", ["weight_bytes", "bias_bytes"])
@pytest.mark.parametrize("value", [-1, np.inf, np.nan, "4"])
def test_bad_bytes(pipe, name, value):
    with pytest.raises(ValueError, match=f"{name} must be a finite number of at least 0, got"):
        n_bytes(pipe, **{name: value})


def test_sparse_storage():
    X, y = load_digits(return_X_y=True)
    classifier = LogisticRegression(l1_ratio=1, C=0.2, solver="saga", tol=0.01)
    classifier.fit(X[:300] / 16, y[:300]).sparsify()
    n = classifier.coef_.nnz
    assert 0 < n < 640
    # 64 sources: one byte an index; 11 row starts, of one byte as long as n is below 256.
    assert n_bytes(classifier) == 4 * n + n + 11 * (1 if n < 256 else 2) + 4 * 10
    assert n_parameters(classifier) == n + 10


def test_index_width():
    assert [index_width(n) for n in (0, 255, 256, 65535, 65536)] == [1, 1, 2, 2, 4]


def test_binary_problem():
    X, y = load_breast_cancer(return_X_y=True)
    classifier = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    assert (n_connections(classifier), n_parameters(classifier)) == (30, 31)


def test_unknown_estimators():
    for meter in (n_connections, flops, n_parameters, n_bytes, connections_score, bytes_score):
        with pytest.raises(TypeError, match="Can't count the operations of int: 3"):
            meter(3)


def test_frozen_estimators_are_what_they_hold(pipe):
    frozen = make_pipeline(*(FrozenEstimator(step) for _, step in pipe.steps))
    for measure in (n_connections, n_bytes, flops):
        assert measure(frozen) == measure(FrozenEstimator(pipe)) == measure(pipe)
