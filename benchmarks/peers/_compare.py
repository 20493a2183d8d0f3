"""Frontiers compared: values at budgets, tests over data sets, average ranks.

All functions are pure. A frontier is a list of points (see `benchmarks.peers._points.point`);
records are dicts with data, seed, family and points, from any number of files.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np
from scipy import stats

BUDGETS = (50, 100, 200, 300, 500, 1000, 2000, 5000)
# Networks of the reference whose bytes are budgets, and what tables say of them.
NETWORKS = {"one_se": "one standard error below", "equal": "as accurate", "best": "most accurate"}


def chosen_point(points, budget, cost="connections"):
    """What a user with a budget takes: the best on validation data among what he can afford.

    Parameters
    ----------
    points : list of dict
        A frontier.
    budget : float
        The most that a point may cost.
    cost : {"connections", "bytes", "energy", "flops"}, default="connections"
        What the budget is for. Points without this cost (None: trees) can't be chosen.

    Returns
    -------
    point : dict or None
        Of several that are equally good, the cheapest. None: the family has nothing so small.
    """
    able = [p for p in points if p[cost] is not None and p[cost] <= budget]
    return max(able, key=lambda p: (p["validation"], -p[cost]), default=None)


def value_at(points, budget, cost="connections"):
    """Test accuracy of `chosen_point`; nan where there is none."""
    point = chosen_point(points, budget, cost)
    return np.nan if point is None else point["test"]


def by_connections(records, budgets=BUDGETS):
    """Test accuracy at each number of connections, the median over seeds.

    Parameters
    ----------
    records : iterable of dict
        Records of families that have connections; others are left out.
    budgets : sequence of int, default=BUDGETS
        Numbers of connections.

    Returns
    -------
    table : dict
        Family -> data set -> array of shape (n_budgets,); nan where half of the seeds or more have
        nothing so small.
    """
    rows: dict = {}
    for r in records:
        if all(p["connections"] is None for p in r["points"]):
            continue
        values = [value_at(r["points"], budget) for budget in budgets]
        rows.setdefault(r["family"], {}).setdefault(r["data"], []).append(values)
    return _median_over_seeds(rows)


def by_bytes(records, reference, budgets):
    """Test accuracy at the bytes that the reference takes up with so many connections.

    Parameters
    ----------
    records : iterable of dict
        Records; the reference has some for every data set and seed that is to be compared.
    reference : str
        Family whose bytes are the budgets, for each data set and seed on its own.
    budgets : sequence of int
        Numbers of connections of the reference.

    Returns
    -------
    table : dict
        As of `by_connections`, the reference included.
    """
    return _at_bytes(
        records, reference, lambda r: [chosen_point(r["points"], budget) for budget in budgets]
    )


def by_bytes_of_networks(records, reference="SCANN", networks=tuple(NETWORKS)):
    """Test accuracy at the bytes that networks of the reference take up.

    Parameters
    ----------
    records : iterable of dict
        Records. Those of the reference have `networks`, a dict with bytes and test accuracy for
        each that is to be compared.
    reference : str, default="SCANN"
        Family whose bytes are the budgets, for each data set and seed on its own.
    networks : sequence of str, default=("one_se", "equal", "best")
        Networks of the reference.

    Returns
    -------
    table : dict
        As of `by_connections`, the reference included.
    """
    return _at_bytes(records, reference, lambda r: [r["networks"].get(n) for n in networks])


def _at_bytes(records, reference, chosen):
    """Test accuracy at the bytes of the points that are chosen of the reference's records."""
    records = list(records)
    none = {"bytes": np.nan, "test": np.nan}
    ours = {
        (r["data"], r["seed"]): [point or none for point in chosen(r)]
        for r in records
        if r["family"] == reference
    }
    rows: dict = {}
    for r in records:
        if (r["data"], r["seed"]) in ours:
            own = ours[r["data"], r["seed"]]
            if r["family"] == reference:  # the very points that set the limits
                values = [point["test"] for point in own]
            else:
                values = [value_at(r["points"], point["bytes"], "bytes") for point in own]
            rows.setdefault(r["family"], {}).setdefault(r["data"], []).append(values)
    return _median_over_seeds(rows)


