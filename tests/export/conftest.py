"""Models that the tests of the export share."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from importlib.util import find_spec
from typing import NamedTuple

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from scann_sklearn import DimReducer, SCANNClassifier
from tests.classifier._helpers import short
from tests.export._preparations import wine_with_gaps

# It shares the emulator with the benchmarks, which the sdist hasn't.
collect_ignore = [] if find_spec("benchmarks") else ["test_exit_targets.py", "test_targets.py"]


class Case(NamedTuple):
    """A fitted model with data to calibrate with and to predict."""

    model: object
    X: np.ndarray
    y: np.ndarray


def _fit(model, loader, target=None):
    X, y = loader(return_X_y=True)
    y = y if target is None else np.asarray(target)[y]
    return Case(model.fit(X, y), X, y)


CASES = {
    # not every pixel is read
    "digits": lambda: _fit(short(n_connections=150, hidden_layer_sizes=(30,)), load_digits),
    # a single output; features of very different scales
    "cancer": lambda: _fit(short(n_connections=30), load_breast_cancer),
    # labels that need escapes
    "names": lambda: _fit(short(), load_iris, ['a "quoted"', "größer", "what??/"]),
    # a full matrix ahead of the network
    "pca": lambda: _fit(
        make_pipeline(DimReducer("pca", ratio=6), StandardScaler(), short(n_connections=120)),
        load_digits,
    ),
    # a sparse one
    "sparse_rp": lambda: _fit(
        make_pipeline(DimReducer("sparse_rp", ratio=6, random_state=0), short(n_connections=120)),
        load_digits,
    ),
    "float32": lambda: Case(
        short().fit(load_iris().data.astype(np.float32), load_iris().target),
        load_iris().data.astype(np.float32),
        load_iris().target,
    ),
}


@pytest.fixture(scope="session", params=CASES)
def case(request):
    """Each of the models, not to be changed."""
    return CASES[request.param]()


@pytest.fixture(scope="session")
def digits_case():
    """A classifier of the handwritten digits."""
    return CASES["digits"]()


@pytest.fixture(scope="session")
def iris_case():
    """A classifier of the iris flowers."""
    return _fit(short(n_connections=20), load_iris)


def _official(data, n_connections):
    train = data.split != "test"
    model = SCANNClassifier(n_connections=n_connections, random_state=0)
    return (
        Case(model.fit(data.data[train], data.target[train]), data.data[train], data.target[train]),
        Case(model, data.data[~train], data.target[~train]),
    )


@pytest.fixture(scope="session")
def real(request):
    """Function of a name: training and test case of a real data set, fitted once."""
    sizes, cache = {"pendigits": 300, "satimage": 100, "dna": 40}, {}

    def load(name):
        if name not in cache:
            cache[name] = _official(request.getfixturevalue(name), sizes[name])
        return cache[name]

    return load


@pytest.fixture(scope="session")
def table():
    """Measurements of wine, a tenth of them missing, and two of them as categories."""
    return wine_with_gaps()
