"""The order of the samples: nothing changes for few, and of many an epoch is a part."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st

from scann_sklearn.training._order import GROUP, Order
from scann_sklearn.training._trainer import Trainer

from ..network._nets import assert_close
from ._run import options_of
from .test_trainer import TOPOLOGIES, fresh, ignore, samples_for, train, train_plainly

COUNTS = st.integers(1, 60)


def epochs_of(n_samples, n_epochs, seed=0, **parameters):
    order = Order(n_samples, options_of(n_samples, **parameters), np.random.default_rng(seed))
    return [order.next() for _ in range(n_epochs)]


def plain_order(n_samples, rng):
    """Fisher and Yates, from the end, with a random number for each sample."""
    order, uniform = list(range(n_samples)), rng.random(n_samples)
    for i in range(n_samples - 1, 0, -1):
        j = int(uniform[i] * (i + 1))
        order[i], order[j] = order[j], order[i]
    return order


@given(COUNTS, st.integers(0, 60), st.none() | st.just(0), st.integers(0, 2**32))
def test_nothing_changes_below_the_limit(n_samples, more, none, seed):
    limit = none if none is None else n_samples + more
    found = epochs_of(n_samples, 3, seed, max_epoch_samples=limit, batch_size=1)
    rng = np.random.default_rng(seed)
    for order in found:
        expected = plain_order(n_samples, rng) if n_samples > 1 else [0]
        assert order.tolist() == expected


@given(COUNTS, COUNTS, COUNTS, st.integers(1, 8), st.integers(0, 2**32))
def test_every_sample_has_its_turn_before_any_has_a_second(n_samples, limit, batch, epochs, seed):
    found = epochs_of(n_samples, epochs, seed, max_epoch_samples=limit, batch_size=batch)
    size = min(n_samples, max(limit, batch))
    assert [len(order) for order in found] == [size] * epochs
    seen = np.concatenate(found)
    for start in range(0, len(seen), n_samples):
        passed = seen[start : start + n_samples]
        assert len(np.unique(passed)) == len(passed)
        assert 0 <= passed.min() <= passed.max() < n_samples


def test_every_order_of_groups_is_as_probable():
    """Of four groups, two at a time: 24 orders of all in two epochs."""
    n_samples = 4 * GROUP - 1
    options = options_of(n_samples, max_epoch_samples=2 * GROUP, batch_size=1)
    rng, counts = np.random.default_rng(0), {}
    for _ in range(4800):
        order = Order(n_samples, options, rng)
        both = np.concatenate([order.next(), order.next()])[:n_samples]
        starts = np.flatnonzero(both % GROUP == 0)
        groups = tuple(both[starts] // GROUP)
        expected = np.concatenate([np.arange(g * GROUP, (g + 1) * GROUP) for g in groups])
        assert np.array_equal(both, expected[expected < n_samples])
        counts[groups] = counts.get(groups, 0) + 1
    assert len(counts) == 24
    chi_squared = sum((count - 200) ** 2 / 200 for count in counts.values())
    assert chi_squared < 49.7  # 23 degrees of freedom: exceeded once in a thousand


@given(COUNTS, COUNTS, st.integers(1, 8))
def test_what_is_not_shuffled_is_whole(n_samples, limit, epochs):
    for more in ({"shuffle": False}, {"batch_size": n_samples}):
        for order in epochs_of(n_samples, epochs, max_epoch_samples=limit, **more):
            assert order.tolist() == list(range(n_samples))


@pytest.mark.parametrize("limit", [1, 12, 20, 26])
@pytest.mark.parametrize("case", ["general", "layered", "one output"])
def test_training_is_what_torch_does_with_these_samples(case, limit):
    """With weights of samples, and on both engines."""
    network = fresh(TOPOLOGIES[case])
    samples = samples_for(network)
    options = options_of(len(samples), batch_size=10, max_epoch_samples=limit)
    weight, bias, moments, plain_losses = train_plainly(network, samples, options, 4)
    for engine in ("compiled", "torch"):
        losses = []

        def on_epoch(epoch, loss, rate, losses=losses):
            losses.append(loss)

        trained = train(network, samples, replace(options, engine=engine), 4, on_epoch=on_epoch)
        assert_close(trained.weight, weight)
        assert_close(trained.bias, bias)
        assert_close(losses, plain_losses)
        assert_close(trained.moments[0][0], moments[0][0])
        assert trained.n_updates == 4 * -(-max(limit, 10) // 10)


@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_a_phase_depends_on_the_generator_alone(engine):
    """So that a fit can go on from a file between two phases."""
    network = fresh(TOPOLOGIES["general"])
    samples = samples_for(network)
    options = options_of(len(samples), batch_size=5, max_epoch_samples=10, engine=engine)
    rng = np.random.default_rng(0)
    trainer = Trainer(samples, options, rng, lambda network: 0.0)
    between = trainer.train(network, 2, ignore)
    state = rng.bit_generator.state
    whole = trainer.train(between, 3, ignore)
    other = np.random.default_rng(1)
    other.bit_generator.state = state
    again = Trainer(samples, options, other, lambda network: 0.0).train(between, 3, ignore)
    assert np.array_equal(again.weight, whole.weight)
    assert np.array_equal(again.bias, whole.bias)
