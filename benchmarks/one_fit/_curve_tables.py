"""Tables of test accuracy by size, from the records of the curves."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from itertools import groupby

import numpy as np

from benchmarks._data import TITLES
from benchmarks._records import Records
from benchmarks.one_fit import _curves
from benchmarks.one_fit._compare import differences, paired
from benchmarks.one_fit._opponents import SIZES
from benchmarks.peers import _compare
from benchmarks.peers.tables import FILES, read

LABELS = {
    "default": "one default fit",
    "pruning": "iterative pruning, one run",
    "rigl": "RigL, one run a size",
}
PEERS = {"iterative": "iterative pruning, two runs", "rigl": "RigL, four runs a size"}
STARTS = {"layers": "one hidden layer", "free": "any neurons"}
TREE_BUDGET = 50


def records():
    """The committed records, in the order of `TITLES`; none before the first full run."""
    found = list(Records(_curves.NAME, _curves.FIELDS))
    return sorted(found, key=lambda r: (list(TITLES).index(r["data"]), r["seed"]))


def tuning():
    """The committed records of the tuning."""
    return list(Records(_curves.TUNING, _curves.TUNING_FIELDS))


def against():
    """Differences of the default fit to each opponent, by who it is.

    Returns
    -------
    found : dict
        Label -> rows of `differences`, one a size.
    """
    found, peers = records(), read(FILES[:1])
    pairs = {
        f"{LABELS[family]}, as many updates": paired(found, "default", found, family, SIZES)
        for family in ("pruning", "rigl")
    }
    for family, label in PEERS.items():
        pairs[f"{label}, 400 epochs or more"] = paired(found, "default", peers, family, SIZES)
    return {label: differences(some) for label, some in pairs.items() if some}


def one_fit_against():
    """Median difference in points, its interval, wins and losses."""
    rows = [
        [
            label,
            *(
                "–"
                if not d["n"]
                else f"{100 * d['median_difference']:+.1f} ({100 * d['low']:+.1f} to "
                f"{100 * d['high']:+.1f}), {d['wins']}:{d['losses']}"
                for d in found
            ),
        ]
        for label, found in against().items()
    ]
    return ["at most", *map(str, SIZES)], rows


def one_fit_accuracy():
    """Median over data sets of the median over seeds, then each data set."""
    by_family = _compare.by_connections([r for r in records() if r["family"] in LABELS], SIZES)
    if not by_family:
        return _headings(), []
    most = max(len(sets) for sets in by_family.values())
    rows = []
    for family, (middle, counts) in _compare.medians(by_family).items():
        cells = [_percent(m) + (f" ({n})" if 0 < n < most else "") for m, n in zip(middle, counts)]
        rows.append([f"median of {most}", LABELS[family], *cells])
    for name in by_family["default"]:
        for family, sets in by_family.items():
            if name in sets:
                rows.append([TITLES[name], LABELS[family], *map(_percent, sets[name])])
    return _headings(), rows


def _headings():
    return ["data", "at most", *map(str, SIZES)]


def one_fit_chosen():
    """What the default fit takes itself, and trees at the bytes of 50 connections."""
    found = records()
    trees = _compare.by_bytes(found, "default", (TREE_BUDGET,))
    headings = ["data", "chosen connections", "test accuracy", "updates", "seconds"]
    headings += [f"{TREE_BUDGET} connections", "tree of the same bytes"]
    rows = []
    defaults = [r for r in found if r["family"] == "default"]
    for name, some in groupby(defaults, key=lambda r: r["data"]):
        fits = list(some)
        chosen = [r["chosen"] for r in fits]
        small = [trees.get(f, {}).get(name, [np.nan])[0] for f in ("default", "tree")]
        rows.append(
            [
                TITLES[name],
                spread([c["connections"] for c in chosen], "{:.0f}"),
                spread([100 * c["test"] for c in chosen]),
                spread([r["updates"] for r in fits], "{:.0f}"),
                spread([r["seconds"] for r in fits]),
                *map(_percent, small),
            ]
        )
    return headings, rows


def ahead_of_trees():
    """Data sets where the default fit is ahead at the bytes of 50 connections, and all compared."""
    trees = _compare.by_bytes(records(), "default", (TREE_BUDGET,))
    if not {"default", "tree"} <= trees.keys():
        return None
    d = _compare.differences(trees, "tree", "default", 0)
    return int((d > 0).sum()), len(d)


def one_fit_tuning():
    """Every setting of the opponents on held-out training data; the first of each is taken."""
    found, rows = tuning(), []
    for family in ("pruning", "rigl"):
        some = [r for r in found if r["family"] == family]
        for number, (rate, start, worth) in enumerate(_curves.settings(some) if some else ()):
            label = LABELS[family] + " (chosen)" * (number == 0)
            rows.append([label, f"{rate}", STARTS[start], f"{100 * worth:+.2f}"])
    return ["opponent", "learning rate", "connections between", "points above the mean"], rows


def _percent(value):
    return "–" if np.isnan(value) else f"{100 * value:.1f}"


def spread(values, form="{:.1f}"):
    """Median, with lowest and highest where they differ."""
    middle, low, high = (form.format(f(values)) for f in (np.median, min, max))
    return middle if low == high else f"{middle} ({low} to {high})"
