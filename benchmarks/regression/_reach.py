"""What was reached: how much smaller a synthesised network is, and how long a fit takes.

All functions are pure. Records are dicts with data, seed, family and what the family reached.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np


def compression(mlp, scann):
    """Perceptrons and the smallest synthesised network that validates as well.

    As well: with a validation R² of at least that of the best perceptron less one standard error.

    Parameters
    ----------
    mlp : dict
        Record of the perceptrons: points, and the standard_error of the best.
    scann : dict
        Record of the synthesised networks: points.

    Returns
    -------
    found : dict
        Points: best and smallest (of the perceptrons that validate as well), ours (None: no network
        gets there). Ratios of connections: by_best, by_smallest; zero where ours is None.
    """
    best = max(mlp["points"], key=lambda p: (p["validation"], -p["connections"]))
    floor = best["validation"] - mlp["standard_error"]
    smallest, ours = _smallest(mlp["points"], floor), _smallest(scann["points"], floor)
    found = {"best": best, "smallest": smallest, "ours": ours, "floor": floor}
    for name, peer in (("by_best", best), ("by_smallest", smallest)):
        found[name] = peer["connections"] / ours["connections"] if ours else 0.0
    return found


def _smallest(points, floor):
    """Fewest connections at or above a validation R², the better of equals; None: none is there."""
    enough = [p for p in points if p["validation"] >= floor]
    return min(enough, key=lambda p: (p["connections"], -p["validation"]), default=None)


def cells(records):
    """Compression of each data set and seed that has both families.

    Parameters
    ----------
    records : iterable of dict
        Records.

    Returns
    -------
    cells : dict
        Data set -> list of what `compression` returns, one a seed.
    """
    by_key = {(r["data"], r["seed"], r["family"]): r for r in records}
    found: dict = {}
    for (name, seed, family), r in by_key.items():
        if family == "mlp" and (name, seed, "scann") in by_key:
            found.setdefault(name, []).append(compression(r, by_key[name, seed, "scann"]))
    return found


def times(records):
    """Seconds of a default fit over those of a perceptron.

    Returns
    -------
    ratios : dict
        Data set -> list of ratios, one a seed.
    """
    found: dict = {}
    for r in records:
        if r["family"] == "time":
            found.setdefault(r["data"], []).append(r["ratio"])
    return found


# What is measured, the goal, and whether more is better.
GOALS: dict[str, tuple[str, float, bool]] = {
    "by_best": ("connections of the best MLP / ours", 20, True),
    "by_smallest": ("connections of the smallest MLP as good / ours", 4, True),
    "time": ("time of a default fit / that of an MLP (100, 50) with early stopping", 2, False),
}


def reach(records):
    """Goals of the benchmark and what was seen: the median over data sets of that over seeds.

    Parameters
    ----------
    records : iterable of dict
        Records.

    Returns
    -------
    rows : list of dict
        what, goal, more_is_better, seen, lowest and highest (medians of data sets), all (lowest and
        highest of any data set and seed), is_met.
    """
    records = list(records)
    found = cells(records)
    rows = []
    for key, (what, goal, more) in GOALS.items():
        if key == "time":
            ratios = times(records)
        else:
            ratios = {name: [c[key] for c in some] for name, some in found.items()}
        row = {"what": what, "goal": goal, "more_is_better": more, **_summary(ratios)}
        seen = row["seen"]
        row["is_met"] = seen >= goal if more else seen <= goal
        rows.append(row)
    return rows


def differences(records, peer):
    """Test R² of our smallest network less that of a perceptron.

    Parameters
    ----------
    records : iterable of dict
        Records.
    peer : {"best", "smallest"}
        Which perceptron.

    Returns
    -------
    row : dict
        seen (median over data sets of the median over seeds), lowest and highest (medians of data
        sets), all (lowest and highest of any data set and seed). Seeds without such a network are
        left out.
    """
    values = {
        name: [c["ours"]["test"] - c[peer]["test"] for c in found if c["ours"]]
        for name, found in cells(records).items()
    }
    return _summary({name: some for name, some in values.items() if some})


def _summary(values):
    """Median over data sets of the median over seeds, and ranges."""
    middle = [float(np.median(some)) for some in values.values()]
    every = [v for some in values.values() for v in some]
    return {
        "seen": float(np.median(middle)),
        "lowest": min(middle),
        "highest": max(middle),
        "all": (min(every), max(every)),
    }


def best_by_validation(record):
    """The point that a user takes who looks at R² only; of a default fit what it has chosen.

    Parameters
    ----------
    record : dict
        Record of a family.

    Returns
    -------
    point : dict
        Of several that are equally good, the smallest.
    """
    if "chosen" in record:
        return record["chosen"]
    return max(record["points"], key=lambda p: (p["validation"], -size(p)))


def size(point):
    """Connections, or nodes of trees."""
    return point.get("connections", point.get("nodes"))
