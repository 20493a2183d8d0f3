"""The path: every network worth having from one fit, and how to take another one."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from sklearn.metrics import accuracy_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler

from scann_sklearn import SCANNClassifier, energy_score
from scann_sklearn.metrics import EnergyModel

from ._helpers import short

CLASSIFIERS = {
    "A": short("A"),
    "B": short("B"),
    "C": short("C", hidden_layer_sizes=(8, 5)),
    "bound": short("B", n_connections=30),
    "defaults": SCANNClassifier(random_state=0),
}


@pytest.fixture(scope="module", params=CLASSIFIERS)
def fitted(request, wine):
    """A fitted classifier and its validation data."""
    X, y = wine
    train = np.arange(len(X)) % 4 > 0
    classifier = CLASSIFIERS[request.param].fit(
        X[train], y[train], X_val=X[~train], y_val=y[~train]
    )
    return classifier, X[~train], y[~train]


def test_ascending(fitted):
    path = fitted[0].path_
    assert len(path) > 1 or fitted[0].n_connections == 30
    assert (np.diff([p.n_connections for p in path]) > 0).all()
    assert (np.diff([p.validation_score for p in path]) > 0).all()


def test_scores_and_energies_are_those_of_the_networks(fitted):
    classifier, X, y = fitted
    for point in classifier.path_:
        chosen = classifier.select(n_connections=point.n_connections)
        assert chosen.n_connections_ == point.n_connections
        assert (chosen.n_hidden_, chosen.depth_) == (point.n_hidden, point.depth)
        assert chosen.score(X, y) == point.validation_score
        assert -energy_score(chosen) == pytest.approx(point.energy, rel=1e-12)
        model = EnergyModel()
        least = point.n_connections * (model.mac + 2 * model.sram_access)
        assert least < point.energy < 1.5 * least


def test_energies_increase(fitted):
    energies = [point.energy for point in fitted[0].path_]
    assert energies == sorted(energies)


def test_select_by_connections(fitted):
    classifier, *_ = fitted
    path = classifier.path_
    for bound in range(path[0].n_connections, path[-1].n_connections + 50, 3):
        expected = max(p.n_connections for p in path if p.n_connections <= bound)
        assert classifier.select(n_connections=bound).n_connections_ == expected


@pytest.mark.parametrize("loss", [0, 0.01, 0.1, 1])
def test_select_by_loss(fitted, loss):
    classifier, X, y = fitted
    best = max(p.validation_score for p in classifier.path_)
    floor = best - loss * classifier.score_unit_
    expected = min(p.n_connections for p in classifier.path_ if p.validation_score >= floor)
    chosen = classifier.select(max_loss=loss)
    assert chosen.n_connections_ == expected
    assert chosen.score(X, y) >= floor


def test_select_by_score(fitted):
    classifier, X, y = fitted
    for wished in [0.0, 0.5, *(p.validation_score for p in classifier.path_)]:
        expected = min(p.n_connections for p in classifier.path_ if p.validation_score >= wished)
        chosen = classifier.select(min_score=wished)
        assert chosen.n_connections_ == expected
        assert chosen.score(X, y) >= wished


def test_auto_keeps_within_max_loss(wine):
    X, y = wine
    for max_loss in (0, 0.02, 0.1):
        classifier = short(max_loss=max_loss).fit(X, y)
        assert classifier.n_connections_ == classifier.select(max_loss=max_loss).n_connections_


def test_auto_goes_on_until_the_score_has_fallen_far(digits):
    # 5 points below the best, or as small as can be
    classifier = short().fit(*digits)
    scores = [h["validation_score"] for h in classifier.history_ if h["validation_score"]]
    assert min(scores) < max(scores) - 0.05
    assert classifier.path_[0].n_connections < classifier.path_[-1].n_connections / 3


def test_selecting_changes_nothing_in_the_original(fitted):
    classifier, X, _ = fitted
    before = classifier.predict_proba(X)
    n_connections, weights = classifier.n_connections_, classifier.weights_.copy()
    chosen = classifier.select(n_connections=classifier.path_[0].n_connections)
    assert chosen is not classifier
    assert type(chosen) is type(classifier)
    chosen.set_params(n_connections=77, hidden_layer_sizes=(3,))
    assert classifier.n_connections != 77
    assert classifier.n_connections_ == n_connections
    assert (classifier.weights_ != weights).nnz == 0
    np.testing.assert_array_equal(classifier.predict_proba(X), before)


def test_fitting_a_selection_leaves_the_original(iris):
    classifier = short().fit(*iris)
    before, n_points = classifier.predict_proba(iris[0]), len(classifier.path_)
    chosen = classifier.select(n_connections=classifier.path_[0].n_connections)
    chosen.set_params(n_connections=10, random_state=5).fit(*iris)
    assert len(classifier.path_) == n_points
    np.testing.assert_array_equal(classifier.predict_proba(iris[0]), before)


def test_from_a_selection_one_can_select_again(fitted):
    classifier, *_ = fitted
    smallest = classifier.select(n_connections=classifier.path_[0].n_connections)
    assert smallest.select(max_loss=0).n_connections_ == classifier.path_[-1].n_connections


def test_a_selection_goes_back_into_a_pipeline(wine):
    X, y = wine
    pipe = Pipeline([("scale", MinMaxScaler()), ("scann", short(max_loss=0))]).fit(X, y)
    energy = energy_score(pipe)
    small = pipe["scann"].select(n_connections=pipe["scann"].path_[0].n_connections)
    assert pipe.set_params(scann=small) is pipe
    assert energy_score(pipe) > energy  # it is minus the joules
    assert pipe["scann"].n_connections_ == small.n_connections_
    assert pipe.score(X, y) == accuracy_score(y, small.predict(pipe[:-1].transform(X)))


def test_points_tell_what_they_are(fitted):
    point = fitted[0].path_[0]
    assert repr(point).startswith(f"PathPoint(n_connections={point.n_connections}, ")
    with pytest.raises(AttributeError):
        point.n_connections = 3
