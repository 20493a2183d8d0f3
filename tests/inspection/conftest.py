"""Small real networks to look at; figures are closed after each test."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from functools import cache

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_iris

from scann_sklearn import SCANNClassifier
from tests.classifier._helpers import short, short_scheme

mpl.use("Agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="session")
def iris():
    """150 flowers with named features, and the names of their species."""
    bunch = load_iris(as_frame=True)
    return bunch.data, bunch.target_names[bunch.target]


@pytest.fixture(scope="session")
def digits():
    """1797 images, 64 features, 10 classes."""
    return load_digits(return_X_y=True)


@pytest.fixture(scope="session")
def flower(iris):
    """Three classes, four named inputs."""
    return short(n_connections=15).fit(*iris)


@pytest.fixture(scope="session")
def tumour():
    """Two classes, one output."""
    return short(n_connections=30).fit(*load_breast_cancer(return_X_y=True))


@pytest.fixture(scope="session")
def network_of_digits(digits):
    """Makes a network of the digits with a given number of connections, once for each number."""

    @cache
    def make(n_connections):
        scheme = short_scheme("B", initial_epochs=4, epochs=2)
        return SCANNClassifier(scheme, n_connections=n_connections, random_state=0).fit(*digits)

    return make


@pytest.fixture(scope="session", params=[20, 300, 2000])
def sized(request, network_of_digits):
    """Networks of the digits from small to large."""
    return network_of_digits(request.param)


@pytest.fixture(scope="session")
def layered(digits):
    """A sparse multilayer perceptron: no connection skips a level."""
    return short("C", hidden_layer_sizes=(12, 8), n_connections=150).fit(*digits)


@pytest.fixture(scope="session", params=["flower", "tumour", "layered", 20, 300, 2000])
def classifier(request, network_of_digits):
    """Each of these networks."""
    if isinstance(request.param, str):
        return request.getfixturevalue(request.param)
    return network_of_digits(request.param)
