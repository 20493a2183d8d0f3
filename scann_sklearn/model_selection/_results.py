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


def first_scores(trials: list[Trial]) -> Any:
    """Score of a fit that hasn't failed, a dict where there are several metrics."""
    return next(out["test_scores"] for out in all_outs(trials) if out["fit_error"] is None)


def metrics_in(trials: list[Trial]) -> list[str]:
    """Names of the metrics, ["score"] where there is one without a name."""
    scores = first_scores(trials)
    return sorted(scores) if isinstance(scores, dict) else ["score"]


def results_of(search: Any, trials: list[Trial], more: dict | None = None) -> dict[str, Any]:
    """Columns of scikit-learn's searches, and further ones.

    Parameters
    ----------
    search : BaseSearchCV
        Makes its own columns.
    trials : list of Trial
        Candidates, all fits of which have ended.
    more : dict, default=None
        Further columns.

    Returns
    -------
    results : dict
        Lists and arrays by name.
    """
    outs = [dict(out) for out in all_outs(trials)]
    if callable(search.scoring):
        _insert_error_scores(outs, search.error_score)
    return search._format_results([t.params for t in trials], search.n_splits_, outs, more)


def columns_of(trials: list[Trial]) -> dict[str, Any]:
    """What STEERAGE knows of candidates."""
    return {
        "cost": np.array([trial.cost for trial in trials]),
        "stage": [trial.stage for trial in trials],
        "round": [trial.round for trial in trials],
        "start": [trial.start for trial in trials],
        "predicted_score": [trial.predicted for trial in trials],
    }
