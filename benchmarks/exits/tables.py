"""Tables of the early exits, from their records; `benchmarks.report` puts them into the docs.

All choices are by validation data: the *reference* is the most accurate network without exits, of
the smallest among equals; a network is as accurate where it isn't below it. The thresholds of a
network with exits are the cheapest that are.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from benchmarks._data import TITLES
from benchmarks._records import Records
from benchmarks.exits.__main__ import FIELDS, NAME
from benchmarks.exits._cells import DISTILLATION

GOAL, GOAL_SETS = 2.0, 5


class Found(NamedTuple):
    """A network, with thresholds where it has exits.

    Parameters
    ----------
    connections : int
        How many it has.
    expected : float
        Joules in the mean over the validation data, of which it is chosen.
    energy : float
        Joules in the mean over the test data.
    validation, test : float
        Accuracies.
    fit : dict
        The fit it comes from.
    deepest : float
        Test accuracy of the deepest exit for all samples; nan without exits.
    shares : list of float
        Of the test samples that leave at each exit.
    """

    connections: int
    expected: float
    energy: float
    validation: float
    test: float
    fit: dict
    deepest: float = float("nan")
    shares: tuple = ()


def records():
    """The committed records."""
    return Records(NAME, FIELDS)


def networks(record, kind):
    """All networks of a kind in a record: "without" exits, or "with", at all their thresholds."""
    found = []
    for fit in (fit for fit in record["fits"] if fit["kind"] == kind):
        for p in fit["points"]:
            if kind == "without":
                own = p["energy"], p["energy"], p["validation"], p["test"]
                found.append(Found(p["connections"], *own, fit))
                continue
            for t in p["thresholds"]:
                own = t["expected"], t["energy"], t["validation"], t["test"]
                rest = p["deepest"]["test"], tuple(t["shares"])
                found.append(Found(p["connections"], *own, fit, *rest))
    return found


def reference(record):
    """The most accurate network without exits on validation data."""
    return max(networks(record, "without"), key=lambda n: (n.validation, -n.connections))


def cheapest(candidates, floor):
    """The candidate of least expected energy that reaches a validation accuracy, or None."""
    able = [n for n in candidates if n.validation >= floor]
    return min(able, key=lambda n: n.expected, default=None)


def of_the_same_bound(record, ref, distillation=None):
    """Networks with exits that had the reference's bound, of one distillation or of all."""
    return [
        n
        for n in networks(record, "with")
        if n.fit["bound"] == ref.fit["bound"] and distillation in (None, n.fit["distillation"])
    ]


def exits_energy():
    """Mean energy with exits at no loss of validation accuracy."""
    rows = []
    for name, found in _by_data().items():
        ours, theirs, small, small_exits = [], [], [], []
        for record in found:
            ref = reference(record)
            theirs.append(ref)
            ours.append(cheapest(of_the_same_bound(record, ref), ref.validation) or ref)
            small.append(cheapest(networks(record, "without"), ref.validation))
            anywhere = cheapest(networks(record, "with"), ref.validation)
            small_exits.append(anywhere or ref)
        reached = sum(a is not b for a, b in zip(ours, theirs))
        shares = [n.shares for n in ours if n.shares]
        rows.append(
            [
                TITLES[name],
                _seen(theirs),
                _seen(ours),
                f"{_times(theirs, ours):.1f}×",
                f"{reached} of {len(ours)}",
                " / ".join(f"{100 * s:.0f}" for s in np.mean(shares, axis=0)) if shares else "–",
                f"{_times(small, small_exits):.1f}×",
            ]
        )
    headings = ["data", "without exits", "with exits, same bound", "less energy", "seeds reached"]
    headings += ["% that leave at each exit", "any size: less than the cheapest without"]
    return headings, rows


def exits_distillation():
    """The paper's share of distillation against none, at the reference's bound."""
    rows = []
    for distillation in DISTILLATION:
        gains, deepest, times = [], [], []
        for found in _by_data().values():
            pairs = [(reference(record), record) for record in found]
            own = [(ref, of_the_same_bound(r, ref, distillation)) for ref, r in pairs]
            best = [(ref, max(o, key=lambda n: n.validation)) for ref, o in own]
            gains.append(np.mean([100 * (b.test - ref.test) for ref, b in best]))
            deepest.append(np.mean([100 * (b.deepest - ref.test) for ref, b in best]))
            cheap = [(ref, cheapest(o, ref.validation) or ref) for ref, o in own]
            times.append(_times(*zip(*cheap)))
        rows.append(
            [
                f"λ = {distillation:g}",
                f"{np.mean(gains):+.2f}",
                f"{np.mean(deepest):+.2f}",
                f"{np.exp(np.mean(np.log(times))):.2f}×",
            ]
        )
    what = ["distillation", "test accuracy of the best thresholds", "of the deepest exit alone"]
    return [*what, "less energy at no loss"], rows


def exits_reach():
    """Goals of the project and what was reached."""
    by_data = _by_data()
    met, deepest = [], []
    for found in by_data.values():
        pairs = []
        for record in found:
            ref = reference(record)
            same = of_the_same_bound(record, ref)
            pairs.append((ref, cheapest(same, ref.validation) or ref))
            best = max(same, key=lambda n: (n.validation, -n.expected))
            deepest.append(100 * (best.deepest - ref.test))
        before, after = (np.mean([n.test for n in side]) for side in zip(*pairs))
        error = np.sqrt(before * (1 - before) / found[0]["n_samples"][2])
        met.append(_times(*zip(*pairs)) >= GOAL and after >= before - error)
    what = f"data sets with {GOAL:g}× less mean energy at no loss of accuracy, same bound"
    middle = float(np.median(deepest))
    text = "test accuracy of the deepest exit less that without exits, median"
    rows = [
        [what, f"≥ {GOAL_SETS} of 8", f"{sum(met)} of {len(met)}", _met(sum(met) >= GOAL_SETS)],
        [text, "≥ 0 points", f"{middle:+.2f}", _met(middle >= 0)],
    ]
    return ["what", "goal", "seen", "met"], rows


def _by_data():
    """Records of each data set, in the order of the paper."""
    found = records()
    names = [name for name in TITLES if any(key[0] == name for key in found.found)]
    return {name: [found[key] for key in sorted(found.found) if key[0] == name] for name in names}


def _seen(found):
    """Test accuracy, energy and connections, means and median over seeds."""
    accuracy, energy = (np.mean([getattr(n, what) for n in found]) for what in ("test", "energy"))
    size = np.median([n.connections for n in found])
    return f"{100 * accuracy:.1f} % at {1e9 * energy:.0f} nJ, {size:.0f} connections"


def _times(theirs, ours):
    """How many times less energy, geometric mean over seeds."""
    return float(np.exp(np.mean([np.log(t.energy / o.energy) for t, o in zip(theirs, ours)])))


def _met(is_met):
    return "yes" if is_met else "**no**"
