"""Every training parameter does something, and what it says."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest

from ._helpers import same_network, short, short_scheme

ENGINES = ["compiled", "torch"]
OTHERS = [
    {"solver": "adamw"},
    {"solver": "sgd"},
    {"learning_rate": "constant"},
    {"learning_rate_init": 0.02},
    {"weight_decay": 0.0},
    {"beta_1": 0.8},
    {"beta_2": 0.9},
    {"epsilon": 1e-3},
    {"batch_size": 16},
    {"shuffle": False},
    {"max_epoch_samples": 1},  # a batch
    {"label_smoothing": 0.1},
    {"class_weight": {0: 3}},
    {"input_scaling": "robust"},
    {"input_scaling": "range"},
    {"input_scaling": None},
    {"random_state": 1},
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_has_an_effect(wine, engine, other):
    parameters = {"engine": engine, "n_connections": 40, "learning_rate": "cosine"}
    a = short("C", **parameters).fit(*wine)
    b = short("C", **parameters | other).fit(*wine)
    assert not same_network(a, b)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("other", [{"momentum": 0.5}, {"nesterovs_momentum": False}], ids=str)
def test_has_an_effect_on_sgd(wine, engine, other):
    parameters = {"engine": engine, "n_connections": 40, "solver": "sgd"}
    a = short("C", **parameters).fit(*wine)
    assert not same_network(a, short("C", **parameters | other).fit(*wine))


@pytest.mark.parametrize("solver", ["adam", "adamw", "sgd"])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_every_solver_learns_and_the_engines_agree(wine, solver, momentum):
    X, y = wine
    parameters = {"solver": solver, "momentum": momentum, "n_connections": 60}
    parameters |= {"learning_rate_init": 0.1 if solver == "sgd" else 0.03, "shuffle": True}
    a, b = (short("C", engine=engine, **parameters).fit(X, y) for engine in ENGINES)
    assert a.score(X, y) > 0.7
    np.testing.assert_allclose(a.predict_proba(X), b.predict_proba(X), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
def test_the_engines_agree(cancer, scheme):
    X, y = cancer
    a, b = (short(scheme, engine=e, n_connections=40).fit(X, y) for e in ENGINES)
    np.testing.assert_allclose(a.predict_proba(X), b.predict_proba(X), rtol=1e-6, atol=1e-9)
    if scheme != "NeST":  # two of its neurons may stand in either order
        np.testing.assert_array_equal(a.weights_.indices, b.weights_.indices)


@pytest.mark.parametrize("engine", ENGINES)
def test_learning_rate_schedules(iris, engine):
    parameters = {"learning_rate_init": 0.02, "engine": engine, "n_connections": 40}
    constant = short("C", learning_rate="constant", **parameters).fit(*iris)
    assert {h["learning_rate"] for h in constant.history_} == {0.02}
    cosine = short("C", learning_rate="cosine", **parameters).fit(*iris)
    for phase in phases(cosine.history_):
        rates = [h["learning_rate"] for h in phase]
        assert rates[0] == pytest.approx(0.02)
        assert (np.diff(rates) < 0).all()
        expected = 0.01 * (1 + np.cos(np.pi * np.arange(len(rates)) / len(rates)))
        np.testing.assert_allclose(rates, expected)


def phases(history):
    """Records of each phase."""
    starts = [i for i, record in enumerate(history) if record["epoch"] == 1]
    return [history[a:b] for a, b in zip(starts, [*starts[1:], None], strict=True)]


@pytest.mark.parametrize("engine", ENGINES)
def test_early_stopping_ends_phases(iris, engine):
    parameters = {"n_connections": 30, "engine": engine, "tol": 10.0, "n_iter_no_change": 2}
    scheme = short_scheme("C", initial_epochs=20, epochs=10)
    all_epochs = short("C", **parameters).set_params(scheme=scheme).fit(*iris)
    stopped = short("C", early_stopping=True, **parameters).set_params(scheme=scheme).fit(*iris)
    assert stopped.n_iter_ < all_epochs.n_iter_
    # nothing improves by 10: the first epoch of a phase and two more
    assert {len(phase) for phase in phases(stopped.history_)} == {3}
    patient = short("C", early_stopping=True, **parameters).set_params(
        scheme=scheme, n_iter_no_change=100
    )
    assert patient.fit(*iris).n_iter_ == all_epochs.n_iter_


def test_early_stopping_waits_for_improvements(digits):
    # constant progress isn't stopped
    classifier = short("C", early_stopping=True, tol=0.0, n_connections=400, n_iter_no_change=3)
    first = phases(classifier.fit(*digits).history_)[0]
    assert len(first) >= 5


def test_weight_decay_makes_weights_small(wine):
    sizes = [
        np.abs(short(weight_decay=d, input_scaling="standard").fit(*wine).path_[-1].weights).sum()
        for d in (0.0, 0.1)
    ]
    assert sizes[1] < sizes[0]


def test_one_batch_needs_no_order(iris):
    a, b = (
        short(batch_size=10_000, shuffle=shuffle, n_connections=30).fit(*iris)
        for shuffle in (True, False)
    )
    assert same_network(a, b)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("batch_size", [1, 7, 149, 150, 151, "auto"])
def test_batch_sizes(iris, engine, batch_size):
    classifier = short("C", n_connections=30, batch_size=batch_size, engine=engine)
    assert classifier.fit(*iris).score(*iris) > 0.6


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
@pytest.mark.parametrize("epochs", ["initial_epochs", "epochs", "final_epochs"])
def test_phases_without_epochs(iris, scheme, epochs):
    classifier = short(scheme, n_connections=30)
    classifier.set_params(**{f"scheme__{epochs}": 0}).fit(*iris)
    assert classifier.n_connections_ <= 30


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
def test_no_training_at_all(iris, scheme):
    classifier = short(scheme, n_connections=30)
    classifier.set_params(scheme__epochs=0, scheme__growth_epochs=0, scheme__initial_epochs=0).fit(
        *iris
    )
    assert classifier.n_iter_ == 0
    assert classifier.history_ == []
    assert classifier.predict(iris[0]).shape == (150,)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("scheme", ["B", "C"])
def test_weights_that_explode_are_an_error(iris, engine, scheme):
    # no network of NaN is handed out as fitted
    classifier = short(
        scheme, input_scaling=None, engine=engine, solver="sgd", learning_rate_init=1e9
    )
    with np.errstate(all="ignore"), pytest.raises(ValueError, match="learning_rate_init"):
        classifier.fit(1e150 * iris[0], iris[1])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("limit", [160, 10**6])
def test_few_samples_are_whole_epochs(wine, engine, limit):
    """The training part has 160 rows."""
    parameters = {"n_connections": 40, "engine": engine, "batch_size": 16}
    whole = short("C", max_epoch_samples=None, **parameters).fit(*wine)
    assert same_network(whole, short("C", max_epoch_samples=limit, **parameters).fit(*wine))
    assert not same_network(whole, short("C", max_epoch_samples=159, **parameters).fit(*wine))


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
def test_parts_of_the_samples_as_epochs(wine, scheme):
    """As many epochs a phase, of fewer samples with their weights; the engines agree."""
    X, y = wine
    weight = np.random.default_rng(0).integers(0, 3, len(y)) / 2
    parameters = {"n_connections": 40, "batch_size": 16}
    whole = short(scheme, **parameters).fit(X, y, weight)
    parts = [
        short(scheme, max_epoch_samples=48, engine=engine, **parameters).fit(X, y, weight)
        for engine in ENGINES
    ]
    assert {r["epoch"] for r in parts[0].history_} == {r["epoch"] for r in whole.history_}
    assert not same_network(parts[0], whole)
    chances = [clf.predict_proba(X) for clf in parts]
    np.testing.assert_allclose(*chances, rtol=1e-6, atol=1e-9)


def test_samples_that_are_sorted_are_mixed(wine):
    """Classes in turns, as wine has them: groups of neighbours would be of one class."""
    X, y = wine
    fits = []
    for limit, data in ((100, wine), (100, (X[::-1], y[::-1])), (None, wine)):
        clf = short("C", n_connections=40, max_epoch_samples=limit, batch_size=32)
        clf.set_params(scheme__epochs=20, validation_fraction=0.1)
        fits.append(clf.fit(*data, X_val=X, y_val=y))
    assert not same_network(fits[0], fits[1])
    assert min(clf.score(X, y) for clf in fits) > 0.9
