"""Filters of convolutions, drawn and counted."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from sklearn.datasets import load_digits

from scann_sklearn import Conv2d, ConvFrontEnd, MaxPool2d, SCANNClassifier, SchemeC
from scann_sklearn.inspection import ArchitectureDisplay, FilterDisplay

pytest.importorskip("matplotlib").use("Agg")
X, Y = load_digits(return_X_y=True)


@pytest.fixture(scope="module")
def fitted():
    layers = [Conv2d(4, 3), MaxPool2d(2), Conv2d(5, 2)]
    return SCANNClassifier(
        SchemeC(initial_epochs=5, epochs=3, iterations=1),
        front_end=ConvFrontEnd(layers, input_shape=(1, 8, 8)),
        hidden_layer_sizes=(10,),
        n_connections=150,
        validation_fraction=0.1,
        random_state=0,
    ).fit(X[:500], Y[:500])


def test_every_connection_of_a_convolution_is_a_cell(fitted):
    display = FilterDisplay.from_estimator(fitted).plot()
    assert len(display.axes_) == 2
    layers = fitted.front_end_.layers.layers
    for image, layer in zip(display.images_, layers, strict=True):
        cells = np.asarray(image.get_array().filled(np.nan))
        assert np.isfinite(cells).sum() == layer.n_connections
        rows, columns = layer.source.n_maps, layer.n_maps
        assert cells.shape == tuple(n * (layer.kernel_size + 1) - 1 for n in (rows, columns))
    first = fitted.front_end_.filters[0][0, 0]
    cells = display.images_[0].get_array().filled(0)
    np.testing.assert_array_equal(cells[:3, :3], first)


def test_axes_of_the_user(fitted):
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(2)
    assert FilterDisplay.from_estimator(fitted).plot(axes).axes_ == list(axes)
    with pytest.raises(ValueError, match="2 convolutions, but 1 axes"):
        FilterDisplay.from_estimator(fitted).plot(axes[:1])


def test_without_convolutions_there_is_nothing_to_draw():
    clf = SCANNClassifier(n_connections=20, random_state=0).fit(X[:100, 20:30], Y[:100] > 4)
    with pytest.raises(ValueError, match="without a front_end"):
        FilterDisplay.from_estimator(clf)


def test_the_summary_counts_maps_and_their_connections(fitted):
    summary = fitted.summary()
    layers = fitted.front_end_.layers.layers
    assert summary.maps_by_layer == tuple(layer.n_maps for layer in layers)
    kinds = summary.connections_by_kind
    assert (kinds["image → map"], kinds["map → map"]) == tuple(n.n_connections for n in layers)
    assert summary.n_connections == fitted.n_connections_
    assert summary.depth == fitted.depth_
    assert summary.n_inputs_used == fitted.n_inputs_used_
    assert "Maps of convolution 2" in str(summary)


def test_the_neurons_behind_are_drawn(fitted):
    for given in (None, X[:50], X[:50].reshape(-1, 1, 8, 8)):
        display = ArchitectureDisplay.from_estimator(fitted, given)
        assert display.name == "SCANNClassifier behind its maps"
        assert len(display.strength) == fitted.weights_.nnz
        assert display.feature_names[0] == "map 0 (0, 0)"
        assert len(display.feature_names) == fitted.front_end_.layers.target.size
    assert len(display.plot().connections_.get_segments()) == fitted.weights_.nnz
