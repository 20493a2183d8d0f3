"""Areas of convolutions: which positions are kept, and what is learnt with half of them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import copy
import pickle
import re
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import skops.io
import torch
from hypothesis import given, settings, strategies as st
from sklearn.datasets import load_digits

from scann_sklearn import Conv2d, ConvFrontEnd, MaxPool2d, SCANNClassifier
from scann_sklearn.export import SparseModel, skops_trusted_types, to_onnx
from scann_sklearn.metrics import EnergyModel, flops, n_bytes
from scann_sklearn.network import Network, Topology
from scann_sklearn.synthesis import RestrictAreas, SchemeC, restrict_areas, set_areas
from tests.classifier._helpers import SHORT
from tests.network._maps import Twin, map_networks, random_images
from tests.network.test_map_network import dense, images

X, Y = load_digits(return_X_y=True)


class WithAreas(SchemeC):
    """Scheme C that leaves out half of the positions when the seed is trained."""

    def next_round(self, view, goal):
        steps = super().next_round(view, goal)
        return [*steps, RestrictAreas(0.5, self.epochs)] if view.number == 0 else steps


@pytest.fixture(scope="module")
def fits():
    """With all positions, and with half of them."""
    front_end = ConvFrontEnd([Conv2d(6, 3), MaxPool2d(2)], input_shape=(1, 8, 8))
    options = {"hidden_layer_sizes": (10,), "learning_rate_init": 0.03, "random_state": 0}
    return [
        SCANNClassifier(scheme(**SHORT), n_connections=200, front_end=front_end, **options).fit(
            X[:1000], Y[:1000]
        )
        for scheme in (SchemeC, WithAreas)
    ]


def problem(network, n=17, seed=0):
    rng = np.random.default_rng(seed)
    return images(network, n, seed), rng.integers(network.topology.n_outputs, size=n)


def importance(network, X, y):
    """Mean of abs(value · gradient) at each position of the first convolution, by torch."""
    layer, twin = network.front.layers[0], Twin(network)
    source = torch.as_tensor(X).reshape(-1, *layer.source)
    kernel = torch.zeros(layer.n_maps * layer.n_sources, dtype=source.dtype)
    kernel[torch.as_tensor(layer.own_places())] = twin.weight[: layer.n_connections].detach()
    bias = twin.bias[: layer.n_maps].detach()
    sums = torch.nn.functional.conv2d(source, kernel.reshape(layer.kernel_shape), bias)
    sums.requires_grad_()
    behind = replace(
        network,
        front=replace(network.front, stages=network.front.stages[1:]),
        weight=network.weight[layer.n_connections :],
        bias=network.bias[layer.n_maps :],
    )
    outputs = Twin(behind)(sums.relu())
    torch.nn.functional.cross_entropy(outputs, torch.as_tensor(y), reduction="sum").backward()
    return (sums * sums.grad).abs().sum(dim=0).detach().numpy()


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_the_most_important_positions_are_kept(share):
    network = dense(seed=2).without_moments()
    X, y = problem(network)
    (first, *_) = restrict_areas(network, X, y, share).front.layers
    score = importance(network, X, y)
    best = score >= score.max(axis=(1, 2), keepdims=True)  # of each map: it is kept
    assert (first.area | ~best).all()
    assert first.area.sum() == round(share * first.area.size)
    assert score[first.area & ~best].min() >= score[~first.area].max() - 1e-12


@settings(max_examples=30, deadline=None)
@given(map_networks(), st.sampled_from([0.01, 0.3, 0.7]), st.integers(0, 99))
def test_areas_shrink_and_nothing_else_changes(network, share, seed):
    if not network.front.layers:
        return
    X, y = random_images(network, 9, seed)
    restricted = restrict_areas(network, X, y, share)
    assert np.array_equal(restricted.weight, network.weight)
    for before, after in zip(network.front.layers, restricted.front.layers, strict=True):
        n = max(round(share * after.target.size), after.n_maps)
        assert after.n_computed == min(n, before.n_computed)
        if before.area is not None and after.area is not None:
            assert not (after.area & ~before.area).any()
    assert restricted.n_multiplications <= network.n_multiplications
    assert restrict_areas(network, X, y, 1) is network


def test_areas_that_are_given():
    network = dense()
    first, last = network.front.layers
    area = np.ones(first.target, bool)
    area[:, 3:] = False
    chosen = set_areas(network, [area, None])
    assert np.array_equal(chosen.front.layers[0].area, area)
    whole = set_areas(chosen, [np.ones(first.target, bool), np.ones(last.target, bool)])
    assert [layer.area for layer in whole.front.layers] == [None, None]
    X = images(network)
    np.testing.assert_array_equal(whole.decision_function(X), network.decision_function(X))


@pytest.mark.parametrize("share", [0, -0.5, 1.5, np.nan, "half", True])
def test_shares_out_of_range(share):
    network = dense()
    with pytest.raises(ValueError, match=f"share must be a number above 0 .* got {share!r}"):
        restrict_areas(network, *problem(network), share)
    with pytest.raises(ValueError, match=f"share must be a number above 0 .* got {share!r}"):
        RestrictAreas(share, 1)


def test_the_step_of_a_network_without_convolutions():
    with pytest.raises(ValueError, match=r"needs a network with convolutions \(a front_end\), got"):
        SCANNClassifier(WithAreas(**SHORT)).fit(X[:300], Y[:300])


def test_networks_and_areas_that_don_t_fit():
    network = dense()
    neurons = Network.initialize(Topology.dense(4, 3, n_hidden=2), 0)
    with pytest.raises(ValueError, match="restrict_areas needs a network with convolutions"):
        restrict_areas(neurons, np.zeros((3, 4)), np.arange(3), 0.5)
    with pytest.raises(ValueError, match="set_areas needs a network with convolutions"):
        set_areas(dense(("max",)), [])
    with pytest.raises(ValueError, match="areas must hold 2, one per convolution, got 1"):
        set_areas(network, [None])
    too_large = np.ones((4, 14, 13), bool)
    with pytest.raises(ValueError, match=r"areas\[0\]: .* \(4, 12, 11\), .* \(4, 14, 13\)"):
        set_areas(network, [too_large, None])


def test_digits_are_learnt_with_half_of_the_positions(fits):
    """Fewer multiplications and less energy; the bits of the area take up memory."""
    whole, half = fits
    (area,) = half.front_end_.areas
    assert whole.front_end_.areas == [None]
    assert 0.3 < area.mean() < 0.7  # half of those of 6 maps, some of which are gone
    scores = [clf.score(X[1000:], Y[1000:]) for clf in fits]
    assert scores[1] > scores[0] - 0.06
    assert [r["operation"] for r in half.history_ if r["round"] == 0][-1] == "restrict areas"
    (layer,) = half.front_end_.layers.layers
    positions = area.sum(axis=(1, 2))[layer.targets].sum()
    everywhere = without_areas(half)
    assert flops(half) == 2 * (positions + half.weights_.nnz)
    assert flops(everywhere) == 2 * (36 * layer.n_connections + half.weights_.nnz)
    energy = EnergyModel().energy
    assert energy(half) < energy(everywhere)
    assert n_bytes(half) - n_bytes(everywhere) == 5 * len(area)  # 36 bits each


def test_the_summary_says_how_many_positions_are_computed(fits):
    whole, half = (clf.summary() for clf in fits)
    (area,) = fits[1].front_end_.areas
    assert half.positions_by_layer == ((area.sum(), area.size),)
    assert re.search(rf"  positions computed +{area.sum()} of {area.size}\n", str(half))
    assert "positions" not in str(whole)


def without_areas(clf):
    """The same network with all positions."""
    model = clf._fitted_model()
    return replace(model, network=set_areas(model.network, [None]))


@pytest.mark.parametrize("dump", ["pickle", "skops", "npz", "torch", "onnx"])
def test_whatever_it_is_saved_as_says_the_same(fits, tmp_path, dump):
    clf = fits[1]
    if dump == "pickle":
        found = pickle.loads(pickle.dumps(clf)).predict_proba(X)
    elif dump == "skops":
        trusted = [*skops_trusted_types(), f"{WithAreas.__module__}.{WithAreas.__qualname__}"]
        loaded = skops.io.loads(skops.io.dumps(clf), trusted=trusted)
        assert np.array_equal(loaded.front_end_.areas[0], clf.front_end_.areas[0])
        found = loaded.predict_proba(X)
    elif dump == "npz":
        SparseModel.from_estimator(clf).save(tmp_path / "digits.npz")
        found = SparseModel.load(tmp_path / "digits.npz").predict_proba(X)
    elif dump == "torch":
        outputs = clf.to_torch()(torch.tensor(X, dtype=torch.float32))
        found = outputs.softmax(dim=1).detach().numpy()
    else:
        session = onnxruntime.InferenceSession(to_onnx(clf).SerializeToString())
        found = session.run(["probabilities"], {"X": X.astype(np.float32)})[0]
    np.testing.assert_allclose(found, clf.predict_proba(X), atol=1e-5)


def test_a_warm_start_goes_on_within_the_areas(fits):
    clf = copy.deepcopy(fits[1]).set_params(warm_start=True, scheme=SchemeC(**SHORT))
    before = clf.front_end_.areas[0].sum()
    (area,) = clf.fit(X[:1000], Y[:1000]).front_end_.areas
    assert area.sum() <= before
