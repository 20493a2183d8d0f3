"""Reductions that DR+SCANN goes on with: judged by a quick synthesis on each."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass

from benchmarks._data import Parts
from scann_sklearn import DimReducer

# Dividing by standard deviations makes small components as large as the others; without it, what
# varies little has little influence.
SCALINGS = ("standard", None)
RATIOS = 2  # of one method


@dataclass(frozen=True)
class Reduction:
    """A fitted reduction and what it makes of the data.

    Parameters
    ----------
    method, ratio
        As for `DimReducer`.
    scaling : str or None
        Input scaling of the networks behind it.
    reducer : DimReducer
        Fitted to the training part.
    parts : Parts
        The reduced data.
    """

    method: str
    ratio: float
    scaling: str | None
    reducer: DimReducer
    parts: Parts

    @property
    def facts(self):
        """What a record says of it."""
        return {"method": self.method, "ratio": self.ratio, "input_scaling": self.scaling}


def promising(tried, parts, seed, judge, n_kept):
    """Reductions that a quick synthesis likes best.

    Every method at the best ratio that Algorithm 1 has found, with both scalings; then the kept
    ones' methods at their next best ratio.

    Parameters
    ----------
    tried : list of dict
        What Algorithm 1 tried.
    parts : Parts
        The data.
    seed : int
        As for the reducers.
    judge : callable
        Takes a reduction, returns what sorts the better one first.
    n_kept : int
        How many.

    Returns
    -------
    reductions : list of Reduction
        The best first.
    """
    ratios: dict[str, list] = {}
    for trial in sorted(tried, key=lambda t: -t["validation"]):
        ratios.setdefault(trial["method"], []).append(trial["ratio"])
    judged = [
        (judge(reduction), reduction)
        for method, found in ratios.items()
        for reduction in _reductions(method, found[0], parts, seed, SCALINGS)
    ]
    judged.sort(key=lambda pair: pair[0])
    for _, kept in judged[:n_kept]:
        for ratio in ratios[kept.method][1:RATIOS]:
            others = _reductions(kept.method, ratio, parts, seed, [kept.scaling])
            judged += [(judge(reduction), reduction) for reduction in others]
    judged.sort(key=lambda pair: pair[0])
    return [reduction for _, reduction in judged[:n_kept]]


def _reductions(method, ratio, parts, seed, scalings):
    reducer = DimReducer(method, ratio=ratio, random_state=seed)
    reduced = parts._replace(
        X_train=reducer.fit_transform(parts.X_train),
        X_val=reducer.transform(parts.X_val),
        X_test=reducer.transform(parts.X_test),
    )
    return [Reduction(method, ratio, scaling, reducer, reduced) for scaling in scalings]
