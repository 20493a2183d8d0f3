"""Convolutions that are computed within areas: what they compute, count, keep and refuse."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from scann_sklearn.network import Topology
from scann_sklearn.network._convolution import SparseConv2d
from scann_sklearn.network._map_front import MapFront
from scann_sklearn.network._map_network import MapNetwork
from scann_sklearn.network._trained_front import TrainedFront
from scann_sklearn.synthesis import prune_connections

from ._maps import random_conv, random_map_network, with_area

RNG = np.random.default_rng


@st.composite
def layers(draw):
    """Any stride, padding and area."""
    rng = RNG(draw(st.integers(0, 2**16)))
    source = (draw(st.integers(1, 3)), draw(st.integers(3, 8)), draw(st.integers(3, 8)))
    options = {"stride": draw(st.integers(1, 3)), "padding": draw(st.integers(0, 2))}
    conv = random_conv(source, draw(st.integers(1, 4)), 3, 0.6, rng, **options)
    return with_area(conv, draw(st.sampled_from([0.0, 0.3, 0.7])), rng)


@settings(max_examples=50, deadline=None)
@given(layers(), st.booleans())
def test_it_is_the_whole_convolution_times_the_area(layer, rectified):
    rng, n = RNG(0), 3
    source = rng.standard_normal(layer.source.size * n)
    weight, bias = rng.standard_normal(layer.n_connections), rng.standard_normal(layer.n_maps)
    whole = replace(layer, area=None)
    inside = np.repeat(layer.area.ravel(), n)
    found = layer.forward(source, weight, bias, n, rectified=rectified)
    expected = whole.forward(source, weight, bias, n, rectified=rectified)
    np.testing.assert_allclose(found, np.where(inside, expected, 0), atol=1e-12)
    delta = np.where(inside, rng.standard_normal(len(inside)), 0)
    for mine, other in zip(
        layer.backward(source, weight, delta.copy(), n),
        whole.backward(source, weight, delta, n),
        strict=True,
    ):
        np.testing.assert_allclose(mine, other, atol=1e-12)


@given(layers())
def test_multiplications_are_those_within_the_area(layer):
    count, (n_maps, height, width) = 0, layer.target
    for target in range(n_maps):
        for j in range(layer.indptr[target], layer.indptr[target + 1]):
            _, dy, dx = layer.places[:, j]
            for y, x in zip(*np.nonzero(layer.area[target])):
                row, column = np.array([y, x]) * layer.stride + [dy, dx] - layer.padding
                count += 0 <= row < layer.source.height and 0 <= column < layer.source.width
    assert layer.n_multiplications == count
    assert layer.n_computed == layer.area.sum() <= n_maps * height * width
    spans = layer._spans
    columns = np.arange(width)
    without_gaps = (spans[..., :1] <= columns) & (columns < spans[..., 1:])
    assert (without_gaps | ~layer.area).all()
    assert layer.n_kernel_multiplications == replace(layer, area=without_gaps).n_multiplications
    every = replace(layer, area=np.ones_like(layer.area))
    assert every.n_multiplications == replace(layer, area=None).n_multiplications


def test_operations_keep_the_area():
    conv = with_area(random_conv((1, 6, 6), 4, 3, 0.5, RNG(0)), 0.5, RNG(1))
    network = random_map_network([conv], n_hidden=3)
    (grown,) = network.wake(network.dormant()).front.layers
    assert np.array_equal(grown.area, conv.area)
    flags = np.ones(network.n_connections, dtype=bool)
    flags[network.front.n_connections :] = network.topology.indices >= 2 * 16  # maps 0 and 1 go
    (kept,) = network.keep(flags).front.layers
    assert np.array_equal(kept.area, conv.area[2:])


def test_a_constant_that_is_zero_outside_of_an_area_stays():
    """Map 0 hears nothing. Everywhere it is a part of biases; in an area only, it stays."""
    for share in (None, 0.5):
        first = SparseConv2d.dense((1, 6, 6), 2, 3)
        first = first if share is None else with_area(first, share, RNG(0))
        front = MapFront((first, SparseConv2d.dense(first.target, 2, 3)))
        topology = Topology.dense(front.target.size, 2, n_hidden=0)
        network = MapNetwork.initialize_maps(front, topology, 0)
        network.bias[:] = 1
        keep = np.arange(network.n_connections) >= 9  # those of map 0 come first
        kept = network.keep(keep)
        assert [layer.n_maps for layer in kept.front.layers] == [1 + (share is not None), 2]
        X = RNG(1).random((5, 36))
        expected = replace(network, weight=np.where(keep, network.weight, 0)).decision_function(X)
        np.testing.assert_allclose(kept.decision_function(X), expected, atol=1e-12)


@pytest.mark.parametrize("padding", [0, 1])
def test_pruning_keeps_within_its_bound(padding):
    """Also where connections from constants would be left over."""
    for seed in range(20):
        rng = RNG(seed)
        first = random_conv((1, 7, 7), 4, 3, 0.3, rng)
        second = random_conv(first.target, 6, 3, 1.0, rng, padding=padding)
        first = first if padding else with_area(first, 0.5, rng)
        network = random_map_network([first, second], seed, 0.3, n_hidden=4)
        network.bias[: network.front.n_maps] += 2
        network.weight[: first.n_connections] *= 0.5
        assert prune_connections(network, 30).n_connections <= 30


def test_a_front_says_its_areas_and_keeps_them():
    conv = with_area(random_conv((1, 6, 6), 4, 3, 0.5, RNG(0)), 0.5, RNG(1))
    trained = TrainedFront.of(random_map_network([conv], n_hidden=3))
    assert f"connections at {conv.area.sum()} positions" in repr(trained)
    loaded = TrainedFront.__new__(TrainedFront)
    loaded.__setstate__(trained.__getstate__())
    assert np.array_equal(loaded.areas[0], conv.area)
    state = trained.__getstate__()
    del state["stages"][0]["area"]  # as files of before had it
    loaded.__setstate__(state)
    assert loaded.areas == [None]


@pytest.mark.parametrize(
    ("area", "message"),
    [
        (np.ones((2, 5, 5), bool), r"shape \(2, 4, 4\), as the maps are, got bool and \(2, 5, 5\)"),
        (np.ones((2, 4, 4)), "dtype bool .* got float64"),
        (np.arange(32).reshape(2, 4, 4) < 16, "area leaves map 1 without a position"),
    ],
)
def test_areas_that_don_t_fit(area, message):
    with pytest.raises(ValueError, match=message):
        replace(SparseConv2d.dense((1, 6, 6), 2, 3), area=area)
