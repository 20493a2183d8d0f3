"""What every head promises: targets, losses, probabilities and decisions fit together."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st
from scipy.stats import entropy

from scann_sklearn.heads._classes import class_head, numbered_head
from scann_sklearn.network import Network, Topology, _codes, _losses
from scann_sklearn.network._exponential import scratch
from scann_sklearn.network._saturation import finite_outputs
from scann_sklearn.network._torch_losses import TorchLoss

HEADS = {
    "logistic": class_head(np.array(["no", "yes"])),
    "softmax": class_head(np.array([3, 5, 8, 13])),
    "softmax of two": class_head(np.array(["no", "yes"]), n_outputs=2),
}
every_head = pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)


def outputs_of(head, seed, n_samples=7):
    return np.random.default_rng(seed).normal(size=(n_samples, head.n_outputs)) * 3


def labels_of(head, seed, n_samples=7):
    return np.random.default_rng(seed).integers(0, len(head.classes), n_samples)


def loss_and_delta(head, outputs, targets):
    """Mean loss of the compiled kernel, and its gradient, samples x outputs."""
    n = len(outputs)
    numbers = np.zeros(_codes.N_NUMBERS)
    numbers[_codes.SMOOTHING] = targets.smoothing
    delta = np.empty((head.n_outputs, n))
    total = _losses.batch_loss(
        head.loss, np.ascontiguousarray(outputs.T), targets.labels, targets.values,
        targets.sample_weight, numbers, delta, scratch(n, np.float64), n,
    )  # fmt: skip
    return total / n, delta.T


@every_head
@given(seed=st.integers(0, 2**16))
def test_the_decision_is_the_most_probable_class(head, seed):
    z = outputs_of(head, seed)
    probabilities = head.probabilities(z)
    assert probabilities.shape == (7, len(head.classes))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_array_equal(head.predict(z), head.classes[probabilities.argmax(axis=1)])
    np.testing.assert_allclose(np.exp(head.log_probabilities(z)), probabilities)
    assert head.decides_by_sign == (head.n_outputs == 1)
    assert len(head.output_names) == head.n_outputs


@every_head
def test_the_link_gives_the_probabilities(head):
    topology = Topology.dense(3, head.n_outputs, n_hidden=2)
    network = Network.initialize(topology, 0)
    X = np.random.default_rng(0).normal(size=(5, 3))
    found = finite_outputs(
        X, head.n_outputs, *topology.csr, network.weight, network.bias, link=head.link
    )
    np.testing.assert_allclose(found, head.probabilities(network.decision_function(X)))


@every_head
@given(seed=st.integers(0, 2**16), smoothing=st.sampled_from([0.0, 0.1, 0.5]))
def test_the_loss_is_the_cross_entropy_of_the_probabilities(head, seed, smoothing):
    z, y, n_classes = outputs_of(head, seed), labels_of(head, seed), len(head.classes)
    weight = np.random.default_rng(seed).random(7)
    hot = (1 - smoothing) * np.eye(n_classes)[y] + smoothing / n_classes
    expected = -(weight[:, None] * hot * head.log_probabilities(z)).sum() / 7
    by_labels = head.targets(y, weight, smoothing)
    by_values = head.targets(hot, weight)
    for targets in (by_labels, by_values):
        loss, delta = loss_and_delta(head, z, targets)
        assert loss == pytest.approx(expected)
        outputs = torch.tensor(z, requires_grad=True)
        values = torch.as_tensor(targets.values.T) if targets.has_values else None
        target = (torch.as_tensor(targets.labels), values, torch.as_tensor(weight))
        twin = TorchLoss(head.loss, {_codes.SMOOTHING: targets.smoothing})(outputs, target)
        twin.backward()
        assert twin.item() == pytest.approx(expected)
        np.testing.assert_allclose(delta, outputs.grad.numpy(), atol=1e-12)


@every_head
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_start_is_the_best_constant_prediction(head, smoothing):
    """The gradient of the mean loss with respect to the output biases is zero there."""
    y = np.append(np.arange(len(head.classes)), labels_of(head, 0, 30))
    weight = np.random.default_rng(1).random(len(y)) + 0.1
    targets = head.targets(y, weight, smoothing)
    constant = np.tile(head.start_bias(targets), (len(y), 1))
    _, delta = loss_and_delta(head, constant, targets)
    np.testing.assert_allclose(delta.sum(axis=0), 0, atol=1e-12)


def test_entropy_of_the_class_shares():
    for shares in ([1, 1], [9, 1], [1, 1, 1, 1], [97, 2, 1]):
        head = class_head(np.arange(len(shares)))
        y = np.repeat(np.arange(len(shares)), shares)
        found = head.entropy(head.targets(y))
        assert found == pytest.approx(entropy(shares, base=2))
        weighted = head.targets(np.arange(len(shares)), np.array(shares, float))
        assert head.entropy(weighted) == pytest.approx(found)


@every_head
def test_a_class_without_samples_starts_at_a_finite_bias(head):
    bias = head.start_bias(head.targets(np.zeros(4, int)))
    assert np.isfinite(bias).all()
    assert head.decide(bias[None]) == 0


@every_head
def test_targets_and_back(head):
    y = labels_of(head, 0)
    targets = head.targets(y, np.arange(7.0))
    assert not targets.has_values
    np.testing.assert_array_equal(head.target_array(targets), y)
    some = targets.take(np.array([4, 1]))
    np.testing.assert_array_equal(some.labels, y[[4, 1]])
    np.testing.assert_array_equal(some.sample_weight, [4, 1])
    shares = head.probabilities(outputs_of(head, 1))
    targets = head.targets(shares, labels=y)
    assert targets.has_values
    np.testing.assert_array_equal(targets.labels, y)
    np.testing.assert_allclose(head.target_array(targets), shares)
    some = targets.take(np.array([4, 1]))
    np.testing.assert_allclose(head.target_array(some), shares[[4, 1]])
    np.testing.assert_array_equal(
        head.targets(shares).labels, shares.argmax(axis=1)
    )  # where nobody says


@every_head
def test_targets_that_do_not_fit(head):
    n = len(head.classes)
    for wrong, message in (
        (np.array([0, n]), f"from 0 to {n - 1}, got int64 from 0 to {n}"),
        (np.array([0, -1]), "got int64 from -1 to 0"),
        (np.array([0.5, 1]), "must hold integers"),
        (np.array([], int), "at least one label"),
        (np.ones((3, n + 1)), rf"shape \(n_samples, {n}\)"),
        (np.ones((3, n, 1)), "distributions"),
        (np.ones((0, n)), "distributions"),
    ):
        with pytest.raises(ValueError, match=message):
            head.targets(wrong)
    with pytest.raises(ValueError, match="3 sample weights for 2 samples"):
        head.targets(np.array([0, 1]), np.ones(3))


def test_two_classes_need_one_output():
    assert [class_head(np.arange(n)).n_outputs for n in (2, 3, 10)] == [1, 3, 10]
    assert [numbered_head(n).n_outputs for n in (1, 2, 3)] == [1, 2, 3]
    assert [len(numbered_head(n).classes) for n in (1, 2, 3)] == [2, 2, 3]
    assert [head.comparisons for head in HEADS.values()] == [1, 3, 1]
    assert repr(HEADS["softmax"]) == "Softmax(4 classes)"
