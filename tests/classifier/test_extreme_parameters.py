"""Numbers of every kind and size: they work, or an error names them before the training."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from fractions import Fraction
from inspect import signature
from numbers import Real
from pathlib import Path

import numpy as np
import pytest

from scann_sklearn import DimReducer, SCANNClassifier, SchemeA, SchemeB, SchemeC, SchemeNeST
from scann_sklearn._constraints import Interval

from ._helpers import same_network, short

QUICK = {"initial_epochs": 2, "epochs": 1, "iterations": 1}


def quick(**parameters):
    """Classifier that the torch engine fits in a second too."""
    defaults = {"hidden_layer_sizes": (6,), "n_connections": 30, "random_state": 0}
    return SCANNClassifier(**{"scheme": SchemeC(**QUICK)} | defaults | parameters)


def numeric_parameters(estimator, known):
    """Names of the parameters that take numbers."""
    for name in signature(estimator).parameters:
        constraints = known[name] if isinstance(known[name], list) else []
        if any(isinstance(constraint, Interval) for constraint in constraints):
            yield name


CASES = [
    (estimator, name)
    for estimator in (SCANNClassifier, SchemeA, SchemeB, SchemeC, SchemeNeST, DimReducer)
    for name in numeric_parameters(estimator, estimator._parameter_constraints)
]
assert len(CASES) > 50


@pytest.mark.parametrize(("estimator", "name"), CASES)
@pytest.mark.parametrize(
    "value",
    [True, False, np.True_, np.inf, -np.inf, np.nan, Fraction(1, 2), np.array(0.5), 1j],
    ids=repr,
)
def test_what_is_no_finite_number(iris, estimator, name, value):
    wrong = estimator(**{name: value})
    with pytest.raises(ValueError, match=name) as caught:
        (short().set_params(scheme=wrong) if hasattr(wrong, "rounds") else wrong).fit(*iris)
    assert repr(value) in str(caught.value)


@pytest.mark.parametrize("name", sorted(set(SCANNClassifier._parameter_constraints)))
def test_numbers_beyond_the_largest_float(iris, name):
    constraints = SCANNClassifier._parameter_constraints[name]
    reals = [c for c in constraints if isinstance(c, Interval) and c.type is Real]
    if not reals or name == "n_connections":  # an int there
        assert name not in ("weight_decay", "epsilon", "tol")
        return
    with pytest.raises(ValueError, match=f"'{name}' parameter"):
        short(**{name: 10**400}).fit(*iris)


NUMPY = {
    "batch_size": np.uint8(32),
    "max_epoch_samples": np.uint8(64),
    "n_connections": np.uint8(20),
    "hidden_layer_sizes": (np.uint8(6),),
    "learning_rate_init": np.float32(0.03125),
    "weight_decay": np.float16(0.125),
    "beta_1": np.float32(0.5),
    "beta_2": np.float64(0.75),
    "epsilon": np.float32(0.5),
    "label_smoothing": np.float32(0.125),
    "n_iter_no_change": np.uint8(2),
    "tol": np.float32(0.25),
    "early_stopping": np.True_,
    "shuffle": np.True_,
}


@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_numbers_of_numpy(iris, engine):
    plain = {
        name: (6,) if isinstance(value, tuple) else value.item() for name, value in NUMPY.items()
    }
    theirs = quick(engine=engine, **NUMPY).fit(*iris)
    assert same_network(theirs, quick(engine=engine, **plain).fit(*iris))


@pytest.mark.parametrize("scheme", [SchemeA, SchemeB, SchemeC, SchemeNeST])
def test_integers_of_numpy_that_count_up_to_255(iris, scheme):
    """Products of them, and with them, would overflow."""
    plain = {name: value for name, value in QUICK.items() if isinstance(value, int)}
    if scheme is SchemeA:
        plain |= {"initial_hidden": 17, "max_hidden": 30, "added_hidden": 3}
    theirs = {name: np.uint8(value) for name, value in plain.items()}
    fits = (quick(scheme=scheme(**given), hidden_layer_sizes=(30,)) for given in (plain, theirs))
    assert same_network(*(fit.fit(*iris) for fit in fits))


@pytest.mark.parametrize("engine", ["compiled", "torch"])
@pytest.mark.parametrize(
    "parameters",
    [
        {"beta_1": 0, "beta_2": 0, "weight_decay": 0, "epsilon": 1, "learning_rate_init": 1},
        {"solver": "sgd", "momentum": 0, "learning_rate_init": 1},
        {"batch_size": 10**30, "n_connections": 10**400, "n_iter_no_change": 10**30},
        {"tol": 1e308, "max_loss": 1e308, "early_stopping": True},
        {"epsilon": 1e300, "tol": 1e308},
        {"epsilon": 10**300, "weight_decay": 1e-320, "tol": 1e-320, "label_smoothing": 0},
    ],
    ids=["zeros", "momentum", "sizes", "early", "epsilon", "tiny"],
)
def test_integers_and_extremes_that_make_sense(iris, engine, parameters):
    classifier = quick(engine=engine, **parameters).fit(*iris)
    assert np.isfinite(classifier.predict_proba(iris[0])).all()


@pytest.mark.parametrize("scheme", [SchemeA, SchemeB])
@pytest.mark.parametrize("limit", [1e308, 10**300, 1e-320], ids=["1e308", "10**300", "tiny"])
def test_growth_limits_that_are_none(iris, scheme, limit):
    huge = quick(scheme=scheme(growth_limit=limit, **QUICK)).fit(*iris)
    if limit > 1:
        none = quick(scheme=scheme(growth_limit=None, **QUICK)).fit(*iris)
        assert same_network(huge, none)


def test_as_many_epochs_as_early_stopping_takes(iris):
    classifier = short(early_stopping=True, n_iter_no_change=1, tol=1, n_connections=30)
    classifier.set_params(scheme__initial_epochs=10**30, scheme__epochs=10**20).fit(*iris)
    assert classifier.n_iter_ < 100


def test_noise_has_a_limit(iris):
    with pytest.raises(ValueError, match=r"'noise' parameter of SchemeA.*\[0.0, 1000.0\].*1e\+308"):
        short().set_params(scheme=SchemeA(noise=1e308)).fit(*iris)


@pytest.mark.parametrize("sizes", [True, [True, 3], (np.True_,)])
def test_layers_are_no_booleans(iris, sizes):
    with pytest.raises(ValueError, match="hidden_layer_sizes"):
        short(hidden_layer_sizes=sizes).fit(*iris)


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
@pytest.mark.parametrize("bound", ["auto", 20, 0.5])
def test_more_connections_than_indices_count(iris, scheme, bound):
    for sizes in ((10**9,), (2**31,), (10**400,), (10**5, 10**5)):
        classifier = short(scheme, hidden_layer_sizes=sizes, n_connections=bound)
        with pytest.raises(ValueError, match=r"hidden_layer_sizes=.*2147483647") as caught:
            classifier.fit(*iris)
        assert repr(sizes) in str(caught.value)
    n = 6 * 10**8 if scheme == "A" and bound == "auto" else 10**9  # 60 % of them at the start
    count = 7 * n if scheme in ("C", "NeST") else 7 * n + n * (n - 1) // 2 + 12
    with pytest.raises(ValueError, match=f"takes {count} connections and at least {20 * count} "):
        short(scheme, hidden_layer_sizes=(10**9,), n_connections=bound).fit(*iris)


def test_max_hidden_is_named(iris):
    scheme = SchemeA(max_hidden=10**9)
    with pytest.raises(ValueError, match="max_hidden=1000000000 is too large"):
        SCANNClassifier(scheme).fit(*iris)
    with pytest.raises(ValueError, match="'max_hidden' parameter"):
        SCANNClassifier(SchemeA(max_hidden=10**400)).fit(*iris)


@pytest.fixture
def little_memory():
    """One more GiB of address space than is in use."""
    resource = pytest.importorskip("resource", reason="limits of memory are POSIX's")
    statm = Path("/proc/self/statm")
    if not statm.exists():
        pytest.skip("how much is in use is asked of Linux")
    used = int(statm.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**30, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.usefixtures("little_memory")
def test_more_connections_than_memory_holds(iris):
    count = 4 * 30_000 + 30_000 * 29_999 // 2 + 3 * 30_004
    message = (
        r"hidden_layer_sizes=\(30000,\) is too large: it takes "
        f"{count} connections and at least {20 * count} bytes"
    )
    with pytest.raises(MemoryError, match=message):
        SCANNClassifier("B", hidden_layer_sizes=(30_000,)).fit(*iris)
