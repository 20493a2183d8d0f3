"""Tables of the comparison of searches, from its records."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from benchmarks import _data
from benchmarks._records import Records
from benchmarks.searches import images
from benchmarks.searches._samplers import OPTUNA
from scann_sklearn._dominance import hypervolume

NAME, FIELDS, N_FITS = "searches", ("data", "seed", "sampler", "n_fits"), 40
OURS, ABOVE_RANDOM, LEVEL = "steerage", 7, 6
LABELS = {
    "random": "random",
    "halving": "halving",
    "tpe": "Optuna, TPE",
    "nsga2": "Optuna, NSGA-II",
    "steerage": "STEERAGE",
}


def area(record, seconds=np.inf, column=2, least=1):
    """Hypervolume of accuracy by decades of connections.

    Parameters
    ----------
    record : dict
        Of one search.
    seconds : float, default=inf
        Fits that ended later in processor time don't count.
    column : int, default=2
        Which accuracy of a point: 2 on validation, 3 on test data.
    least : int, default=1
        Networks of fewer connections count as of so many.

    Returns
    -------
    area : float
        Up to the record's reference.
    """
    points = [point for point in record["points"] if point[0] <= seconds]
    if not points:
        return 0.0
    sizes, scores = np.array(points)[:, [1, column]].T
    most, worst = record["reference"]
    return hypervolume(np.log10(np.maximum(sizes, least)), scores, np.log10(most), worst)


def cells(records):
    """Records by data set and seed: a dict of dicts by sampler."""
    found: dict = {}
    for record in records:
        found.setdefault((record["data"], record["seed"]), {})[record["sampler"]] = record
    return found


def by_fits(record, cell, least):
    """Hypervolume of all fits of a search."""
    return area(record, least=least)


def by_time(record, cell, least):
    """Hypervolume of the fits in the processor time that random search took."""
    limit = cell["random"]["points"][-1][0] if "random" in cell else np.inf
    return area(record, limit, least=least)


def on_test(record, cell, least):
    """Hypervolume of all fits, with accuracy on the test data."""
    return area(record, column=3, least=least)


def fewest(cells_):
    """Fewest connections that another search than STEERAGE has found.

    Its local search goes below the bounds of the space, which the others can't.
    """
    records = [r for cell in cells_ for sampler, r in cell.items() if sampler != OURS]
    return min((point[1] for record in records for point in record["points"]), default=1)


def areas(records, measure):
    """Hypervolumes of the seeds that all samplers have.

    Parameters
    ----------
    records : iterable of dict
        Of searches with the same number of fits.
    measure : callable
        `by_fits`, `by_time` or `on_test`.

    Returns
    -------
    areas : dict of dict of ndarray of shape (n_seeds,)
        By data set and sampler.
    """
    found = cells(records)
    samplers = [name for name in LABELS if any(name in cell for cell in found.values())]
    by_data = {}
    for name in _data.TITLES:
        own = [cell for (data, _), cell in sorted(found.items()) if data == name]
        whole = [cell for cell in own if set(samplers) <= set(cell)]
        if whole:
            least = fewest(whole)
            by_data[name] = {
                sampler: np.array([measure(cell[sampler], cell, least) for cell in whole])
                for sampler in samplers
            }
    return by_data


def table(records, measure):
    """Median and range of the hypervolumes, and how often STEERAGE is above a sampler."""
    found = areas(records, measure)
    samplers = list(next(iter(found.values()))) if found else []
    rows = []
    for name, own in found.items():
        best = max(samplers, key=lambda sampler: np.median(own[sampler]))
        cells_ = [_cell(own[sampler], sampler == best) for sampler in samplers]
        rows.append([_data.TITLES[name], len(own[best]), *cells_])
    if OURS in samplers:
        counts = ["" if s == OURS else f"{above(found, s)} of {len(found)}" for s in samplers]
        rows.append([f"{LABELS[OURS]} above", "", *counts])
    return ["data", "seeds", *[LABELS[name] for name in samplers]], rows


def _cell(values, is_best):
    text = f"{np.median(values):.2f}"
    spread = f" ({values.min():.2f}-{values.max():.2f})" if len(values) > 1 else ""
    return f"**{text}**{spread}" if is_best else text + spread


def above(found, sampler):
    """On how many data sets the median of STEERAGE is above that of another search."""
    return sum(bool(np.median(own[OURS]) > np.median(own[sampler])) for own in found.values())


def level(found, samplers):
    """On how many data sets STEERAGE isn't below the best of some searches beyond chance.

    Chance is one standard error of the mean difference over seeds.
    """
    n_level = 0
    for own in found.values():
        best = max(samplers, key=lambda sampler: np.median(own[sampler]))
        difference = own[OURS] - own[best]
        error = difference.std(ddof=1) / np.sqrt(len(difference)) if len(difference) > 1 else 0.0
        n_level += bool(difference.mean() >= -error)
    return n_level


def committed():
    """Records of searches with as many fits as the docs have."""
    return [r for r in Records(NAME, FIELDS) if r["n_fits"] == N_FITS and not r["quick"]]


def searches_reach():
    """Goals and what was reached."""
    rows, records = [], committed()
    for how, measure in (("equal fits", by_fits), ("equal time", by_time)):
        found = areas(records, measure)
        n_data = len(found)
        goals = (
            ("above random search", ABOVE_RANDOM, above(found, "random")),
            ("level with Optuna's better sampler or above", LEVEL, level(found, OPTUNA)),
        )
        for what, goal, seen in goals:
            met = "yes" if seen >= goal else "**no**"
            what = f"{how}: data sets where {LABELS[OURS]} is {what}"
            rows.append([what, f"≥ {goal} of 9", f"{seen} of {n_data}", met])
    return ["what", "goal", "seen", "met"], [*rows, *images.reach()]


def searches_fits():
    """At equal numbers of fits."""
    return table(committed(), by_fits)


def searches_time():
    """In the processor time of random search."""
    return table(committed(), by_time)


def searches_test():
    """At equal numbers of fits, on test data."""
    return table(committed(), on_test)
