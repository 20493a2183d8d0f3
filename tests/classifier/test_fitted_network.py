"""What a fit leaves: a sparse network within the bound, and only plain arrays."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse
import torch

from scann_sklearn import SCANNClassifier, SchemeB

from ._helpers import plain_outputs, short


def n_allowed(scheme, n_inputs, n_outputs, sizes=(6, 4)):
    """Connections of the largest architecture, counted from the words of the documentation."""
    if scheme == "C":
        layers = [n_inputs, *sizes, n_outputs]
        return sum(a * b for a, b in pairwise(layers))
    hidden = sum(sizes)
    return n_inputs * hidden + hidden * (hidden - 1) // 2 + (n_inputs + hidden) * n_outputs


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
@pytest.mark.parametrize("engine", ["auto", "torch"])
@pytest.mark.parametrize("bound", [5, 6, 12, 40, 0.1, 0.7, 1.0, np.float32(0.5), np.int64(20)])
def test_never_more_connections_than_the_bound(iris, scheme, engine, bound):
    classifier = short(scheme, hidden_layer_sizes=(6, 4), n_connections=bound, engine=engine)
    classifier.fit(*iris)
    largest = n_allowed(scheme, 4, 3)
    most = bound if isinstance(bound, int | np.integer) else int(bound * largest)
    assert 0 < classifier.n_connections_ <= most
    assert classifier.path_[-1].n_connections <= largest


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
def test_a_bound_above_what_is_allowed_is_no_constraint(iris, scheme):
    largest = n_allowed(scheme, 4, 3)
    classifiers = [
        short(scheme, hidden_layer_sizes=(6, 4), n_connections=bound).fit(*iris)
        for bound in (1.0, largest, 10 * largest, 10**15)
    ]
    for other in classifiers[1:]:
        np.testing.assert_array_equal(
            classifiers[0].predict_proba(iris[0]), other.predict_proba(iris[0])
        )


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
@pytest.mark.parametrize("data", ["iris", "cancer"])
def test_the_smallest_bound_works(request, scheme, data):
    X, y = request.getfixturevalue(data)
    n_outputs = 3 if data == "iris" else 1
    least = n_outputs + (2 if scheme in ("C", "NeST") else 0)
    classifier = short(scheme, hidden_layer_sizes=(6, 4), n_connections=least).fit(X, y)
    assert classifier.n_connections_ == least
    assert len(classifier.get_support(indices=True)) <= least


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
@pytest.mark.parametrize("data", ["iris", "cancer", "digits"])
def test_structure(request, scheme, data):
    X, y = request.getfixturevalue(data)
    classifier = short(scheme, hidden_layer_sizes=(8, 5)).fit(X, y)
    for point in classifier.path_:
        assert_a_network(point, classifier.n_features_in_, classifier.n_outputs_)
    weights = classifier.weights_
    assert weights.nnz == classifier.n_connections_
    assert (
        len(classifier.biases_)
        == classifier.n_hidden_ + classifier.n_outputs_
        == len(weights.indptr) - 1
    )
    assert classifier.n_hidden_ <= 13
    if scheme == "C":
        assert classifier.depth_ == 3


def assert_a_network(point, n_inputs, n_outputs):
    weights = point.weights
    assert isinstance(weights, scipy.sparse.csr_array)
    assert weights.shape == (point.n_hidden + n_outputs, n_inputs + point.n_hidden)
    assert weights.has_sorted_indices
    assert weights.has_canonical_format
    assert weights.nnz == point.n_connections
    assert np.isfinite(weights.data).all()
    assert np.isfinite(point.biases).all()
    exists = np.zeros(weights.shape, dtype=bool)
    exists[weights.nonzero()] = True
    between = exists[: point.n_hidden, n_inputs:]
    assert not np.triu(between).any()  # hidden neurons are in topological order
    mask = np.zeros(weights.shape, dtype=bool)  # explicit zeros are connections too
    mask[np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr)), weights.indices] = True
    assert mask.any(axis=1).all()  # something comes into every neuron and output
    assert mask[:, n_inputs:].any(axis=0).all()  # and every neuron is used
    assert longest_path(mask, n_inputs) == point.depth


def longest_path(mask, n_inputs):
    depth = np.zeros(mask.shape[0], dtype=int)
    for t in range(len(mask)):
        sources = np.flatnonzero(mask[t])
        depth[t] = 1 + max((depth[s - n_inputs] for s in sources if s >= n_inputs), default=0)
    return depth.max()


def test_two_classes_have_one_output(cancer, fitted_cancer):
    X, _ = cancer
    assert fitted_cancer.n_outputs_ == 1
    assert fitted_cancer.classes_.tolist() == [0, 1]
    probability = fitted_cancer.predict_proba(X)
    assert probability.shape == (569, 2)
    np.testing.assert_allclose(probability.sum(axis=1), 1)
    np.testing.assert_array_equal(probability[:, 1] > 0.5, fitted_cancer.predict(X) == 1)


@pytest.mark.parametrize("data", ["iris", "cancer"])
def test_probabilities(request, data):
    X, _ = request.getfixturevalue(data)
    classifier = request.getfixturevalue(f"fitted_{data}")
    probability = classifier.predict_proba(X)
    np.testing.assert_allclose(np.exp(classifier.predict_log_proba(X)), probability, rtol=1e-6)
    np.testing.assert_array_equal(
        classifier.predict(X), classifier.classes_[probability.argmax(axis=1)]
    )
    far = classifier.predict_log_proba(X * 1e4)  # probabilities of exactly zero have logarithms
    assert np.isfinite(far).all()


@pytest.mark.parametrize("data", ["iris", "cancer"])
def test_one_row_gives_what_it_gives_among_others(request, data):
    X, _ = request.getfixturevalue(data)
    classifier = request.getfixturevalue(f"fitted_{data}")
    together = classifier.predict_proba(X)
    for rows in (slice(0, 1), slice(63, 66), slice(100, None)):
        np.testing.assert_array_equal(classifier.predict_proba(X[rows]), together[rows])


@pytest.mark.parametrize("data", ["iris", "cancer"])
def test_get_support(request, data):
    X, _ = request.getfixturevalue(data)
    classifier = request.getfixturevalue(f"fitted_{data}")
    smallest = classifier.select(n_connections=classifier.path_[0].n_connections)
    for fitted in (classifier, smallest):
        mask, indices = fitted.get_support(), fitted.get_support(indices=True)
        assert mask.shape == (X.shape[1],)
        assert mask.dtype == bool
        np.testing.assert_array_equal(np.flatnonzero(mask), indices)
        # inputs that aren't connected don't matter, the others do
        noise = np.where(mask, 0, 1e3)
        np.testing.assert_array_equal(fitted.predict_proba(X + noise), fitted.predict_proba(X))
        column_used = np.diff(fitted.weights_.tocsc().indptr)[: X.shape[1]] > 0
        np.testing.assert_array_equal(mask, column_used)
    assert smallest.get_support().sum() <= smallest.n_connections_


@pytest.mark.parametrize("data", ["iris", "cancer"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_to_torch(request, data, dtype):
    X, y = request.getfixturevalue(data)
    X = X.astype(dtype)
    classifier = short("C", hidden_layer_sizes=(6, 4)).fit(X, y)
    module = classifier.to_torch()
    assert isinstance(module, torch.nn.Module)
    with torch.no_grad():
        z = module(torch.as_tensor(X))
    assert z.shape == (len(X), classifier.n_outputs_)
    expected = torch.softmax(z, dim=1) if z.shape[1] > 1 else torch.sigmoid(z)
    got = classifier.predict_proba(X)[:, -z.shape[1] :]
    tolerance = 1e-4 if dtype == np.float32 else 1e-9
    np.testing.assert_allclose(got, expected.numpy(), rtol=tolerance, atol=tolerance)


def test_the_torch_module_is_a_copy_that_trains(iris):
    X, y = iris
    classifier = short().fit(X, y)
    before = classifier.predict_proba(X)
    module = classifier.to_torch()
    loss = torch.nn.functional.cross_entropy(module(torch.as_tensor(X)), torch.as_tensor(y))
    loss.backward()
    with torch.no_grad():
        for parameter in module.parameters():
            assert parameter.grad is not None
            parameter -= 0.1 * parameter.grad + 1
    np.testing.assert_array_equal(classifier.predict_proba(X), before)


def test_outputs_are_those_of_the_documented_arrays(digits):
    X, y = digits
    classifier = short(hidden_layer_sizes=(8, 5)).fit(X, y)
    z = plain_outputs(classifier, X)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    np.testing.assert_allclose(
        classifier.predict_proba(X), e / e.sum(axis=1, keepdims=True), rtol=1e-7, atol=1e-12
    )


def test_hidden_layer_sizes_of_a_large_number(iris):
    a = short(hidden_layer_sizes=10, n_connections=30).fit(*iris)
    for sizes in ((10,), [5, 5], np.array([3, 7])):
        b = short(hidden_layer_sizes=sizes, n_connections=30).fit(*iris)
        np.testing.assert_array_equal(a.predict_proba(iris[0]), b.predict_proba(iris[0]))


@pytest.mark.parametrize("letter", ["A", "B", "C", "NeST"])
def test_a_letter_is_the_scheme_with_its_defaults(iris, letter):
    from scann_sklearn import SchemeA, SchemeC, SchemeNeST

    scheme = {"A": SchemeA, "B": SchemeB, "C": SchemeC, "NeST": SchemeNeST}[letter]()
    a, b = (
        SCANNClassifier(s, hidden_layer_sizes=(5,), n_connections=15, random_state=0).fit(*iris)
        for s in (letter, scheme)
    )
    np.testing.assert_array_equal(a.predict_proba(iris[0]), b.predict_proba(iris[0]))
