"""``cv_results_`` of what a search has tried."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any

import numpy as np

from scann_sklearn._sklearn import _insert_error_scores
from scann_sklearn.model_selection._trials import Trial


def all_outs(trials: list[Trial]) -> list[dict]:
    """What scikit-learn has returned of each fit: candidate by candidate, by number of split."""
    return [out for trial in trials for _, out in sorted(trial.outs.items())]


def results_of(search: Any, trials: list[Trial], n_splits: int) -> dict[str, Any]:
    """Columns of scikit-learn's searches, and those of ours.

    Parameters
    ----------
    search : BaseSearchCV
        Makes its own columns.
    trials : list of Trial
        Candidates, all fits of which have ended.
    n_splits : int
        Number of these fits.

    Returns
    -------
    results : dict
        Lists and arrays by name.
    """
    outs = [dict(out) for out in all_outs(trials)]
    if callable(search.scoring):
        _insert_error_scores(outs, search.error_score)
    cost = np.array([trial.cost for trial in trials])
    more = {
        "cost": cost,
        "stage": [trial.stage for trial in trials],
        "round": [trial.round for trial in trials],
        "start": [trial.start for trial in trials],
        "predicted_score": [trial.predicted for trial in trials],
    }
    results = search._format_results([trial.params for trial in trials], n_splits, outs, more)
    return results | {"mean_test_cost": -cost}
