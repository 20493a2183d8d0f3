"""Differences of test accuracy at sizes, with bootstrap intervals over seeds. All pure."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from benchmarks.peers._compare import value_at

N_RESAMPLES = 2000


def paired(records, family, others, other, sizes):
    """Values of two families on the data sets and seeds that both have.

    Parameters
    ----------
    records, others : iterable of dict
        Records, with data, seed, sha256, family and points.
    family, other : str
        Which of `records`, and which of `others`.
    sizes : sequence of int
        Numbers of connections.

    Returns
    -------
    pairs : dict
        Data set -> array of shape (2, n_seeds, n_sizes); minus infinity where there is nothing so
        small.
    """
    first, second = _by_cell(records, family), _by_cell(others, other)
    pairs: dict = {}
    for cell in first.keys() & second.keys():
        both = [[value_at(r["points"], s) for s in sizes] for r in (first[cell], second[cell])]
        pairs.setdefault(cell[0], {})[cell[1]] = np.where(np.isnan(both), -np.inf, both)
    order = dict.fromkeys(cell[0] for cell in first if cell[0] in pairs)
    return {
        name: np.stack([found for _, found in sorted(pairs[name].items())], axis=1)
        for name in order
    }


def _by_cell(records, family):
    return {(r["data"], r["seed"], r["sha256"]): r for r in records if r["family"] == family}


def differences(pairs):
    """Median over data sets of the difference of the medians over seeds, at each size.

    Parameters
    ----------
    pairs : dict
        See `paired`.

    Returns
    -------
    rows : list of dict
        For each size: n (data sets where both have a value), median_difference (first less second),
        low and high (95 % interval: seeds are drawn again within each data set, the same for
        both), wins and losses.
    """
    if not pairs:
        return []
    rng = np.random.default_rng(0)
    seen = np.array([_gaps(values[:, None])[0] for values in pairs.values()])
    drawn = []
    for values in pairs.values():
        n_seeds = values.shape[1]
        drawn.append(_gaps(values[:, rng.integers(n_seeds, size=(N_RESAMPLES, n_seeds))]))
    rows = []
    for column, again in zip(seen.T, np.moveaxis(np.array(drawn), 2, 0)):
        there = ~np.isnan(column)
        row = {"n": int(there.sum()), "median_difference": np.nan, "low": np.nan, "high": np.nan}
        if there.any():
            row["median_difference"] = float(np.median(column[there]))
            middle = np.ma.median(np.ma.masked_invalid(again[there]), axis=0).compressed()
            row["low"], row["high"] = np.quantile(middle, (0.025, 0.975)).tolist()
        row["wins"], row["losses"] = int((column > 0).sum()), int((column < 0).sum())
        rows.append(row)
    return rows


def _gaps(values):
    """Difference of medians over the second to last axis; nan where one is infinite."""
    first, second = np.median(values, axis=-2)
    there = np.isfinite(first) & np.isfinite(second)
    return np.where(there, np.where(there, first, 0) - np.where(there, second, 0), np.nan)
