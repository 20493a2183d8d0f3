"""Tables of the early exits, from their records; `benchmarks.report` puts them into the docs.

All choices are by validation data: the *reference* is the most accurate network without exits, the
smallest among equals. A network is as accurate where it isn't below it, and "one standard error
below" where it isn't below it less a standard error of an accuracy on so many validation samples.
Of a network with exits the cheapest thresholds that are so count.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from benchmarks._data import TITLES
from benchmarks._merit import tolerance
from benchmarks._records import Records
from benchmarks.exits import sections
from benchmarks.exits.__main__ import FIELDS, NAME
from benchmarks.exits._cells import DISTILLATION

RULES = {"equal": "as accurate", "one_se": "one standard error below"}
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


def floor_of(record, rule):
    """Validation accuracy that a rule asks for."""
    best = reference(record).validation
    return best - (tolerance(best, record["n_samples"][1]) if rule == "one_se" else 0)


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


def pairs(found, rule, distillation=None):
    """The reference and what has exits in its place, of each record; itself where nothing has."""
    chosen = []
    for record in found:
        ref = reference(record)
        same = of_the_same_bound(record, ref, distillation)
        chosen.append((ref, cheapest(same, floor_of(record, rule)) or ref))
    return chosen


def pairs_of_any_size(found, rule):
    """The cheapest without exits and the cheapest with, of each record."""
    chosen = []
    for record in found:
        floor = floor_of(record, rule)
        without = cheapest(networks(record, "without"), floor)
        chosen.append((without, cheapest(networks(record, "with"), floor) or without))
    return chosen


def exits_energy():
    """Mean energy of networks with exits that are as accurate."""
    return _energy("equal")


def exits_energy_one_se():
    """Mean energy of networks with exits at most one standard error below."""
    return _energy("one_se")


def _energy(rule):
    rows = []
    for name, found in _by_data().items():
        theirs, ours = zip(*pairs(found, rule))
        shares = [n.shares for n in ours if n.shares]
        rows.append(
            [
                TITLES[name],
                len(found),
                _seen([reference(record) for record in found]),
                _seen(ours) if shares else "not reached",
                f"{_times(theirs, ours):.1f}×",
                " / ".join(f"{100 * s:.0f}" for s in np.mean(shares, axis=0)) if shares else "–",
                f"{_times(*zip(*pairs_of_any_size(found, rule))):.1f}×",
            ]
        )
    headings = ["data", "seeds", "without exits", f"with exits, {RULES[rule]}", "less energy"]
    return [*headings, "% that leave at each exit", "less than any without exits"], rows


def exits_distillation():
    """The paper's share of distillation against none, at the reference's bound."""
    rows = []
    for distillation in DISTILLATION:
        row, by_data = [f"λ = {distillation:g}"], _by_data().values()
        best = [(reference(r), _most_accurate(r, distillation)) for found in by_data for r in found]
        row += [
            f"{100 * np.mean([getattr(ours, what) - ref.test for ref, ours in best]):+.2f}"
            for what in ("test", "deepest")
        ]
        for rule in RULES:
            times = [_times(*zip(*pairs(found, rule, distillation))) for found in by_data]
            row.append(f"{np.exp(np.mean(np.log(times))):.2f}×")
        rows.append(row)
    what = ["distillation", "test accuracy of the best thresholds", "of the deepest exit alone"]
    return what + [f"less energy, {how}" for how in RULES.values()], rows


def _most_accurate(record, distillation=None):
    """The network with exits, at the reference's bound, that validation prefers."""
    same = of_the_same_bound(record, reference(record), distillation)
    return max(same, key=lambda n: (n.validation, -n.expected))


def exits_reach():
    """Goals of the project and what was reached."""
    by_data = _by_data()
    rows = []
    for rule, how in RULES.items():
        met = [_is_met(found, pairs(found, rule)) for found in by_data.values()]
        what = f"data sets with {GOAL:g}× less mean energy, {how} on validation data and within a "
        what += "standard error on test data"
        seen = f"{sum(met)} of {len(met)}"
        rows.append([what, f"≥ {GOAL_SETS} of 8", seen, _met(sum(met) >= GOAL_SETS)])
    for distillation, which in ((0.0, "λ = 0, the default"), (None, "both λ")):
        gains = [
            100
            * np.mean([_most_accurate(r, distillation).deepest - reference(r).test for r in found])
            for found in by_data.values()
        ]
        middle = float(np.median(gains)) if gains else np.nan
        text = "test accuracy of the deepest exit less that without exits, median over data sets, "
        rows.append([text + which, "≥ 0 points", f"{middle:+.2f}", _met(middle >= 0)])
    return ["what", "goal", "seen", "met"], [*rows, *_images()]


def _images():
    """The goal on MNIST as images, where it was measured."""
    records = [r for r in sections.committed() if r["data"] == "mnist"]
    whole = [r for r in records if r["setting"] == "without exits"]
    for setting in (name for name in sections.SETTINGS if whole):
        chosen = [r["searched"] for r in records if r["setting"] == setting]
        if len(chosen) == len(whole):
            times = [w["energy"] / c["energy"] for w, c in zip(whole, chosen)]
            change = 100 * np.array([c["test"] - w["test"] for w, c in zip(whole, chosen)])
            error = change.std(ddof=1) / np.sqrt(len(change))
            middle = float(np.exp(np.mean(np.log(times))))
            yield [
                f"MNIST as images, {setting}: less mean energy, test accuracy within a standard "
                "error of that without exits",
                f"≥ {GOAL:g}×",
                f"{middle:.2f}×, {change.mean():+.2f} ± {error:.2f} points",
                _met(middle >= GOAL and change.mean() >= -error),
            ]


def _is_met(found, chosen):
    """Whether so much energy is saved at no loss of accuracy on the test data."""
    before, after = (np.mean([n.test for n in side]) for side in zip(*chosen))
    error = tolerance(before, found[0]["n_samples"][2])
    return _times(*zip(*chosen)) >= GOAL and after >= before - error


def _by_data():
    """Records of each data set, in the order of the paper."""
    found = records()
    names = [name for name in TITLES if any(key[0] == name for key in found.found)]
    return {name: [found[key] for key in sorted(found.found) if key[0] == name] for name in names}


def _seen(found):
    """Test accuracy, energy and connections, means and median over seeds."""
    accuracy, energy = (np.mean([getattr(n, what) for n in found]) for what in ("test", "energy"))
    size = np.median([n.connections for n in found])
    return f"{100 * accuracy:.1f} % at {1e9 * energy:.0f} nJ, {size:.0f}"


def _times(theirs, ours):
    """How many times less energy, geometric mean over seeds."""
    return float(np.exp(np.mean([np.log(t.energy / o.energy) for t, o in zip(theirs, ours)])))


def _met(is_met):
    return "yes" if is_met else "**no**"
