"""The head of early exits: its loss by three means, and who leaves where."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st

from scann_sklearn.heads._classes import class_head
from scann_sklearn.heads._exits import Exits
from scann_sklearn.network import _codes, _losses
from scann_sklearn.network._exponential import scratch
from scann_sklearn.network._torch_losses import TorchLoss

INNER = {
    "logistic": class_head(np.array(["no", "yes"])),
    "softmax": class_head(np.array([3, 5, 8, 13])),
}
every_inner = pytest.mark.parametrize("inner", INNER.values(), ids=INNER)


def outputs_of(head, seed, n_samples=7):
    return np.random.default_rng(seed).normal(size=(n_samples, head.n_outputs)) * 3


def targets_of(head, seed, smoothing, soft):
    rng, n_classes = np.random.default_rng(seed), len(head.classes)
    y = rng.integers(0, n_classes, 7)
    if soft:
        return head.targets(rng.dirichlet(np.ones(n_classes), 7), rng.random(7), labels=y)
    return head.targets(y, rng.random(7), smoothing)


def by_kernel(head, outputs, targets, dtype=np.float64):
    """Mean loss and its gradient, samples x outputs, by the compiled kernel."""
    n = len(outputs)
    numbers = np.zeros(_codes.N_NUMBERS, dtype)
    for code, number in ({_codes.SMOOTHING: targets.smoothing} | head.loss_numbers).items():
        numbers[code] = number
    delta = np.empty((head.n_outputs, n), dtype)
    loss = _losses.batch_loss(
        head.loss, np.ascontiguousarray(outputs.T, dtype), targets.labels,
        targets.values.astype(dtype), targets.sample_weight.astype(dtype), numbers, delta,
        scratch(n, dtype), n,
    )  # fmt: skip
    return loss / n, delta.T


def by_definition(head, outputs, targets):
    """The same from the formula, by autograd of plain operations."""
    z = torch.tensor(outputs, requires_grad=True)
    distributions = head.target_array(targets)
    if distributions.ndim == 1:
        hot = np.eye(len(head.classes))[distributions]
        distributions = (1 - targets.smoothing) * hot + targets.smoothing / len(head.classes)
    y, weight = torch.tensor(distributions), torch.tensor(targets.sample_weight)

    def log_p(part, temperature=1.0):
        if part.shape[1] == 1:
            part = torch.cat([torch.zeros_like(part), part], dim=1)
        return torch.log_softmax(part / temperature, dim=1)

    *shallow, deepest = torch.chunk(z, head.n_exits, dim=1)
    T, share = head.temperature, head.distillation
    losses = -(y * log_p(deepest)).sum(1)
    q = log_p(deepest.detach(), T).exp()
    for part in shallow:
        losses = losses - (1 - share) * (y * log_p(part)).sum(1)
        losses = losses + share * T**2 * (q * (q.log() - log_p(part, T))).sum(1)
    loss = (weight * losses).mean()
    loss.backward()
    return loss.item(), z.grad.numpy()


@every_inner
@given(
    n_exits=st.integers(2, 4),
    seed=st.integers(0, 2**16),
    distillation=st.sampled_from([0.0, 0.5, 1.0]),
    temperature=st.sampled_from([1.0, 3.0]),
    smoothing=st.sampled_from([0.0, 0.2]),
    soft=st.booleans(),
)
def test_the_loss(inner, n_exits, seed, distillation, temperature, smoothing, soft):
    head = Exits(inner, n_exits, distillation, temperature)
    z, targets = outputs_of(head, seed), targets_of(head, seed, smoothing, soft)
    expected, slope = by_definition(head, z, targets)
    loss, delta = by_kernel(head, z, targets)
    assert loss == pytest.approx(expected)
    np.testing.assert_allclose(delta, slope, atol=1e-12)
    single, single_delta = by_kernel(head, z, targets, np.float32)
    assert single == pytest.approx(expected, rel=1e-4, abs=1e-4)
    np.testing.assert_allclose(single_delta, slope, atol=1e-5)
    outputs = torch.tensor(z, requires_grad=True)
    values = torch.as_tensor(targets.values.T) if targets.has_values else None
    numbers = {_codes.SMOOTHING: targets.smoothing} | head.loss_numbers
    target = (torch.as_tensor(targets.labels), values, torch.as_tensor(targets.sample_weight))
    twin = TorchLoss(head.loss, numbers)(outputs, target)
    twin.backward()
    assert twin.item() == pytest.approx(expected)
    np.testing.assert_allclose(outputs.grad.numpy(), slope, atol=1e-12)


@every_inner
@pytest.mark.kernel_coverage
def test_the_kernel_in_pure_python(inner):
    head = Exits(inner, 3)
    z, targets = outputs_of(head, 0), targets_of(head, 0, 0.1, False)
    expected, slope = by_definition(head, z, targets)
    loss, delta = by_kernel(head, z, targets)
    assert loss == pytest.approx(expected)
    np.testing.assert_allclose(delta, slope, atol=1e-12)


@every_inner
@given(seed=st.integers(0, 2**16), n_exits=st.integers(2, 4))
def test_who_leaves_where(inner, seed, n_exits):
    thresholds = np.random.default_rng(seed).uniform(0.3, 1, n_exits - 1)
    head = Exits(inner, n_exits, thresholds=thresholds)
    z = outputs_of(head, seed, 20)
    each = [inner.probabilities(part) for part in head.parts(z)]
    for i, (found, exit_) in enumerate(zip(head.probabilities(z), head.exit_of(z), strict=True)):
        sure = [e for e in range(n_exits - 1) if each[e][i].max() > thresholds[e]]
        expected = each[sure[0]][i] if sure else np.mean([p[i] for p in each], axis=0)
        assert exit_ == (sure[0] if sure else n_exits - 1)
        np.testing.assert_allclose(found, expected)
    np.testing.assert_allclose(np.exp(head.log_probabilities(z)), head.probabilities(z))
    np.testing.assert_array_equal(
        head.predict(z), head.classes[head.probabilities(z).argmax(axis=1)]
    )
    everyone = head.with_thresholds(np.zeros(n_exits - 1))
    np.testing.assert_allclose(everyone.probabilities(z), each[0])
    nobody = head.with_thresholds(np.ones(n_exits - 1))
    assert (nobody.exit_of(z) == n_exits - 1).all()


@every_inner
def test_the_start_is_the_best_constant_prediction(inner):
    head = Exits(inner, 3)
    targets = targets_of(head, 1, 0.1, False)
    constant = np.tile(head.start_bias(targets), (7, 1))
    _, delta = by_kernel(head, constant, targets)
    np.testing.assert_allclose(delta.sum(axis=0), 0, atol=1e-12)
    assert head.entropy(targets) == pytest.approx(inner.entropy(targets))


@every_inner
def test_temperatures_are_those_of_each_exit(inner):
    head = Exits(inner, 2)
    z, y = outputs_of(head, 0, 50), np.random.default_rng(0).integers(0, len(inner.classes), 50)
    found = head.temperatures(z, y, np.ones(50))
    parts = [inner.temperatures(part, y, np.ones(50)) for part in head.parts(z)]
    np.testing.assert_array_equal(found, np.concatenate(parts))
    assert len(found) == head.n_outputs == len(head.output_names)


def test_words():
    head = Exits(INNER["softmax"], 2)
    assert head.meaning == "4 classes, 2 exits"
    assert head.output_names[:2] == ["3 (exit 1)", "5 (exit 1)"]
    assert repr(head) == "Exits(2 x Softmax(4 classes))"
