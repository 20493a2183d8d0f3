"""Rules that choose one candidate of a search."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import dataclass
from math import sqrt
from numbers import Real

import numpy as np

from scann_sklearn._constraints import Interval
from scann_sklearn._cv_results import count_splits, mean_test


@dataclass(frozen=True)
class SmallestWithinOneSE:
    """Choose the cheapest candidate that is about as good as the best.

    Pass an instance as `refit` to a search with several metrics. A candidate is good enough if its
    mean test score is at most one standard error below that of the best candidate. The standard
    error is that of the best candidate: its ``std_test_<score>`` divided by the square root of the
    number of splits. Of equally cheap candidates the best is chosen, and of equally good ones the
    first. Candidates without a finite score or cost are never chosen. With a callable `refit`,
    scikit-learn's own searches have no `score`: use that of their ``best_estimator_``, or use
    :class:`CompressionSearchCV`.

    Parameters
    ----------
    score : str, default="accuracy"
        Name of the metric of quality, which is read from ``mean_test_<score>``.

    cost : str, default="energy"
        Name of the metric of cost, which is read from ``mean_test_<cost>``. It must be a score,
        for which greater is better: :func:`~scann_sklearn.metrics.energy_score` is the negative
        energy.

    tolerance : float, default=None
        Maximum distance of the score from the best one, in units of the score. If None, one
        standard error, which needs at least two splits.

    See Also
    --------
    pareto_front : All candidates that no other dominates.

    Examples
    --------
    >>> from scann_sklearn.model_selection import SmallestWithinOneSE
    >>> cv_results = {
    ...     "mean_test_accuracy": [0.90, 0.97, 0.96],
    ...     "mean_test_energy": [-1e-8, -9e-8, -3e-8],
    ... }
    >>> SmallestWithinOneSE(tolerance=0.02)(cv_results)
    2
    """

    score: str = "accuracy"
    cost: str = "energy"
    tolerance: float | None = None

    def __post_init__(self) -> None:
        for name in ("score", "cost"):
            if not isinstance(getattr(self, name), str):
                raise ValueError(f"{name} must be a string, got {getattr(self, name)!r}.")
        tolerance, number = self.tolerance, Interval(Real, 0, None, closed="left")
        if tolerance is not None and not number.is_satisfied_by(tolerance):
            raise ValueError(
                f"tolerance must be None or a finite number of at least 0, got {tolerance!r}."
            )

    def __call__(self, cv_results) -> int:
        """Choose a candidate.

        Parameters
        ----------
        cv_results : dict of str to ndarray
            The ``cv_results_`` of a search.

        Returns
        -------
        index : int
            Index of the candidate.

        Raises
        ------
        ValueError
            If `cv_results` lacks one of the metrics, no candidate has a finite score and cost, or
            there is a single split and no `tolerance`.
        """
        scores, savings = mean_test(cv_results, self.score), mean_test(cv_results, self.cost)
        if np.isnan(scores).all():
            raise ValueError(f"No candidate has a finite mean_test_{self.score}: {scores}.")
        best = int(np.nanargmax(scores))
        # The slack is for rounding: 0.98 is within 0.01 of 0.99.
        slack = 8 * np.finfo(float).eps * abs(scores[best])
        least = scores[best] - self._tolerance(cv_results, best) - slack
        eligible = np.flatnonzero((scores >= least) & np.isfinite(savings))
        if not len(eligible):
            raise ValueError(
                f"No candidate with a mean_test_{self.score} of at least {least:.6g} has a finite "
                f"mean_test_{self.cost}: {savings}."
            )
        return int(eligible[np.lexsort((-scores[eligible], -savings[eligible]))[0]])

    def _tolerance(self, cv_results, best) -> float:
        if self.tolerance is not None:
            return self.tolerance
        n_splits = count_splits(cv_results, self.score)
        if n_splits < 2:
            raise ValueError(
                f"A standard error needs at least two splits, and the search has {n_splits}: "
                "set the tolerance, as in SmallestWithinOneSE(tolerance=0.01)."
            )
        return float(cv_results[f"std_test_{self.score}"][best]) / sqrt(n_splits)
