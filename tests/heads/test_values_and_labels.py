"""Heads of values and of labels: losses, their gradients and twins, starts, answers."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import entropy
from sklearn.metrics import mean_absolute_error, mean_squared_error

from scann_sklearn.heads._bernoulli import Bernoulli
from scann_sklearn.heads._of_kind import head_of_kind
from scann_sklearn.heads._value_head import Absolute, Huber, Squared, value_head
from scann_sklearn.network import Network, Topology, _codes, _losses
from scann_sklearn.network._exponential import scratch
from scann_sklearn.network._torch_losses import TorchLoss
from scann_sklearn.training._objective import Objective

HEADS = {
    "squared": Squared(3),
    "absolute": Absolute(3),
    "huber": Huber(3, 0.7),
    "labels": Bernoulli(3),
    "one value": Squared(1),
}
every_head = pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
values = pytest.mark.parametrize("head", [h for h in HEADS.values() if h.kind == "values"])
seeds = given(seed=st.integers(0, 2**16))


def samples(head, seed, n=9):
    """Outputs, targets as `targets` takes them, weights."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, head.n_outputs)) * 2
    if head.kind == "labels":
        return z, rng.integers(0, 2, z.shape), rng.random(n)
    return z, rng.normal(size=z.shape), rng.random(n)


def numbers_of(head, smoothing=0.0):
    return {_codes.SMOOTHING: smoothing} | head.loss_numbers


def loss_and_delta(head, z, targets, dtype=np.float64):
    """Mean loss of the compiled kernel, and its gradient, samples x outputs."""
    n, numbers = len(z), np.zeros(_codes.N_NUMBERS, dtype)
    for place, number in numbers_of(head).items():
        numbers[place] = number
    delta = np.empty((head.n_outputs, n), dtype)
    total = _losses.batch_loss(
        head.loss, np.ascontiguousarray(z.T, dtype), targets.labels, targets.values,
        targets.sample_weight, numbers, delta, scratch(n, dtype), n,
    )  # fmt: skip
    return total / n, delta.T


def plain_loss(head, z, y, weight):
    """Written from the definitions."""
    error = z - y
    losses = {
        _codes.SQUARED: error**2 / 2,
        _codes.ABSOLUTE: np.abs(error),
        _codes.HUBER: np.where(np.abs(error) <= 0.7, error**2 / 2, 0.7 * (np.abs(error) - 0.35)),
        _codes.BERNOULLI: np.logaddexp(0, z) - y * z,
    }
    return (weight[:, None] * losses[head.loss]).sum() / len(z)


@every_head
@seeds
def test_kernel_twin_and_definition(head, seed):
    z, y, weight = samples(head, seed)
    targets = head.targets(y, weight)
    expected = plain_loss(head, z, y, weight)
    loss, delta = loss_and_delta(head, z, targets)
    assert loss == pytest.approx(expected)
    outputs = torch.tensor(z, requires_grad=True)
    target = (
        torch.as_tensor(targets.labels),
        torch.as_tensor(np.ascontiguousarray(targets.values.T)),
        torch.as_tensor(weight),
    )
    twin = TorchLoss(head.loss, numbers_of(head))(outputs, target)
    twin.backward()
    assert twin.item() == pytest.approx(expected)
    np.testing.assert_allclose(delta, outputs.grad.numpy(), atol=1e-12)


@every_head
def test_in_single_precision(head):
    z, y, weight = samples(head, 0)
    double = loss_and_delta(head, z, head.targets(y, weight))
    single = loss_and_delta(head, z, head.targets(y, weight, dtype=np.float32), np.float32)
    assert single[1].dtype == np.float32
    assert single[0] == pytest.approx(double[0], rel=1e-5)
    np.testing.assert_allclose(single[1], double[1], atol=1e-6)


@every_head
def test_a_perfect_prediction_has_no_gradient(head):
    z, y, weight = samples(head, 0)
    if head.kind == "labels":
        y = head.probabilities(z)
    else:
        z = y.copy()
    _, delta = loss_and_delta(head, z, head.targets(y, weight))
    np.testing.assert_allclose(delta, 0, atol=1e-12)


@every_head
@seeds
def test_the_start_is_the_best_constant(head, seed):
    """No other constant has a smaller loss."""
    _, y, weight = samples(head, seed, n=31)
    weight += 0.01
    targets = head.targets(y, weight)
    start = head.start_bias(targets)
    assert start.shape == (head.n_outputs,)

    def loss_of(constant, k):
        z = np.tile(start, (len(y), 1))
        z[:, k] = constant
        return plain_loss(head, z, y, weight)

    for k in range(head.n_outputs):
        best = minimize_scalar(loss_of, args=(k,), bounds=(-15, 15), method="bounded")
        assert loss_of(start[k], k) <= best.fun + 1e-6


def test_samples_without_weight_do_not_move_the_start():
    y, weight = np.array([[1.0], [2.0], [1e6]]), np.array([1.0, 1.0, 0.0])
    for name in ("squared_error", "absolute_error", "huber"):
        head = value_head(name, 1, 1.0)
        assert 1 <= head.start_bias(head.targets(y, weight))[0] <= 2


