"""Weights of samples and of classes, in training and in validation."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score

from ._helpers import same_network, short


@pytest.fixture(scope="module")
def few(iris):
    """Rows so few that no split is made, with whole numbers as weights, zero among them."""
    X, y = iris[0][::2], iris[1][::2]
    return X, y, np.random.default_rng(0).integers(0, 4, len(y))


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
@pytest.mark.parametrize("class_weight", [None, "balanced", {0: 1, 1: 5, 2: 2}])
@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_a_weight_is_a_repetition_where_no_split_is_made(few, scheme, class_weight, engine):
    X, y, weight = few
    parameters = {"batch_size": 1000, "class_weight": class_weight, "engine": engine}
    parameters |= {"validation_fraction": 0.01, "n_connections": 30}
    a = short(scheme, **parameters).fit(X, y, sample_weight=weight)
    b = short(scheme, **parameters).fit(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    assert [p.n_connections for p in a.path_] == [p.n_connections for p in b.path_]
    np.testing.assert_allclose(a.predict_proba(X), b.predict_proba(X), rtol=1e-6, atol=1e-8)


def test_only_ratios_of_weights_count(iris):
    X, y = iris
    weight = np.random.default_rng(0).uniform(0.5, 2, len(y))
    a, b = (short().fit(X, y, sample_weight=w) for w in (weight, 1024 * weight))
    np.testing.assert_allclose(a.predict_proba(X), b.predict_proba(X), rtol=1e-8)


@pytest.mark.parametrize("weight", [1, 7.5, 1e-3])
def test_equal_weights_are_no_weights(iris, weight):
    X, y = iris
    a, b = short().fit(X, y), short().fit(X, y, sample_weight=weight)
    np.testing.assert_allclose(a.predict_proba(X), b.predict_proba(X), rtol=1e-8)


def test_weights_move_the_decision(cancer):
    X, y = cancer
    for label in (0, 1):
        heavy = short().fit(X, y, sample_weight=np.where(y == label, 100, 1))
        recall = (heavy.predict(X) == label)[y == label].mean()
        assert recall > 0.98


def test_weights_weigh_the_validation_score(wine):
    X, y = wine
    train = np.arange(len(X)) % 4 > 0
    rng = np.random.default_rng(0)
    weight = rng.exponential(size=(~train).sum())
    classifier = short().fit(
        X[train], y[train], X_val=X[~train], y_val=y[~train], sample_weight_val=weight
    )
    for point in classifier.path_:
        predicted = classifier.select(n_connections=point.n_connections).predict(X[~train])
        expected = accuracy_score(y[~train], predicted, sample_weight=weight)
        assert point.validation_score == pytest.approx(expected, rel=1e-12)


def test_weights_follow_their_rows_into_the_validation_part(digits):
    X, y = digits
    seen = []

    def scorer(estimator, X, y, sample_weight):
        seen.append((X.copy(), sample_weight.copy()))
        return accuracy_score(y, estimator.predict(X), sample_weight=sample_weight)

    weight = 1 + X[:, 20]  # a weight that a row can be asked for
    short(scoring=scorer, n_connections=50).fit(X, y, sample_weight=weight)
    rows, weights = seen[0]
    assert len(rows) < len(X)
    np.testing.assert_array_equal(weights, 1 + rows[:, 20])


def test_rows_of_weight_zero_are_no_rows_to_split(digits):
    # Two rows are all that counts: neither may end up in the validation part alone.
    X, y = digits[0][:400], digits[1][:400] % 2
    weight = np.zeros(400)
    weight[[np.flatnonzero(y == 0)[0], np.flatnonzero(y == 1)[0]]] = 1
    for seed in range(40):
        classifier = short(random_state=seed, n_connections=20)
        classifier.fit(X, y, sample_weight=weight)
        assert classifier.score(X, y, sample_weight=weight) == 1


def test_balanced_class_weight_helps_a_rare_class():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [900, 60])
    X = rng.standard_normal((960, 3)) + 1.2 * y[:, np.newaxis]
    plain, balanced = (
        balanced_accuracy_score(y, short(class_weight=c).fit(X, y).predict(X))
        for c in (None, "balanced")
    )
    assert balanced > plain + 0.05


@pytest.mark.parametrize("split", [True, False])
def test_the_weight_of_a_class_is_the_weight_of_its_samples(wine, split):
    # Throughout: in training and in the score that judges checkpoints.
    X, y = wine
    class_weight = {0: 1, 1: 8, 2: 0.5}
    parameters = {"input_scaling": None if split else "range", "batch_size": 1000}
    X = X / X.max(axis=0)
    if not split:
        X, y = X[::2], y[::2]
    a = short(class_weight=class_weight, **parameters).fit(X, y)
    b = short(**parameters).fit(X, y, sample_weight=np.array([class_weight[label] for label in y]))
    np.testing.assert_allclose(
        [p.validation_score for p in a.path_], [p.validation_score for p in b.path_]
    )
    np.testing.assert_allclose(a.predict_proba(X), b.predict_proba(X), rtol=1e-6)


def test_class_weight_by_name(iris):
    X, y = iris
    names = np.array(["a", "b", "c"])[y]
    a = short(class_weight={0: 1, 1: 5, 2: 1}).fit(X, y)
    b = short(class_weight={"a": 1, "b": 5, "c": 1}).fit(X, names)
    assert same_network(a, b)
    c = short(class_weight={"b": 5}).fit(X, names)  # the others weigh 1
    assert same_network(a, c)


def test_sample_weight_and_class_weight_multiply(iris):
    X, y = iris
    a = short(class_weight={0: 2, 1: 1, 2: 1}, input_scaling=None, validation_fraction=0.01)
    b = short(class_weight={0: 1, 1: 1, 2: 1}, input_scaling=None, validation_fraction=0.01)
    a.fit(X, y, sample_weight=np.where(y == 1, 3, 1))
    b.fit(X, y, sample_weight=np.select([y == 0, y == 1], [2, 3], 1))
    np.testing.assert_allclose(a.predict_proba(X), b.predict_proba(X), rtol=1e-6)
