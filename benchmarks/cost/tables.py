"""Tables about the cost of a fit: exponents, memory, and the comparison with boosted trees."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from statistics import median

import numpy as np

from benchmarks._records import Records
from benchmarks.cost.__main__ import AGAINST_TREES, FIELDS, NAME
from benchmarks.cost._fits import BOUNDS

EPOCHS = {  # what a reader calls the data of an axis
    "epochs, drawn": "900 000 drawn rows",
    "epochs, late": "flights: late",
    "epochs, carrier": "flights: airline",
}
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
        seconds = medians(axis, model, "cpu_seconds", folder)
        if axis in AGAINST_TREES or axis in EPOCHS or len(seconds) < 2:
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
    headings = ["what grows", "from … to", "processor time", "exponent", "steepest part"]
    return [*headings, "memory at the largest"], rows or [["not run yet", *[""] * 5]]


def _ratio(ours, trees, size):
    return f"{ours[size]:.1f} s against {trees[size]:.1f} s, {ours[size] / trees[size]:.2f}×"


def cost_against(folder=None):
    """Default fits against boosted trees, and the memory of the largest fit."""
    rows = [row for axis in AGAINST_TREES for row in _against(axis, folder)]
    peak = medians("rows", "fixed", "peak_bytes", folder).get(MOST_ROWS)
    if peak is not None:
        met = "yes" if peak < MOST_BYTES else "**no**"
        what = f"{MOST_ROWS:,} × 20".replace(",", " ") + ", memory"
        rows.append([what, f"{peak / 1e9:.2f} GB", "2 GB", met])
    return ["what", "seen", "goal", "met"], rows or [["not run yet", "", "", ""]]


def _against(axis, folder):
    """Rows of an axis, one for each size."""
    (ours, cpu), (trees, cpu_of_trees) = (
        [medians(axis, model, value, folder) for value in ("seconds", "cpu_seconds")]
        for model in ("default", "trees")
    )
    cores = medians(axis, "trees", "cores", folder)
    about = axis.removeprefix("against trees")
    for size in ours:
        if size in trees:
            n_cores = int(cores[size])
            on = "1 core" if n_cores == 1 else f"{n_cores} cores"
            met = ours[size] <= GOAL * trees[size]
            if n_cores == 1:  # then other work doesn't count
                met = cpu[size] <= GOAL * cpu_of_trees[size]
            what = f"{size:,} × 20".replace(",", " ") + f"{about}, against boosted trees, {on}"
            seen = f"{_ratio(ours, trees, size)}; processor {_ratio(cpu, cpu_of_trees, size)}"
            yield [what, seen, f"{GOAL}×", "yes" if met else "**no**"]


def cost_epochs(folder=None):
    """What networks lose and how much time is saved where an epoch is a part of the samples."""
    rows = []
    bounds = [BOUNDS[1], BOUNDS[2], BOUNDS[-1]]
    for axis, about in EPOCHS.items():
        found = [r for r in Records(NAME, FIELDS, folder) if r["axis"] == axis]
        for size in sorted({r["size"] for r in found}):
            those = [r for r in found if r["size"] == size]
            paths = [dict(r["path"]) for r in those]
            rows.append(
                [
                    about,
                    "all" if size >= 10**6 else f"{size:,}".replace(",", " "),
                    f"{median(r['cpu_seconds'] for r in those):.0f} s",
                    f"{np.mean([r['test_accuracy'] for r in those]):.2%} of "
                    f"{median(r['n_connections'] for r in those):.0f}",
                    *(_mean([p[b] for p in paths if b in p]) for b in bounds),
                    str(len(those)),
                ]
            )
    headings = ["data", "samples of an epoch", "processor time", "chosen: accuracy, connections"]
    headings += [*(f"up to {bound}" for bound in bounds[:-1]), "largest", "fits"]
    return headings, rows or [["not run yet", *[""] * (len(headings) - 1)]]


def _mean(accuracies):
    return f"{np.mean(accuracies):.2%}" if accuracies else ""