def test_huber_is_between_the_other_two():
    """With a large delta the squared error, with a small one delta times the absolute error."""
    z, y, weight = samples(Squared(3), 0)
    large, small = Huber(3, 100.0), Huber(3, 1e-6)
    assert loss_and_delta(large, z, large.targets(y, weight))[0] == pytest.approx(
        loss_and_delta(Squared(3), z, Squared(3).targets(y, weight))[0]
    )
    assert loss_and_delta(small, z, small.targets(y, weight))[0] == pytest.approx(
        1e-6 * loss_and_delta(Absolute(3), z, Absolute(3).targets(y, weight))[0], rel=1e-4
    )


def test_scikit_learn_s_errors():
    z, y, _ = samples(Squared(3), 1)
    squared, absolute = (loss_and_delta(h, z, h.targets(y))[0] for h in (Squared(3), Absolute(3)))
    assert squared == pytest.approx(3 * mean_squared_error(y, z) / 2)  # of three targets
    assert absolute == pytest.approx(3 * mean_absolute_error(y, z))


@every_head
def test_targets_and_back(head):
    _, y, weight = samples(head, 0)
    targets = head.targets(y, weight)
    assert targets.has_values
    assert len(targets) == 9
    np.testing.assert_allclose(head.target_array(targets), y)
    some = targets.take(np.array([4, 1]))
    np.testing.assert_allclose(head.target_array(some), y[[4, 1]])
    np.testing.assert_array_equal(some.sample_weight, weight[[4, 1]])


@every_head
def test_targets_that_do_not_fit(head):
    n = head.n_outputs
    for wrong in (np.ones((3, n + 1)), np.ones((0, n)), np.ones((3, n, 1))):
        with pytest.raises(ValueError, match=rf"y must have the shape \(n_samples, {n}\)"):
            head.targets(wrong)
    with pytest.raises(ValueError, match="3 sample weights for 2 samples"):
        head.targets(np.ones((2, n)), np.ones(3))


@values
def test_values_are_answered_as_they_are(head):
    z, y, _ = samples(head, 0)
    np.testing.assert_array_equal(head.predict(z), z[:, 0] if head.n_outputs == 1 else z)
    np.testing.assert_array_equal(head.answers(y), y[:, 0] if head.n_outputs == 1 else y)
    assert head.comparisons == 0
    assert not head.decides_by_sign
    assert len(head.output_names) == head.n_outputs
    with pytest.raises(AttributeError, match="values have no probabilities"):
        head.probabilities(z)


def test_labels_are_answered_as_indicators():
    head = HEADS["labels"]
    z, _, _ = samples(head, 0)
    z[0] = [800, -800, 0]
    p = head.probabilities(z)
    np.testing.assert_allclose(p[0], [1, 0, 0.5])
    np.testing.assert_array_equal(head.predict(z), p > 0.5)
    np.testing.assert_allclose(np.exp(head.log_probabilities(z)), p)
    assert head.comparisons == 3
    assert head.output_names == ["0", "1", "2"]


def test_labels_are_smoothed_and_probabilities_are_not():
    head, y = HEADS["labels"], np.array([[0, 1, 1]])
    np.testing.assert_allclose(head.targets(y, smoothing=0.2).values[:, 0], [0.1, 0.9, 0.9])
    np.testing.assert_allclose(head.targets(y * 1.0, smoothing=0.2).values[:, 0], [0, 1, 1])


def test_texts():
    assert [h.meaning for h in (Squared(1), Squared(2), Bernoulli(3))] == [
        "1 value",
        "2 values",
        "3 labels",
    ]
    assert repr(Huber(2, 1.35)) == "Huber(2)"
    assert repr(Bernoulli(3)) == "Bernoulli(3 labels)"


def test_heads_by_their_records():
    for head in (*HEADS.values(),):
        again = head_of_kind(head.kind, head.classes, head.n_outputs)
        assert (again.kind, again.n_outputs) == (head.kind, head.n_outputs)
        z, _, _ = samples(head, 0)
        np.testing.assert_array_equal(again.predict(z), head.predict(z))
    assert head_of_kind("classes", np.array([3, 4]), 1).n_outputs == 1
    with pytest.raises(
        ValueError, match="kind must be one of classes, labels, values, got 'exits'"
    ):
        head_of_kind("exits", np.array([]), 1)


@every_head
@seeds
def test_gradients_of_a_network(head, seed):
    """What growth looks at: the gradient with respect to outputs and hidden sums, by autograd."""
    rng = np.random.default_rng(seed)
    network = Network.initialize(Topology.dense(4, head.n_outputs, n_hidden=5), rng)
    X = rng.normal(size=(9, 4))
    _, y, weight = samples(head, seed)
    objective = Objective(X, head.targets(y, weight), head)
    (signals,) = objective.gradients(network)
    _, delta = loss_and_delta(head, network.decision_function(X), objective.targets)
    np.testing.assert_allclose(signals.delta[network.n_hidden :], delta.T, atol=1e-12)


def test_entropy_of_labels_and_values():
    head = Bernoulli(2)
    y = np.array([[0, 1]] * 9 + [[1, 1]] + [[0, 0]] * 10)
    assert head.entropy(head.targets(y)) == pytest.approx((entropy([1, 19], base=2) + 1) / 2)
    head = Squared(1)
    assert head.entropy(head.targets(np.ones((3, 1)))) == 1
