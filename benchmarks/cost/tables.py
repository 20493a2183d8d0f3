"""Tables about the cost of a fit: exponents, memory, and the comparison with boosted trees."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from statistics import median

import numpy as np

from benchmarks._records import Records
from benchmarks.cost.__main__ import FIELDS, NAME

GOAL = 1.2  # times the seconds of the trees
MOST_BYTES, MOST_ROWS = 2e9, 10**7


def medians(axis, model, value, folder=None):
    """Median of a value over the repeats, by size, in the order of the sizes.

    Parameters
    ----------
    axis, model : str
        Which records.
    value : str
        Name of the value.
    folder : path-like, default=None
        See `Records`.

    Returns
    -------
    medians : dict of int to float
        Empty where nothing was measured.
    """
    by_size: dict[int, list[float]] = {}
    for r in Records(NAME, FIELDS, folder):
        if (r["axis"], r["model"]) == (axis, model):
            by_size.setdefault(r["size"], []).append(r[value])
    return {size: median(by_size[size]) for size in sorted(by_size)}


def exponents(found):
    """How a cost grows with a size.

    Parameters
    ----------
    found : dict of int to float
        Cost by size, of two sizes or more.

    Returns
    -------
    exponent : float
        Slope of the logarithm of the cost over that of the size, by least squares.
    steepest : float
        The largest slope between two neighbours: a cliff would show here.
    """
    x, y = np.log(list(found)), np.log(list(found.values()))
    return float(np.polyfit(x, y, 1)[0]), float(np.max(np.diff(y) / np.diff(x)))


def cost(folder=None):
    """One row for each axis."""
    rows = []
    kinds = dict.fromkeys((r["axis"], r["model"]) for r in Records(NAME, FIELDS, folder))
    for axis, model in kinds:
        seconds = medians(axis, model, "seconds", folder)
        if axis == "against trees" or len(seconds) < 2:
            continue
        exponent, steepest = exponents(seconds)
        sizes, times = list(seconds), list(seconds.values())
        peak = list(medians(axis, model, "peak_bytes", folder).values())[-1]
        rows.append(
            [
                axis,
                f"{sizes[0]:,} to {sizes[-1]:,}".replace(",", " "),
                f"{times[0]:.2f} s to {times[-1]:.1f} s",
                f"{exponent:.2f}",
                f"{steepest:.2f}",
                f"{peak / 1e9:.2f} GB",
            ]
        )
    headings = ["what grows", "from … to", "time of a fit", "exponent", "steepest part"]
    return [*headings, "memory at the largest"], rows or [["not run yet", *[""] * 5]]


def cost_against(folder=None):
    """Default fits against boosted trees, and the memory of the largest fit."""
    ours = medians("against trees", "default", "seconds", folder)
    trees = medians("against trees", "trees", "seconds", folder)
    rows = [
        [
            f"{size:,} × 20, time against boosted trees".replace(",", " "),
            f"{seconds:.1f} s against {trees[size]:.1f} s: {seconds / trees[size]:.2f}×",
            f"{GOAL}×",
            "yes" if seconds <= GOAL * trees[size] else "**no**",
        ]
        for size, seconds in ours.items()
        if size in trees
    ]
    peak = medians("rows", "fixed", "peak_bytes", folder).get(MOST_ROWS)
    if peak is not None:
        met = "yes" if peak < MOST_BYTES else "**no**"
        row = [f"{MOST_ROWS:,} × 20, memory".replace(",", " "), f"{peak / 1e9:.2f} GB", "2 GB", met]
        rows.append(row)
    return ["what", "seen", "goal", "met"], rows or [["not run yet", "", "", ""]]
