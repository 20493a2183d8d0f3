"""Energy and size of this package's estimators."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from scann_sklearn import DimReducer, SCANNClassifier, energy_score
from scann_sklearn.metrics import EnergyModel, OperationCounts, n_bytes, n_connections, n_parameters

WINE = load_wine(return_X_y=True)


@pytest.fixture(scope="module")
def network():
    return SCANNClassifier(n_connections=150, hidden_layer_sizes=20, random_state=0).fit(*WINE)


def test_connections_and_neurons_of_a_network(network):
    n, hidden = network.n_connections_, network.n_hidden_
    assert EnergyModel().operations(network) == OperationCounts(
        macs=n, sram_accesses=2 * n + hidden + 3, comparisons=hidden + 2, index_reads=n
    )
    assert n_connections(network) == n
    assert n_parameters(network) == n + hidden + 3
    # At most 33 sources and 150 connections: an index or a row start is one byte.
    assert n_bytes(network) == 4 * (n + hidden + 3) + n + (hidden + 4)


def test_two_classes():
    X, y = load_breast_cancer(return_X_y=True)
    network = SCANNClassifier(n_connections=60, hidden_layer_sizes=10, random_state=0).fit(X, y)
    counts = EnergyModel().operations(network)
    assert counts.comparisons == network.n_hidden_ + 1
    assert counts.sram_accesses == 2 * network.n_connections_ + network.n_hidden_ + 1


@pytest.fixture(scope="module")
def pipe():
    X, y = load_digits(return_X_y=True)
    scann = SCANNClassifier(hidden_layer_sizes=30, random_state=0)
    return Pipeline([("scale", StandardScaler()), ("scann", scann)]).fit(X[:600], y[:600])


def test_every_point_of_the_path(pipe):
    network = pipe["scann"]
    for point in network.path_:
        selected = network.select(n_connections=point.n_connections)
        assert energy_score(selected) == pytest.approx(-point.energy, rel=1e-12)
    energies = [point.energy for point in network.path_]
    assert energies[0] < energies[-1]


def test_a_selected_network_goes_back_into_its_pipeline(pipe):
    assert energy_score(pipe) == energy_score(pipe["scann"])  # scaling is part of the weights
    first, last = pipe["scann"].path_[0], pipe["scann"].path_[-1]
    energies = []
    for point in (first, last):
        pipe.set_params(scann=pipe["scann"].select(n_connections=point.n_connections))
        assert n_connections(pipe) == point.n_connections
        energies.append(energy_score(pipe))
    assert energies[0] > energies[1]


def test_unfitted():
    with pytest.raises(NotFittedError):
        energy_score(SCANNClassifier())


def counts_of(method, **parameters):
    """Operations of a reduction from 13 to 4 features, without what follows."""
    reducer = DimReducer(method, n_components=4, random_state=0, **parameters).fit(WINE[0])
    return reducer, EnergyModel().operations(reducer)


@pytest.mark.parametrize(
    "method", ["pca", "factor_analysis", "ica", "gaussian_rp", "unit_gaussian_rp", "achlioptas_rp"]
)
def test_an_affine_reduction_is_one_dense_matrix(method):
    for normalize in (True, False):
        reducer, counts = counts_of(method, normalize=normalize)
        assert counts == OperationCounts(macs=52, sram_accesses=2 * 52 + 4)
        assert n_parameters(reducer) == sum(array.size for array in reducer.to_affine())
        assert n_bytes(reducer) == 4 * 56


def test_a_sparse_projection_counts_without_its_zeros():
    reducer, counts = counts_of("sparse_rp")
    n = np.count_nonzero(reducer.to_affine()[0])
    assert 0 < n < 52
    assert counts == OperationCounts(macs=n, sram_accesses=2 * n + 4, index_reads=n)
    assert n_bytes(reducer) == 4 * (n + 4) + n + 5


def test_passthrough_is_a_scaling():
    X, y = scale(WINE[0]), WINE[1]
    network = LogisticRegression().fit(X, y)
    for normalize in (True, False):
        reducer = DimReducer("passthrough", normalize=normalize)
        pipe = make_pipeline(reducer, LogisticRegression()).fit(X, y)
        assert energy_score(pipe) == energy_score(network)
    assert EnergyModel().operations(DimReducer("passthrough").fit(WINE[0])).macs == 13


def test_isomap():
    reducer, counts = counts_of("isomap", n_landmarks=50)
    assert reducer.n_landmarks_ == 50
    # Normalisation, distances, 5 paths and a square for each landmark, extension.
    macs = 13 + 50 * 13 + 50 * 6 + 50 * 4
    neurons = 13 + 50 + 50 + 4
    # The 5 nearest are found and their roots read; the shortest of 5 paths is chosen.
    assert counts == OperationCounts(
        macs=macs, sram_accesses=2 * macs + neurons + 5, comparisons=50 * 5 + 50 * 4
    )
    # 13 scales, landmarks, geodesic distances and the extension; biases of the first and last.
    assert n_parameters(reducer) == 2 * 13 + 50 * 13 + 50 * 50 + 50 * 4 + 4


def test_spectral_embedding():
    reducer, counts = counts_of("spectral_embedding", n_landmarks=50, normalize=False)
    assert reducer.n_landmarks_ == 50
    # Distances, two factors for each kernel, extension with the sum and four divisions.
    macs = 50 * 13 + 50 * 2 + 50 * 5 + 4
    neurons = 50 + 50 + 5
    assert counts == OperationCounts(
        macs=macs, sram_accesses=2 * macs + neurons + 51, comparisons=50 * 30 + 49
    )
    assert n_parameters(reducer) == 50 * 13 + 50 + 50 * 4


@pytest.mark.parametrize("method", ["isomap", "spectral_embedding"])
def test_few_landmarks(method):
    reducer = DimReducer(method).fit(np.repeat(WINE[0][:3], 4, axis=0))
    assert n_connections(reducer) > 0
    reducer = DimReducer(method).fit(np.ones((5, 2)))  # a single landmark
    assert n_connections(reducer) == 2


def test_scalers_around_an_embedding_cost_what_one_does():
    X, y = scale(WINE[0]), WINE[1]
    last = LogisticRegression()

    def macs(*steps):
        return EnergyModel().operations(make_pipeline(*steps, last).fit(X, y)).macs

    isomap = DimReducer("isomap", n_components=4, n_landmarks=50, normalize=False)
    plain = macs(isomap)
    assert macs(StandardScaler(), isomap) == plain + 13
    assert macs(StandardScaler(), StandardScaler(), isomap, StandardScaler()) == plain + 13
    normalized = DimReducer("isomap", n_components=4, n_landmarks=50)
    assert macs(normalized) == macs(StandardScaler(), normalized) == plain + 13


def test_the_whole_of_dr_scann():
    pipe = Pipeline(
        [
            ("reduce", DimReducer("pca", ratio=2)),
            ("scann", SCANNClassifier(n_connections=80, hidden_layer_sizes=10, random_state=0)),
        ]
    ).fit(*WINE)
    n = pipe["scann"].n_connections_
    assert n_connections(pipe) == 13 * 6 + n
    assert n_connections(pipe, include_reduction=False) == n
    assert EnergyModel(include_reduction=False).energy(pipe) == -energy_score(pipe["scann"])


def test_unfitted_reducer():
    with pytest.raises(NotFittedError):
        energy_score(DimReducer())
