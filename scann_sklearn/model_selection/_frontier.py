"""The candidates of a search that no other one beats."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np

from scann_sklearn._cv_results import mean_test
from scann_sklearn._dominance import non_dominated


def pareto_front(cv_results, *, score="accuracy", cost="energy") -> np.ndarray:
    """Find the candidates that no other candidate dominates.

    A candidate dominates another if it is at least as good in both metrics and better in one of
    them. Equal candidates don't dominate each other: the front has all of them. Candidates whose
    mean test score is not finite in one of the metrics are left out.

    Parameters
    ----------
    cv_results : dict of str to ndarray
        The ``cv_results_`` of a search with several metrics.

    score : str, default="accuracy"
        Name of the metric of quality, which is read from ``mean_test_<score>``.

    cost : str, default="energy"
        Name of the metric of cost, which is read from ``mean_test_<cost>``. It must be a score,
        for which greater is better: :func:`~scann_sklearn.metrics.energy_score` is the negative
        energy.

    Returns
    -------
    indices : ndarray of shape (n_front,)
        Indices of the candidates, from the cheapest and worst to the most expensive and best.

    Raises
    ------
    ValueError
        If `cv_results` lacks one of the metrics.

    See Also
    --------
    SmallestWithinOneSE : Choose one candidate.

    Examples
    --------
    >>> from scann_sklearn.model_selection import pareto_front
    >>> cv_results = {
    ...     "mean_test_accuracy": [0.90, 0.97, 0.96, 0.80],
    ...     "mean_test_energy": [-1e-8, -9e-8, -3e-8, -2e-8],
    ... }
    >>> pareto_front(cv_results)
    array([0, 2, 1])
    """
    scores, savings = mean_test(cv_results, score), mean_test(cv_results, cost)
    valid = np.flatnonzero(np.isfinite(scores) & np.isfinite(savings))
    return valid[non_dominated(-savings[valid], scores[valid])]
