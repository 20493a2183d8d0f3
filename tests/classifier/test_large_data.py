"""A fit of many rows copies few of them, and gives the network that copies would."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, strategies as st
from sklearn.linear_model import LogisticRegression

from scann_sklearn import SCANNRegressor
from scann_sklearn.datasets import to_memmap
from scann_sklearn.estimators import _columns, _data
from scann_sklearn.estimators._columns import columns_of
from scann_sklearn.network import _dormant, _row_samples
from scann_sklearn.network._row_samples import RowSamples

from ._helpers import same_network, short

RNG = np.random.default_rng(0)
X = RNG.normal(size=(1500, 6)) * [1, 10, 1e-3, 1, 1, 1e4] + [0, 5, 0, 1e3, 0, 0]
y = (X[:, 0] > X[:, 1] / 10).astype(int) + (X[:, 2] > 0)
WEIGHT = RNG.integers(0, 3, len(X)) / 2


@pytest.fixture
def all_is_large(monkeypatch):
    """What is done with large arrays is done with all."""
    monkeypatch.setattr(_data, "_LARGE", 0)
    monkeypatch.setattr(_row_samples, "_AT_ONCE", 1000)
    monkeypatch.setattr(_row_samples, "_IN_MEMORY", 0)
    monkeypatch.setattr(_columns, "_SORTED", 3000)


CASES = {
    "standard": (short(), {}),
    "robust": (short(input_scaling="robust"), {}),
    "range": (short("A", input_scaling="range"), {"sample_weight": WEIGHT}),
    "unscaled": (short("C", input_scaling=None, learning_rate_init=1e-5), {}),
    "auto": (short("B", n_connections="auto", scoring="neg_log_loss"), {"sample_weight": WEIGHT}),
    "teacher": (short(teacher=LogisticRegression(), teacher_weight=0.5), {}),
    "values": (SCANNRegressor("B", n_connections=20, random_state=0), {}),
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", CASES)
def test_the_same_network(tmp_path, monkeypatch, request, name):
    clf, more = CASES[name]
    if name == "values":
        clf.set_params(scheme__epochs=2, scheme__initial_epochs=3)
    whole = clf.fit(X, y, **more)
    paths = [whole.path_, whole.feature_deviations_.copy(), whole.history_]
    request.getfixturevalue("all_is_large")
    given = to_memmap([X], tmp_path / "X.npy")
    made = []
    monkeypatch.setattr(
        RowSamples, "__init__", _noting(RowSamples.__init__, made)
    )  # the case is what it says
    again = type(clf)(**clf.get_params(deep=False)).fit(given, y, **more)
    assert made
    assert same_network(whole, again)
    np.testing.assert_array_equal(again.feature_deviations_, paths[1])
    np.testing.assert_array_equal(again.predict(given), whole.predict(X))


def _noting(function, made):
    def note(self, *args):
        made.append(self)
        function(self, *args)

    return note


@given(
    seed=st.integers(0, 2**16),
    n_samples=st.integers(1, 300),
    n_features=st.integers(1, 9),
    some_are_absent=st.booleans(),
    dtype=st.sampled_from(["f4", "f8"]),
)
def test_statistics_of_blocks_are_those_of_numpy(
    seed, n_samples, n_features, some_are_absent, dtype
):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_samples, n_features)) * 10.0 ** rng.integers(-30, 30, n_features)
    X, weight = X.astype(dtype), rng.random(n_samples)
    if some_are_absent:
        weight[rng.random(n_samples) < 0.3] = 0
        weight[rng.integers(n_samples)] = 1
    there = weight > 0
    Z = X[there].astype(np.float64)
    unit = np.abs(Z).max(axis=0)
    unit[unit == 0] = 1
    Z /= unit
    mean = np.average(Z, axis=0, weights=weight[there])
    variance = np.average((Z - mean) ** 2, axis=0, weights=weight[there])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_row_samples, "_AT_ONCE", int(rng.integers(1, 500)))
        patch.setattr(_columns, "_SORTED", int(rng.integers(1, 500)))
        columns = columns_of(X, weight)
        np.testing.assert_array_equal(columns.unit, unit)
        np.testing.assert_array_equal(columns.bounds(), (Z.min(axis=0), Z.max(axis=0)))
        np.testing.assert_array_equal(columns.moments(), (mean, np.sqrt(variance)))
        expected = [
            np.quantile(Z, q, axis=0, weights=weight[there], method="inverted_cdf")
            for q in (0.25, 0.5, 0.75)
        ]
        np.testing.assert_array_equal(columns.quartiles(), expected)


@pytest.mark.parametrize(("in_memory", "most"), [(2**29, 1.8), (2**20, 0.9)])
def test_memory_of_a_fit(tmp_path, monkeypatch, in_memory, most):
    monkeypatch.setattr(_data, "_LARGE", 2**20)
    monkeypatch.setattr(_row_samples, "_IN_MEMORY", in_memory)
    monkeypatch.setattr(_row_samples, "_AT_ONCE", 2**16)
    monkeypatch.setattr(_dormant, "_BLOCK", 2**12)  # room that is reserved, whatever the data
    blocks = (RNG.normal(size=(4000, 100)) for _ in range(10))
    large = to_memmap(blocks, tmp_path / "X.npy", dtype=np.float32)
    labels = (np.asarray(large[:, 0]) > 0).astype(int)
    clf = short(n_connections=50).set_params(scheme__epochs=1, scheme__initial_epochs=1)
    clf.fit(large[:500], labels[:500])  # kernels
    tracemalloc.start()
    try:
        clf.fit(large, labels)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # 16 MB; scaled once where that is in memory, and what has one number a row
    assert peak < most * large.nbytes
