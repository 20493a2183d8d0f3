"""Tables of the comparison of searches, from its records."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from benchmarks import _data
from scann_sklearn._dominance import hypervolume

LABELS = {
    "random": "random",
    "halving": "halving",
    "tpe": "Optuna, TPE",
    "nsga2": "Optuna, NSGA-II",
    "steerage": "STEERAGE",
}


def area(record, seconds=np.inf, column=2):
    """Hypervolume of accuracy by decades of connections.

    Parameters
    ----------
    record : dict
        Of one search.
    seconds : float, default=inf
        Fits that ended later in processor time don't count.
    column : int, default=2
        Which accuracy of a point: 2 on validation, 3 on test data.

    Returns
    -------
    area : float
        Up to the record's reference.
    """
    points = [point for point in record["points"] if point[0] <= seconds]
    if not points:
        return 0.0
    sizes, scores = np.array(points)[:, [1, column]].T
    most, least = record["reference"]
    return hypervolume(np.log10(sizes), scores, np.log10(most), least)


def cells(records):
    """Records by data set and seed: a dict of dicts by sampler."""
    found: dict = {}
    for record in records:
        found.setdefault((record["data"], record["seed"]), {})[record["sampler"]] = record
    return found


def by_fits(records):
    """Hypervolumes at equal numbers of fits, and how often STEERAGE is level or above."""
    return _table(records, lambda record, cell: area(record))


def by_time(records):
    """The same in the processor time that random search took."""

    def within(record, cell):
        limit = cell["random"]["points"][-1][0] if "random" in cell else np.inf
        return area(record, limit)

    return _table(records, within)


def _table(records, measure):
    found = cells(records)
    samplers = [name for name in LABELS if any(name in cell for cell in found.values())]
    names = [name for name in _data.TITLES if any(name == data for data, _ in found)]
    headings = ["data", "seeds", *[LABELS[name] for name in samplers]]
    rows, medians = [], []
    for name in names:
        own = [cell for (data, _), cell in found.items() if data == name]
        areas = {
            s: float(np.median([measure(c[s], c) for c in own if s in c]))
            for s in samplers
            if any(s in c for c in own)
        }
        medians.append(areas)
        best = max(areas.values())
        cells_ = [
            f"{'**' * (areas[s] == best)}{areas[s]:.3f}{'**' * (areas[s] == best)}"
            if s in areas
            else ""
            for s in samplers
        ]
        rows.append([_data.TITLES[name], len(own), *cells_])
    if "steerage" in samplers:
        counts = [_above(medians, s) if s != "steerage" else "" for s in samplers]
        rows.append(["STEERAGE level or above", "", *counts])
    return headings, rows


def _above(medians, sampler):
    pairs = [(m["steerage"], m[sampler]) for m in medians if {"steerage", sampler} <= set(m)]
    return f"{sum(ours >= other for ours, other in pairs)} of {len(pairs)}"
