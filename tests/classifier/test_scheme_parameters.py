"""Parameters of the synthesis stand on the scheme and can be set and searched from outside."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris, make_blobs
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from scann_sklearn import SCANNClassifier, SchemeA, SchemeB, SchemeC, energy_score

from ._helpers import same_network, short, short_scheme


def test_set_params():
    classifier = SCANNClassifier(SchemeB())
    classifier.set_params(scheme__growth_ratio=0.5, scheme__epochs=3)
    assert classifier.scheme.growth_ratio == 0.5
    assert classifier.get_params()["scheme__epochs"] == 3
    both = classifier.set_params(scheme=SchemeB(), scheme__growth_ratio=0.6)
    assert both.scheme.growth_ratio == 0.6


def test_search_over_a_parameter_of_the_scheme(wine):
    pipe = Pipeline([("scale", StandardScaler()), ("scann", short(n_connections=40))])
    grid = {"scann__scheme__growth_ratio": [0.3, 0.8], "scann__scheme__growth_limit": [None]}
    search = GridSearchCV(
        pipe,
        grid,
        scoring={"accuracy": "accuracy", "energy": energy_score},
        refit="accuracy",
        cv=3,
        error_score="raise",
    ).fit(*wine)
    assert search.best_score_ > 0.8
    assert (search.cv_results_["mean_test_energy"] < 0).all()
    assert search.best_params_["scann__scheme__growth_ratio"] in (0.3, 0.8)
    # the estimator that was given is as it was
    assert pipe["scann"].scheme.growth_ratio == SchemeB().growth_ratio


def test_search_over_schemes(iris):
    search = GridSearchCV(
        short(), {"scheme": [short_scheme("A"), short_scheme("B")]}, cv=2, error_score="raise"
    ).fit(*iris)
    assert search.best_estimator_.scheme.iterations == 1


OPERATIONS = [
    ("A", {"initial_hidden": 0.3}),
    ("A", {"initial_hidden": 2}),
    ("A", {"max_hidden": 7}),
    ("A", {"added_hidden": 1}),
    ("A", {"noise": 0.5}),
    ("A", {"initial_pruning": 0.2}),
    ("A", {"growth_iterations": 0}),
    ("A", {"growth_ratio": 0.7}),
    ("A", {"growth_limit": 0.1}),
    ("A", {"growth": "full"}),
    ("A", {"pruning_ratio": 0.6}),
    ("A", {"pruning_criterion": "magnitude"}),
    ("A", {"iterations": 3}),
    ("A", {"initial_epochs": 3}),
    ("A", {"epochs": 2}),
    ("A", {"final_epochs": 9}),
    ("A", {"growth_batch_size": 20}),
    ("A", {"duplication": "copy"}),
    ("A", {"seed_pruning": "trained"}),
    ("A", {"shrink": False}),
    *(
        (scheme, change)
        for scheme in "BC"
        for change in (
            {"initial_pruning": 0.1},
            {"pruning_ratio": 0.6},
            {"pruning_ratio": None},
            {"growth_ratio": 0.3},
            {"growth_reference": "start"},
            {"growth_limit": 0.1},
            {"growth_limit": None},
            {"growth": "full"},
            {"coarse_above": 20},
            {"growth": "none"},
            {"pruning_criterion": "magnitude"},
            {"iterations": 3},
            {"initial_epochs": 3},
            {"epochs": 2},
            {"final_epochs": 9},
            {"growth_batch_size": 20},
        )
    ),
]


@pytest.mark.parametrize(("scheme", "change"), OPERATIONS, ids=str)
def test_has_an_effect(wine, scheme, change):
    # pinned, so that each change is one whatever the defaults are
    fixed = {"growth_ratio": 0.8, "growth_limit": 0.5, "pruning_ratio": 0.3}
    fixed |= {"growth": "gradient", "pruning_criterion": "saliency", "growth_batch_size": 2048}
    fixed |= {"initial_pruning": 0.5}
    a = short(scheme, n_connections=25).set_params(scheme=short_scheme(scheme, **fixed))
    b = short(scheme, n_connections=25).set_params(scheme=short_scheme(scheme, **fixed | change))
    a.fit(*wine)
    b.fit(*wine)
    assert a.history_ != b.history_
    assert b.n_connections_ <= 25


@pytest.mark.parametrize("growth", ["gradient", "full", "none"])
@pytest.mark.parametrize("criterion", ["saliency", "magnitude"])
@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
def test_settings_of_the_paper(wine, scheme, growth, criterion):
    parameters = {"growth": growth, "pruning_criterion": criterion, "growth_limit": None}
    parameters["pruning_ratio"] = 0.25 if scheme == "A" else None
    chosen = short_scheme(scheme, **parameters)
    for bound in (30, "auto" if scheme == "A" else 0.2):
        classifier = short(n_connections=bound).set_params(scheme=chosen).fit(*wine)
        assert classifier.score(*wine) > 0.6


def test_pruning_to_few_connections_at_once_uses_the_bound():
    # Of the largest weights hardly any lie on a path to an output: room is left for others.
    X, y = make_blobs(300, centers=2, random_state=0)
    chosen = SchemeB(pruning_ratio=None, growth_limit=None, pruning_criterion="magnitude")
    for seed in range(3):
        classifier = SCANNClassifier(chosen, n_connections=30, random_state=seed).fit(X, y)
        pruned = [h for h in classifier.history_ if h["operation"] == "prune connections"]
        assert min(record["n_connections"] for record in pruned) > 20


def test_the_maximum_of_hidden_neurons_in_scheme_a(wine):
    scheme = short_scheme("A", initial_hidden=4, max_hidden=9, added_hidden=3, growth_iterations=4)
    classifier = short(hidden_layer_sizes=(50,)).set_params(scheme=scheme).fit(*wine)
    hidden = np.array([record["n_hidden"] for record in classifier.history_])
    assert hidden[0] <= 4
    assert 4 < hidden.max() <= 9
    assert (np.diff(hidden) <= 3).all()


def test_the_scheme_is_not_changed(iris):
    scheme = short_scheme("A")
    before = scheme.get_params()
    a = SCANNClassifier(scheme, random_state=0).fit(*iris)
    assert scheme.get_params() == before
    assert same_network(a, SCANNClassifier(scheme, random_state=0).fit(*iris))


def test_a_letter_has_the_parameters_of_its_scheme():
    clf = SCANNClassifier("C")
    listed = clf.get_params()
    for name, value in SchemeC().get_params().items():
        assert listed[f"scheme__{name}"] == value
    assert "scheme__epochs" not in clf.get_params(deep=False)
    assert clone(clf).scheme == "C"
    assert SCANNClassifier("A").get_params()["scheme__added_hidden"] == SchemeA().added_hidden
    assert "scheme__epochs" not in clf._repr_html_()  # nobody has set it


def test_a_letter_becomes_an_object_where_a_parameter_is_set():
    clf = SCANNClassifier("B").set_params(scheme__epochs=3, max_loss=0.02)
    assert isinstance(clf.scheme, SchemeB)
    assert (clf.scheme.epochs, clf.max_loss) == (3, 0.02)
    assert clone(clf).get_params()["scheme__epochs"] == 3
    # in whatever order they are given
    for parameters in (
        {"scheme": "A", "scheme__added_hidden": 2},
        {"scheme__added_hidden": 2, "scheme": "A"},
    ):
        clf = SCANNClassifier("B").set_params(**parameters)
        assert isinstance(clf.scheme, SchemeA)
        assert clf.scheme.added_hidden == 2


def test_a_search_over_letters_and_their_parameters():
    X, y = load_iris(return_X_y=True)
    search = GridSearchCV(
        SCANNClassifier(hidden_layer_sizes=(6,), n_connections=20, random_state=0),
        {"scheme": ["B", "C"], "scheme__epochs": [2, 3], "scheme__initial_epochs": [5]},
        cv=2,
        error_score="raise",
    ).fit(X, y)
    assert len(search.cv_results_["params"]) == 4
    assert type(search.best_estimator_.scheme).__name__ == f"Scheme{search.best_params_['scheme']}"
    assert search.best_estimator_.scheme.epochs == search.best_params_["scheme__epochs"]
