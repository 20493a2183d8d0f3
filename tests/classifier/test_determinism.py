"""The same random_state gives the same network, bit by bit, and nothing global is touched."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import random
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from ._helpers import run_python, same_network, short


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
@pytest.mark.parametrize("engine", ["auto", "compiled", "torch"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_twice(wine, scheme, engine, dtype):
    X, y = wine[0].astype(dtype), wine[1]
    classifier = short(scheme, engine=engine, n_connections=40)
    assert same_network(clone(classifier).fit(X, y), clone(classifier).fit(X, y))
    assert clone(classifier).fit(X, y).history_ == clone(classifier).fit(X, y).history_


def test_refitting_an_estimator(iris):
    classifier = short()
    first = classifier.fit(*iris).path_
    assert [p.validation_score for p in classifier.fit(*iris).path_] == [
        p.validation_score for p in first
    ]
    np.testing.assert_array_equal(classifier.path_[0].biases, first[0].biases)


def test_different_seeds_differ(iris):
    assert not same_network(short().fit(*iris), short(random_state=1).fit(*iris))


def test_random_state_instance(iris):
    a, b = (short(random_state=np.random.RandomState(3)).fit(*iris) for _ in range(2))
    assert same_network(a, b)
    # the instance moves on, as everywhere in scikit-learn
    state = np.random.RandomState(3)
    assert not same_network(
        short(random_state=state).fit(*iris), short(random_state=state).fit(*iris)
    )


def test_without_a_random_state_fits_differ(iris):
    np.random.seed(0)
    a = short(random_state=None).fit(*iris)
    np.random.seed(0)
    assert not same_network(a, short(random_state=None).fit(*iris))


def global_state():
    """Everything that a fit has to leave alone."""
    kind, keys, *rest = np.random.get_state()
    return (
        (kind, keys.tobytes(), *rest),
        random.getstate(),
        torch.get_rng_state().numpy().tobytes(),
        torch.get_num_threads(),
        torch.get_num_interop_threads(),
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
        torch.are_deterministic_algorithms_enabled(),
        str(np.geterr()),
    )


@pytest.mark.parametrize("random_state", [0, None])
@pytest.mark.parametrize("engine", ["compiled", "torch"])
@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
def test_global_state_is_left_alone(digits, random_state, engine, scheme):
    X, y = digits[0][:400], digits[1][:400]
    before = global_state()
    classifier = short(scheme, random_state=random_state, engine=engine, n_connections=60)
    classifier.fit(X, y).predict_proba(X)
    classifier.select(max_loss=0).to_torch()
    assert global_state() == before


def test_a_given_random_state_instance_of_numpy_is_not_the_global_one(iris):
    before = global_state()
    short(random_state=np.random.RandomState(0)).fit(*iris)
    assert global_state() == before


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_n_jobs(digits, backend):
    X, y = digits
    classifier = short(hidden_layer_sizes=(20,))
    grid = {"n_connections": [60, 0.2, "auto"]}
    one = GridSearchCV(classifier, grid, cv=2, error_score="raise").fit(X, y)
    with joblib.parallel_backend(backend):
        two = GridSearchCV(classifier, grid, cv=2, n_jobs=2, error_score="raise").fit(X, y)
    for fold in (0, 1):
        np.testing.assert_array_equal(
            one.cv_results_[f"split{fold}_test_score"], two.cv_results_[f"split{fold}_test_score"]
        )
    assert same_network(one.best_estimator_, two.best_estimator_)


@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_fits_in_several_threads_do_not_disturb_each_other(wine, cancer, engine):
    jobs = [
        (short(scheme, random_state=seed, engine=engine, n_connections=30), data)
        for seed in range(2)
        for scheme in "ABC"
        for data in (wine, cancer)
    ]
    alone = [clone(classifier).fit(*data) for classifier, data in jobs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda job: job[0].fit(*job[1]), jobs))
    assert all(same_network(a, b) for a, b in zip(alone, together, strict=True))


FINGERPRINT = """
import hashlib
import sys
from sklearn.datasets import load_digits
from tests.classifier._helpers import short

X, y = (array[:700] for array in load_digits(return_X_y=True))
digest = hashlib.sha256()
for scheme in "ABC":
    for dtype in "fd":
        classifier = short(scheme, hidden_layer_sizes=(20,), engine="compiled")
        classifier.fit(X.astype(dtype), y)
        for point in classifier.path_:
            digest.update(point.weights.data.tobytes() + point.weights.indices.tobytes())
            digest.update(point.biases.tobytes() + str(point.validation_score).encode())
        digest.update(classifier.predict_proba(X).tobytes())
print(digest.hexdigest())
"""


def test_thread_counts_of_the_compiled_engine():
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    one, two = (run_python(FINGERPRINT, **dict.fromkeys(names, n)) for n in "12")
    assert one == two
    assert len(one.strip()) == 64
