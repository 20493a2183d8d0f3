"""The scorer of the validation data, with errors that name it."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from contextlib import suppress
from numbers import Real

from sklearn.metrics import adjusted_rand_score, check_scoring, r2_score

# Modules of scores that compare something else than classes with classes or probabilities.
_OTHER_KINDS = {r2_score.__module__: "regression", adjusted_rand_score.__module__: "clusterings"}


class ValidationScorer:
    """Scorer of a classifier whose failures say that `scoring` is to blame.

    Parameters
    ----------
    estimator : SCANNClassifier
        Its `scoring` is taken.

    Raises
    ------
    ValueError
        If `scoring` is unknown, or scikit-learn's for regression or clusterings.
    """

    def __init__(self, estimator) -> None:
        self.scoring = estimator.scoring
        self.scorer = check_scoring(estimator, self.scoring)
        function = getattr(self.scorer, "_score_func", None)  # of scikit-learn's own scorers
        kind = _OTHER_KINDS.get(getattr(function, "__module__", None))
        if kind is not None:
            raise ValueError(
                f"scoring={self.scoring!r} is a score for {kind} and says nothing about classes: "
                "use one for classification, such as 'accuracy', 'balanced_accuracy' or "
                "'neg_log_loss'."
            )

    def __call__(self, fitted, X, y, **weights) -> float:
        """Score a fitted classifier.

        Parameters
        ----------
        fitted : SCANNClassifier
            A fitted classifier.
        X : ndarray of shape (n_samples, n_features)
            Validation samples.
        y : ndarray of shape (n_samples,)
            Their labels.
        **weights : ndarray of shape (n_samples,)
            `sample_weight`, where the samples' weights differ.

        Returns
        -------
        score : float
            The score; it may be NaN.

        Raises
        ------
        ValueError
            If the scorer fails or returns no number.
        """
        try:
            score = self.scorer(fitted, X, y, **weights)
        except TypeError as error:
            if "sample_weight" not in str(error):
                raise ValueError(self._failure(error)) from error
            raise ValueError(
                f"scoring={self.scoring!r} has to take sample_weight, since sample_weight or "
                "class_weight weigh the validation score too; see sklearn.metrics.make_scorer."
            ) from error
        except Exception as error:
            raise ValueError(self._failure(error)) from error
        if hasattr(score, "item"):  # numbers of NumPy and of torch
            with suppress(ValueError, RuntimeError):
                score = score.item()
        if not isinstance(score, Real):
            raise ValueError(
                f"scoring={self.scoring!r} must return a number, got {score!r} of type "
                f"{type(score).__name__}."
            )
        return float(score)

    def _failure(self, error) -> str:
        return (
            f"scoring={self.scoring!r} failed on the validation data, called as "
            f"scorer(estimator, X, y): {type(error).__name__}: {error}"
        )
