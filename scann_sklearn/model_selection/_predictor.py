"""Boosted trees that predict the score of a candidate, and how sure they are."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Self

import numpy as np
from scipy.stats import spearmanr
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted


class BoostedEnsemble(RegressorMixin, BaseEstimator):
    """Several boosted trees, each of a bootstrap sample.

    Candidates that were fitted are few, and where they say little the members differ: their spread
    is what a search explores by. The settings are ours.

    Parameters
    ----------
    n_members : int, default=6
        Number of regressors.
    max_iter : int, default=50
        Trees of each.
    random_state : int, RandomState instance or None, default=None
        Draws the samples.

    Attributes
    ----------
    members_ : list of HistGradientBoostingRegressor
        The regressors.
    n_features_in_ : int
        Number of features seen in `fit`.
    """

    def __init__(self, n_members=6, max_iter=50, random_state=None) -> None:
        self.n_members, self.max_iter, self.random_state = n_members, max_iter, random_state

    def fit(self, X, y) -> Self:
        """Learn scores.

        Parameters
        ----------
        X : ndarray of shape (n_candidates, n_features)
            Candidates as numbers; NaN where they lack a parameter.
        y : ndarray of shape (n_candidates,)
            Their scores, finite.

        Returns
        -------
        self : BoostedEnsemble
            The fitted ensemble.
        """
        X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
        rng = check_random_state(self.random_state)
        self.n_features_in_ = X.shape[1]
        self.members_ = []
        for _ in range(self.n_members):
            rows = rng.randint(len(y), size=len(y))
            member = HistGradientBoostingRegressor(
                max_iter=self.max_iter,
                max_leaf_nodes=6,
                min_samples_leaf=2,
                early_stopping=False,
                random_state=rng.randint(2**31 - 1),
            )
            drawn = X[rows]
            drawn[:, np.isnan(drawn).all(axis=0)] = 0.0  # no column may be all NaN
            self.members_.append(member.fit(drawn, y[rows]))
        return self

    def predict(self, X) -> np.ndarray:
        """Predict scores.

        Parameters
        ----------
        X : ndarray of shape (n_candidates, n_features)
            Candidates as numbers.

        Returns
        -------
        y : ndarray of shape (n_candidates,)
            Mean of the members.
        """
        return self.predict_with_spread(X)[0]

    def predict_with_spread(self, X) -> tuple[np.ndarray, np.ndarray]:
        """Predict scores, and say how far the members agree.

        Parameters
        ----------
        X : ndarray of shape (n_candidates, n_features)
            Candidates as numbers.

        Returns
        -------
        y : ndarray of shape (n_candidates,)
            Mean of the members.
        spread : ndarray of shape (n_candidates,)
            Their standard deviation.
        """
        check_is_fitted(self)
        X = np.asarray(X, dtype=float)
        found = np.array([member.predict(X) for member in self.members_])
        return found.mean(axis=0), found.std(axis=0)


def rank_correlation(predicted: np.ndarray, measured: np.ndarray) -> float:
    """Spearman's correlation of the finite pairs; NaN of two or fewer, or of equal ones."""
    both = np.isfinite(predicted) & np.isfinite(measured)
    if both.sum() < 3 or np.ptp(predicted[both]) == 0 or np.ptp(measured[both]) == 0:
        return float("nan")
    return float(spearmanr(predicted[both], measured[both]).statistic)
