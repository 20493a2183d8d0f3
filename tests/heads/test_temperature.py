"""Temperatures make probabilities fit data, and change no answer."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from sklearn.metrics import log_loss

from scann_sklearn.heads._bernoulli import Bernoulli
from scann_sklearn.heads._classes import class_head
from scann_sklearn.heads._temperature import softmax_temperature


def drawn(rng, n_samples, n_classes, sharpness):
    """Outputs, and labels that follow the softmax of sharpness times the outputs."""
    outputs = rng.normal(size=(n_samples, n_classes))
    p = np.exp(sharpness * outputs)
    p /= p.sum(axis=1, keepdims=True)
    labels = (rng.random((n_samples, 1)) > p.cumsum(axis=1)).sum(axis=1)
    return outputs, np.minimum(labels, n_classes - 1)


@pytest.mark.parametrize("n_classes", [2, 3, 10])
@pytest.mark.parametrize("sharpness", [0.3, 1.0, 4.0])
def test_the_temperature_of_the_data_is_found(n_classes, sharpness):
    outputs, y = drawn(np.random.default_rng(0), 20_000, n_classes, sharpness)
    found = softmax_temperature(outputs, y, np.ones(len(y)))
    assert found == pytest.approx(1 / sharpness, rel=0.1)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 1000), st.integers(2, 6), st.floats(0.1, 8))
def test_no_other_temperature_has_a_lower_loss(seed, n_classes, sharpness):
    rng = np.random.default_rng(seed)
    outputs, y = drawn(rng, 200, n_classes, sharpness)
    weight = rng.integers(1, 4, 200)
    found = softmax_temperature(outputs, y, weight)

    def loss(temperature):
        p = np.exp((outputs - outputs.max(axis=1, keepdims=True)) / temperature)
        p = np.clip(p / p.sum(axis=1, keepdims=True), 1e-300, 1)
        return log_loss(y, p, sample_weight=weight, labels=np.arange(n_classes))

    # one sample of no class counts too: about a two-hundredth
    assert loss(found) <= min(loss(0.8 * found), loss(1.25 * found)) + 0.02


def test_no_error_means_some_doubt():
    outputs, _ = drawn(np.random.default_rng(0), 100, 3, 1.0)
    certain = softmax_temperature(outputs, outputs.argmax(axis=1), np.ones(100))
    more_certain = softmax_temperature(
        np.tile(outputs, (9, 1)), np.tile(outputs.argmax(axis=1), 9), np.ones(900)
    )
    assert 0.02 < more_certain < certain < 1


def test_outputs_that_say_the_wrong_or_nothing():
    outputs, _ = drawn(np.random.default_rng(0), 100, 3, 1.0)
    assert softmax_temperature(outputs, outputs.argmin(axis=1), np.ones(100)) == 50
    assert softmax_temperature(np.zeros((9, 3)), np.arange(9) % 3, np.ones(9)) == 1


def test_the_largest_outputs_there_are():
    outputs = np.finfo(float).max * np.array([[1.0, -1.0, 0.5], [-1.0, 1.0, -1.0]])
    assert softmax_temperature(outputs, outputs.argmax(axis=1), np.ones(2)) == 50
    assert softmax_temperature(outputs, outputs.argmin(axis=1), np.ones(2)) == 50
    outputs = np.array([[np.inf, -np.inf, 1.0], [np.inf, np.nan, np.inf]])
    assert 0.02 <= softmax_temperature(outputs, np.array([0, 1]), np.ones(2)) <= 50


def test_weights_are_repetitions():
    rng = np.random.default_rng(1)
    outputs, y = drawn(rng, 300, 4, 2.0)
    times = rng.integers(0, 3, 300)
    repeated = softmax_temperature(
        outputs.repeat(times, axis=0), y.repeat(times), np.ones(times.sum())
    )
    weighted = softmax_temperature(outputs, y, times.astype(float))
    assert weighted == pytest.approx(repeated, rel=0.02)


@pytest.mark.parametrize("n_classes", [2, 5])
def test_heads_divide_all_outputs_alike(n_classes):
    outputs, y = drawn(np.random.default_rng(0), 500, n_classes, 3.0)
    head = class_head(np.arange(n_classes))
    own = outputs[:, 1:] - outputs[:, :1] if n_classes == 2 else outputs
    found = head.temperatures(own, y, np.ones(500))
    assert found.shape == (head.n_outputs,)
    assert np.ptp(found) == 0
    assert (head.decide(own / found) == head.decide(own)).all()


def test_labels_have_temperatures_of_their_own():
    rng = np.random.default_rng(0)
    outputs = rng.normal(size=(5000, 2))
    y = (rng.random((5000, 2)) < 1 / (1 + np.exp(-outputs * [4.0, 0.5]))).astype(int)
    found = Bernoulli(2).temperatures(outputs, y, np.ones(5000))
    np.testing.assert_allclose(found, [0.25, 2], rtol=0.15)


@pytest.mark.parametrize("scale", [2.0**-1000, 2.0**1000])
def test_the_scale_of_weights_is_no_matter(scale):
    """Nor is it that their squares are no numbers any more."""
    rng = np.random.default_rng(0)
    z, y, weight = rng.normal(size=(50, 3)), rng.integers(0, 3, 50), rng.uniform(1, 2, 50)
    expected = softmax_temperature(z, y, weight)
    assert softmax_temperature(z, y, weight * scale) == expected
