"""The search for thresholds: exact, against every combination of them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from scann_sklearn._dominance import non_dominated
from scann_sklearn.estimators import _thresholds
from scann_sklearn.estimators._thresholds import Held, choose_exits
from scann_sklearn.network import _threshold_search


def held_samples(seed, n_exits, n_samples, *, levels, weighted, skill=0.7):
    """Confidences of few levels, so that there are ties; the surer the more often right."""
    rng = np.random.default_rng(seed)
    confidence = np.round(rng.uniform(0.2, 1, (n_exits - 1, n_samples)) * levels) / levels
    right = rng.random((n_exits, n_samples)) < skill
    right[:-1] &= rng.random(confidence.shape) < confidence + 0.3
    weight = rng.integers(0, 4, n_samples).astype(float) if weighted else np.ones(n_samples)
    weight[0] = 2.0
    return Held(confidence, right, weight)


def every_threshold(held, energies):
    """The front of all combinations, one after the other."""
    levels = [np.append(np.unique(p), 0.0) for p in held.confidence]
    points = [held.point(np.array(t), energies) for t in product(*levels)]
    energy, accuracy = (np.array([getattr(p, n) for p in points]) for n in ("energy", "accuracy"))
    best = non_dominated(np.round(energy, 12), np.round(accuracy, 12))
    return sorted({(round(energy[i], 9), round(accuracy[i], 9)) for i in best})


@settings(max_examples=150)
@given(
    seed=st.integers(0, 2**16),
    n_exits=st.integers(2, 4),
    n_samples=st.integers(1, 9),
    levels=st.sampled_from([5, 1000]),
    weighted=st.booleans(),
)
def test_no_thresholds_do_better(seed, n_exits, n_samples, levels, weighted):
    held = held_samples(seed, n_exits, n_samples, levels=levels, weighted=weighted)
    energies = np.cumsum(np.random.default_rng(seed).uniform(0.1, 1, n_exits))
    front = held.front(energies)
    found = [(round(point.energy, 9), round(point.accuracy, 9)) for point in front]
    assert found == every_threshold(held, energies)
    assert all(0 <= t <= 1 for point in front for t in point.thresholds)
    assert all(sum(point.shares) == pytest.approx(1) for point in front)


@pytest.mark.kernel_coverage
def test_in_pure_python():
    held = held_samples(3, 4, 12, levels=1000, weighted=True)
    energies = np.array([1.0, 2.0, 4.0, 9.0])
    found = [(round(p.energy, 9), round(p.accuracy, 9)) for p in held.front(energies)]
    assert found == every_threshold(held, energies)


def test_a_full_buffer_changes_nothing(monkeypatch):
    energies = np.array([1.0, 2.0, 4.0, 9.0])
    held = held_samples(0, 4, 60, levels=1000, weighted=False)
    usual = held.front(energies)
    search = _threshold_search.search.py_func
    monkeypatch.setattr(_threshold_search, "_BUFFER", 3)
    monkeypatch.setattr(_threshold_search, "search", search)
    assert held.front(energies) == usual


def test_thinned_out_candidates_are_a_front_too(monkeypatch):
    energies = np.array([1.0, 2.0, 4.0, 9.0])
    held = held_samples(0, 4, 300, levels=1000, weighted=False)
    exact = held.front(energies)
    monkeypatch.setattr(_thresholds, "_MOST_STEPS", 1e4)
    coarse = held.front(energies)
    assert exact[0].thresholds == coarse[0].thresholds
    for point in coarse:
        assert any(p.energy <= point.energy and p.accuracy >= point.accuracy for p in exact)


def test_choices():
    held = held_samples(1, 3, 200, levels=1000, weighted=False)
    front = held.front(np.array([1.0, 2.0, 3.0]))
    assert len(front) > 4
    assert choose_exits(front, 2.0, None) == front[-1]
    assert choose_exits(front, front[2].accuracy, None) == front[2]
    assert choose_exits(front, 0.0, front[2].energy * 1.0001) == front[2]
    with pytest.raises(ValueError, match=r"energy of 0.5 J .* first exit, an inference takes"):
        choose_exits(front, 0.0, 0.5)


def test_samples_without_weight_have_no_say():
    held = held_samples(0, 3, 40, levels=1000, weighted=True)
    rng = np.random.default_rng(0)
    noise = Held(rng.random((2, 9)), rng.random((3, 9)) < 0.5, np.zeros(9))
    joined = Held.joined([held, noise])
    energies = np.array([1.0, 2.0, 3.0])
    assert joined.front(energies) == held.front(energies)
