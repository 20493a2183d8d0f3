"""Small data: which size of network is good enough is found by cross-validation."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold

from scann_sklearn.estimators._data import Part

N_FOLDS = 5
_FEWEST, _MANY = 50, 1000  # rows: folds of ten at least; a tenth of a thousand says enough


def folds_of(
    data: Part, strata: np.ndarray | None, rng: np.random.Generator
) -> list[tuple[Part, Part]]:
    """Training and validation parts for cross-validation; none where one split is as good.

    Parameters
    ----------
    data : Part
        All that was given.
    strata : ndarray of int of shape (n_samples,) or None
        Classes, of which every fold gets its share.
    rng : numpy.random.Generator
        What draws the rows.

    Returns
    -------
    folds : list of (Part, Part)
        Rows of weight zero are in no validation part. Empty for many rows and for very few.
    """
    rows = np.flatnonzero(data.sample_weight)
    counts = np.array([len(rows)]) if strata is None else np.bincount(strata[rows])
    n_folds = min(N_FOLDS, counts[counts > 0].min())
    if n_folds < 2 or not _FEWEST <= len(rows) < _MANY:
        return []
    kind = KFold if strata is None else StratifiedKFold
    splitter = kind(n_folds, shuffle=True, random_state=int(rng.integers(2**31)))
    folds = []
    for _, chosen in splitter.split(rows, None if strata is None else strata[rows]):
        held = np.zeros(len(data.y), dtype=bool)
        held[rows[chosen]] = True
        folds.append((data.take(np.flatnonzero(~held)), data.take(np.flatnonzero(held))))
    return folds


class BySize:
    """What networks of each size were like in cross-validation.

    Parameters
    ----------
    fits : list of Fit
        Their syntheses have run, each without the rows of its fold.
    """

    def __init__(self, fits: list[Any]) -> None:
        self._scores = [_scores(fit.synthesis.past) for fit in fits]
        self._temperatures = [_temperatures(fit) for fit in fits]
        self._held = [_of_frontier(fit, fit.problem.held) for fit in fits]

    def score(self, n_connections: int) -> float:
        """Mean score over the folds of networks of about so many connections.

        Parameters
        ----------
        n_connections : int
            Number of connections.

        Returns
        -------
        score : float
            Of the next smaller networks where there were none of this size.
        """
        return float(np.mean([_at(n_connections, *found) for found in self._scores]))

    def temperatures(self, n_connections: int) -> np.ndarray | None:
        """Geometric mean over the folds of the temperatures of networks of about this size.

        Parameters
        ----------
        n_connections : int
            Number of connections.

        Returns
        -------
        temperatures : ndarray of shape (n_outputs,) or None
            See `Head.temperatures`.
        """
        found = [_at(n_connections, *found) for found in self._temperatures]
        return None if found[0] is None else np.exp(np.mean(np.log(found), axis=0))

    def held(self, n_connections: int) -> list[Any]:
        """What networks of about this size said about the samples of their fold.

        Parameters
        ----------
        n_connections : int
            Number of connections.

        Returns
        -------
        held : list of Held
            See `Problem.held`.
        """
        return [_at(n_connections, *found) for found in self._held]


def _scores(past) -> tuple[np.ndarray, np.ndarray]:
    """Sizes that rounds have left, ascending, and the mean score of each."""
    sizes, which = np.unique([r.n_connections for r in past], return_inverse=True)
    return sizes, np.bincount(which, [r.score for r in past]) / np.bincount(which)


def _temperatures(fit) -> tuple[list[int], list[np.ndarray | None]]:
    """Sizes of the frontier, ascending, and the temperatures of each."""
    return _of_frontier(fit, lambda fit, network: fit.temperatures(network))


def _of_frontier(fit, ask) -> tuple[list[int], list[Any]]:
    """Sizes of the frontier, ascending, and what is asked about the network of each."""
    points = list(fit.synthesis.frontier)
    return [p.n_connections for p in points], [ask(fit, p.network) for p in points]


def _at(size, sizes, values) -> Any:
    """Value of the largest of the sizes that is not above this one."""
    return values[max(np.searchsorted(sizes, size, side="right") - 1, 0)]
