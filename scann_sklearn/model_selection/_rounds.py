"""What the rounds of Algorithm 1 have shown: which methods go on, which candidate is the best."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from collections.abc import Mapping
from math import inf, sqrt

import numpy as np

from scann_sklearn._cv_results import count_splits, mean_test

UNREDUCED = "passthrough"


class Rounds:
    """Scores of the rounds, and the methods that have been stopped.

    Parameters
    ----------
    max_gap : float or None
        How far a method may be below the best of its round.
    max_drop : float or None
        How far a method may be below its own best.

    Attributes
    ----------
    stopped : dict of str to tuple
        For each method that was stopped, at which ratio and why.
    """

    def __init__(self, max_gap: float | None, max_drop: float | None) -> None:
        self.max_gap = inf if max_gap is None else max_gap
        self.max_drop = inf if max_drop is None else max_drop
        self.stopped: dict[str, tuple[float, str]] = {}
        self._best_scores: dict[str, float] = {}
        self._best = (-inf, "", inf)  # score, method, ratio

    def note(self, ratio: float, scores: Mapping[str, float]) -> None:
        """Take the scores of a round, by method, and stop those that did badly."""
        self._ratio, self._scores = ratio, scores
        finite = {method: score for method, score in scores.items() if np.isfinite(score)}
        leader = max(finite.values(), default=-inf)
        for method, score in finite.items():
            if score > self._best[0]:
                self._best = (score, method, ratio)
            best = self._best_scores[method] = max(score, self._best_scores.get(method, -inf))
            if method == UNREDUCED:
                continue  # there is no ratio to raise
            if score < leader - self.max_gap:
                self.stopped[method] = (ratio, "gap")
            elif score < best - self.max_drop:
                self.stopped[method] = (ratio, "drop")

    def report(self) -> str:
        """The last round in a line."""
        parts = [", ".join(f"{method} {score:.4g}" for method, score in self._scores.items())]
        reasons = {
            "gap": f"more than {self.max_gap:g} below the best of the round",
            "drop": f"more than {self.max_drop:g} below its own best",
        }
        parts += [
            f"{method} ends, {reasons[why]}"
            for method, (ratio, why) in self.stopped.items()
            if ratio == self._ratio
        ]
        score, method, ratio = self._best
        if method:
            parts.append(f"best so far {score:.4g}, {method} at ratio {ratio:g}")
        return f"ratio {self._ratio:g}: {'; '.join(parts)}"


def best_that_earns_its_cost(cv_results: Mapping, metric: str, reducer: str) -> int:
    """Index of the best candidate, projections at ratio 1 left out that gain nothing.

    Parameters
    ----------
    cv_results : dict of str to ndarray
        The ``cv_results_`` of a search.
    metric : str
        What the best is the best in.
    reducer : str
        Name of the step that reduces.

    Returns
    -------
    index : int
        The first of the best. A projection at ratio 1 counts where it is above no reduction by
        more than one standard error of its score.
    """
    methods, ratios = (
        [params[f"{reducer}__{name}"] for params in cv_results["params"]]
        for name in ("method", "ratio")
    )
    rank = cv_results[f"rank_test_{metric}"]
    if UNREDUCED not in methods:
        return int(rank.argmin())
    scores = mean_test(cv_results, metric)
    error = cv_results[f"std_test_{metric}"] / sqrt(count_splits(cv_results, metric))
    no_better = scores <= scores[methods.index(UNREDUCED)] + error
    idle = (np.array(ratios) == 1) & (np.array(methods) != UNREDUCED) & no_better
    return int(np.where(idle, np.inf, rank).argmin())
