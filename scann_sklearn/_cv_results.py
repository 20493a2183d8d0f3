"""Columns of ``cv_results_``."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import re
from collections.abc import Mapping

import numpy as np

MEAN = "mean_test_"


def metrics_of(cv_results: Mapping) -> list[str]:
    """Name the metrics that a search has scored; a single one is called 'score'."""
    return sorted(key.removeprefix(MEAN) for key in cv_results if key.startswith(MEAN))


def mean_test(cv_results: Mapping, metric: str) -> np.ndarray:
    """Return the mean test score of every candidate, NaN where it is not finite."""
    if not isinstance(metric, str):
        raise ValueError(f"score and cost must be names of metrics, got {metric!r}.")
    if MEAN + metric not in cv_results:
        raise ValueError(
            f"cv_results_ has no {MEAN + metric!r}. Its metrics are "
            f"{metrics_of(cv_results)}; scoring={{{metric!r}: ...}} adds another one."
        )
    scores = np.asarray(cv_results[MEAN + metric], dtype=float)
    return np.where(np.isfinite(scores), scores, np.nan)


def count_splits(cv_results: Mapping, metric: str) -> int:
    """Count the splits that a metric was computed on."""
    pattern = re.compile(rf"split\d+_test_{re.escape(metric)}")
    return sum(pattern.fullmatch(key) is not None for key in cv_results)
