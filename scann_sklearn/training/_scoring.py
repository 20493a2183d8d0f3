"""The scorer of the validation data, with errors that name it."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from contextlib import suppress
from numbers import Real

from sklearn.base import is_classifier
from sklearn.metrics import (
    accuracy_score,
    adjusted_rand_score,
    check_scoring,
    r2_score,
    roc_auc_score,
)

# What scikit-learn's scores compare, by the modules that they are in.
_KINDS = {
    accuracy_score.__module__: "classification",
    roc_auc_score.__module__: "classification",
    r2_score.__module__: "regression",
    adjusted_rand_score.__module__: "clusterings",
}
_ANSWERS = {"classification": "classes", "regression": "values"}
_EXAMPLES = {
    "classification": "'accuracy', 'balanced_accuracy' or 'neg_log_loss'",
    "regression": "'r2', 'neg_mean_squared_error' or 'neg_mean_absolute_error'",
}


class ValidationScorer:
    """Scorer of an estimator whose failures say that `scoring` is to blame.

    Parameters
    ----------
    estimator : estimator
        Its `scoring` is taken.

    Attributes
    ----------
    reads_probabilities : bool
        Whether the score may depend on more than answers.

    Raises
    ------
    ValueError
        If `scoring` is unknown, or one of scikit-learn's for other answers than the estimator's.
    """

    def __init__(self, estimator) -> None:
        self.scoring = estimator.scoring
        self.scorer = check_scoring(estimator, self.scoring)
        self.reads_probabilities = getattr(self.scorer, "_response_method", None) != "predict"
        function = getattr(self.scorer, "_score_func", None)  # of scikit-learn's own scorers
        wanted = "classification" if is_classifier(estimator) else "regression"
        kind = _KINDS.get(getattr(function, "__module__", ""), wanted)
        if kind != wanted:
            raise ValueError(
                f"scoring={self.scoring!r} is a score for {kind} and says nothing about "
                f"{_ANSWERS[wanted]}: use one for {wanted}, such as {_EXAMPLES[wanted]}."
            )

    def __call__(self, fitted, X, y, **weights) -> float:
        """Score a fitted estimator.

        Parameters
        ----------
        fitted : estimator
            A fitted estimator.
        X : ndarray of shape (n_samples, n_features)
            Validation samples.
        y : ndarray of shape (n_samples,)
            What it should predict.
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
                f"scoring={self.scoring!r} must accept sample_weight, since "
                "sample_weight or class_weight apply to the validation score too; "
                "see sklearn.metrics.make_scorer."
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
