"""Goals of the project on the paper's data sets, and what was reached."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from benchmarks.uci import tables
from benchmarks.uci.tables import BEST, RULES, SMALLEST

OURS, BEHIND, NEST = "SCANN", "DR+SCANN", "NeST"
# Reference (None: the smallest perceptron by the same rule), rule, least geometric mean.
COMPRESSION = (
    (BEST, "equal", 120),
    (None, "equal", 30),
    (BEST, "one_se", 200),
    (None, "one_se", 15),
)
LOSS = -0.3  # points of test accuracy
LEAST_SMALLER, LEAST_CHEAPER = 5, 3  # data sets
MOST_ON_SATIMAGE, N_SEEDS = 150, 5
MOST_OF_NEST = 1.2  # times the connections of SCANN


def families_reach():
    """Goals and what was reached."""
    found = tables.records()
    headings = ["what", "goal", "seen", "met"]
    where = tables.cells(found, OURS)
    if not where:
        return headings, [["not run yet", "", "", ""]]
    rows = [*_compression(found), *_losses(found), _accurate(found, where)]
    if "satimage" in where:
        rows.append(_satimage(found))
    return headings, [*rows, *_reduced(found), *_nest(found)]


def _compression(found):
    for reference, rule, goal in COMPRESSION:
        other = reference or SMALLEST[rule]
        seen = tables.compression(found, OURS, rule, other)
        which = "best MLP" if reference else f"smallest MLP {RULES[rule]}"
        what = f"{OURS}, {RULES[rule]}: fewer connections than the {which}"
        yield [what, f"≥ {goal}×", tables.as_ratio(seen), _met(seen[0] >= goal)]


def _losses(found):
    for rule, how in RULES.items():
        seen = tables.gain(found, OURS, rule)
        what = f"{OURS}, {how}: test accuracy less the best MLP's"
        yield [what, f"≥ {LOSS} points", tables.as_points(seen), _met(seen[0] >= LOSS)]


def _accurate(found, where):
    above = [name for name in where if _within(found, name, where[name])]
    what = "data sets where its most accurate network is within a standard error of the best MLP's"
    seen = f"{len(above)} of {len(where)}"
    return [what, "all", seen, _met(len(above) == len(where))]


def _within(found, name, seeds):
    """Whether the best networks are as accurate on test data, up to one standard error."""
    where = {name: seeds}
    models = ((OURS, "best"), BEST)
    ours, theirs = (tables.values(found, where, m, "test")[name].mean() for m in models)
    n_test = found[name, seeds[0], "dense"]["n_samples"][2]
    return ours >= theirs - np.sqrt(theirs * (1 - theirs) / n_test)


def _satimage(found):
    """The smaller median, over the same seeds; other data sets needn't have these."""
    seeds = {
        family: {seed for name, seed, of in found.found if (name, of) == ("satimage", family)}
        for family in (OURS, BEHIND)
    }
    there = [family for family in seeds if seeds[family]]
    where = {"satimage": sorted(set.intersection(*(seeds[family] for family in there)))}
    sizes = {f: tables.sizes(found, where, (f, "one_se"))["satimage"] for f in there}
    family = min(there, key=lambda f: np.median(sizes[f]))
    size, n_seeds = np.median(sizes[family]), len(sizes[family])
    which = there[0] if len(there) == 1 else f"the smaller of {' and '.join(there)}"
    what = f"connections on SatIm, one standard error below, {which}"
    seen = f"{size:.0f} ({family}, {n_seeds} seed{'s' * (n_seeds > 1)})"
    is_met = size <= MOST_ON_SATIMAGE and n_seeds >= N_SEEDS
    return [what, f"≤ {MOST_ON_SATIMAGE}, median of {N_SEEDS} seeds", seen, _met(is_met)]


def _reduced(found):
    """On how many data sets a reduction ahead pays, medians over the same seeds."""
    where = _shared(found, (OURS, BEHIND))
    if not where:
        return
    goals = (
        ("connections", "has fewer connections", LEAST_SMALLER),
        ("energy", "needs less energy, the reduction counted,", LEAST_CHEAPER),
    )
    for rule, how in RULES.items():
        for measure, verb, goal in goals:
            ours, other = (
                tables.sizes(found, where, (family, rule), measure) for family in (OURS, BEHIND)
            )
            n = sum(bool(np.median(other[name]) < np.median(ours[name])) for name in where)
            what = f"data sets where {BEHIND} {verb} than {OURS}, {how}"
            yield [what, f"≥ {goal}", f"{n} of {len(where)}", _met(n >= goal)]


def _nest(found):
    """Whether the other scheme needs about as few connections, over the same seeds."""
    where = _shared(found, (OURS, NEST))
    if where:
        ours, other = (tables.sizes(found, where, (family, "one_se")) for family in (OURS, NEST))
        seen = tables.ratio(other, ours)
        what = f"{NEST}, one standard error below: connections in relation to {OURS}"
        goal = f"≤ {MOST_OF_NEST:.1f}×"
        yield [what, goal, tables.as_ratio(seen), _met(seen[0] <= MOST_OF_NEST)]


def _shared(found, families):
    """Data sets with the seeds that all families have."""
    first, *others = (tables.cells(found, family) for family in families)
    seeds = {
        name: [seed for seed in seeds if all(seed in other.get(name, ()) for other in others)]
        for name, seeds in first.items()
    }
    return {name: own for name, own in seeds.items() if own}


def _met(is_met):
    return "yes" if is_met else "**no**"