def _median_over_seeds(rows):
    """A seed with nothing so small counts as the worst there is."""
    return {
        family: {data: _median(np.array(values, dtype=float)) for data, values in sets.items()}
        for family, sets in rows.items()
    }


def _median(values):
    middle = np.median(np.where(np.isnan(values), -np.inf, values), axis=0)
    return np.where(np.isfinite(middle), middle, np.nan)


def medians(table):
    """Median over data sets of a table, and over how many.

    Returns
    -------
    summary : dict
        Family -> (array of medians, array of numbers of data sets), nan where there is none.
    """
    summary = {}
    for family, sets in table.items():
        values = np.array(list(sets.values()))
        counts = (~np.isnan(values)).sum(axis=0)
        middle = [np.median(c[~np.isnan(c)]) if n else np.nan for c, n in zip(values.T, counts)]
        summary[family] = np.array(middle), counts
    return summary


def differences(table, family, reference, index):
    """Reference minus family at a budget, for each data set where both have a value."""
    shared = [data for data in table[reference] if data in table[family]]
    both = np.array([table[reference][d][index] - table[family][d][index] for d in shared])
    return both[~np.isnan(both)]


def wilcoxon(table, reference="SCANN"):
    """Wilcoxon signed-rank tests over data sets of the reference against each other family.

    Returns
    -------
    tests : dict
        Family -> list with a dict for each budget: n (data sets), median_difference, wins, losses
        of the reference, and the two-sided p_value (nan where all are ties or there are none).
    """
    n_budgets = len(next(iter(table[reference].values())))
    return {
        family: [_signed_rank(differences(table, family, reference, i)) for i in range(n_budgets)]
        for family in table
        if family != reference
    }


def _signed_rank(d):
    p_value = stats.wilcoxon(d).pvalue if d.any() else np.nan
    return {
        "n": len(d),
        "median_difference": float(np.median(d)) if len(d) else np.nan,
        "wins": int((d > 0).sum()),
        "losses": int((d < 0).sum()),
        "p_value": float(p_value),
    }


def average_ranks(table, indices=None):
    """Average rank of each family over data sets and budgets; 1 is best.

    A family without a value ranks behind all that have one. Only data sets that every family was
    run on count.

    Parameters
    ----------
    table : dict
        Of `by_connections` or `by_bytes`.
    indices : list of int, default=None
        The budgets to look at; None: all. Ranks are averaged over them within a data set first.

    Returns
    -------
    ranks : dict
        Family -> average rank.
    n_data : int
        Number of data sets.
    p_value : float
        Of Friedman's test on the ranks of the data sets; nan for fewer than three families or two
        data sets.
    """
    families = list(table)
    shared = [d for d in table[families[0]] if all(d in table[f] for f in families)]
    if not shared:
        raise ValueError(f"No data set has records of all of {families}.")
    values = np.array([[table[f][d] for f in families] for d in shared])
    values = values if indices is None else values[:, :, indices]
    filled = np.where(np.isnan(values), -1.0, values)
    ranks = stats.rankdata(-filled, axis=1).mean(axis=2)
    p_value = np.nan
    if len(families) > 2 and len(shared) > 1:
        p_value = float(stats.friedmanchisquare(*ranks.T).pvalue)
    return dict(zip(families, ranks.mean(axis=0).tolist())), len(shared), p_value


def critical_difference(n_families, n_data, alpha=0.05):
    """Difference of average ranks that is significant by Nemenyi's test.

    Demšar. Statistical comparisons of classifiers over multiple data sets, JMLR 7, 2006.
    """
    q = stats.studentized_range.ppf(1 - alpha, n_families, np.inf) / np.sqrt(2)
    return float(q * np.sqrt(n_families * (n_families + 1) / (6 * n_data)))


def cliques(ranks, difference):
    """Maximal groups of families whose average ranks don't differ significantly.

    Returns
    -------
    groups : list of (float, float)
        Lowest and highest rank of each group of at least two.
    """
    ordered = sorted(ranks.values())
    spans = [
        (low, max(r for r in ordered[i:] if r - low <= difference)) for i, low in enumerate(ordered)
    ]
    reach, groups = -np.inf, []
    for low, high in spans:
        if high > low and high > reach:
            groups.append((low, high))
        reach = max(reach, high)
    return groups
