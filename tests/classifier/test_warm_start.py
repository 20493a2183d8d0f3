"""warm_start continues from the fitted architecture and weights."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest

from ._helpers import same_network, short


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
@pytest.mark.parametrize("scaling", ["standard", "robust", "range", None])
def test_starts_from_the_fitted_network(wine, scheme, scaling):
    X, y = wine
    X = X / X.std(axis=0)
    classifier = short(
        scheme,
        hidden_layer_sizes=(8, 5),
        n_connections=40,
        input_scaling=scaling,
        warm_start=True,
        learning_rate_init=1e-12,  # so that training changes nothing
        weight_decay=0.0,
    ).fit(X, y)
    before, n_connections = classifier.decision_function(X), classifier.n_connections_
    classifier.fit(X, y)
    first = classifier.history_[0]
    assert first["operation"] == "train"
    assert first["n_connections"] == n_connections
    assert classifier.n_connections_ <= 40
    same = classifier.select(n_connections=n_connections)
    if same.n_connections_ == n_connections:
        after = same.decision_function(X)  # the same but for a temperature
        after *= before.std() / after.std()
        np.testing.assert_allclose(after, before, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
def test_continues_the_training(digits, scheme):
    X, y = digits
    classifier = short(scheme, n_connections=150, hidden_layer_sizes=(20,), warm_start=True)
    losses = []
    for _ in range(3):
        classifier.fit(X, y)
        losses.append(classifier.history_[0]["loss"])
    assert losses[1] < losses[0]
    assert losses[2] < losses[0]


def test_history_is_that_of_the_last_fit(iris):
    classifier = short(warm_start=True).fit(*iris)
    classifier.fit(*iris)
    assert classifier.n_iter_ == len(classifier.history_)
    assert classifier.history_[0]["round"] == 0


def test_without_it_a_fit_starts_afresh(iris):
    classifier = short().fit(*iris)
    other = short().fit(*iris)
    assert same_network(classifier.fit(*iris), other)


def test_first_fit_needs_nothing_before(iris):
    assert same_network(short(warm_start=True).fit(*iris), short().fit(*iris))


def test_continues_from_a_selection(wine):
    classifier = short().fit(*wine)
    small = classifier.select(n_connections=classifier.path_[0].n_connections)
    small.set_params(warm_start=True).fit(*wine)
    assert small.history_[0]["n_connections"] == classifier.path_[0].n_connections


def test_from_a_network_without_hidden_neurons(iris):
    for scheme in ("A", "B"):
        classifier = short(scheme, warm_start=True).fit(*iris)
        classifier = classifier.select(n_connections=classifier.path_[0].n_connections)
        classifier.fit(*iris).fit(*iris)
        assert classifier.n_connections_ >= 3


def test_new_data_and_new_dtype(wine):
    X, y = wine
    classifier = short(warm_start=True).fit(X[::2], y[::2])
    classifier.fit(X[1::2].astype(np.float32), y[1::2])
    assert classifier.weights_.dtype == np.float32
    assert classifier.score(X, y) > 0.8


def test_a_smaller_bound(wine):
    classifier = short("C", hidden_layer_sizes=(8, 5), n_connections=60, warm_start=True)
    classifier.fit(*wine)
    classifier.set_params(n_connections=15).fit(*wine)
    assert classifier.n_connections_ <= 15


def test_other_classes(iris):
    X, y = iris
    classifier = short(warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match=r"warm_start.*\[0, 1, 2\].*\[0, 1\]"):
        classifier.fit(X[:100], y[:100])
    assert classifier.predict(X).shape == (150,)  # still fitted as before


def test_other_number_of_features(iris):
    X, y = iris
    classifier = short(warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match="3 features.*4 features"):
        classifier.fit(X[:, :3], y)
    assert classifier.predict(X).shape == (150,)


def test_to_a_scheme_that_its_architecture_does_not_fit(iris):
    # B skips layers, C can't
    classifier = short("B", warm_start=True).fit(*iris)
    classifier.set_params(scheme=short("C").scheme)
    with pytest.raises(ValueError, match=r"(?s)warm_start.*SchemeC|SchemeC.*warm_start"):
        classifier.fit(*iris)
