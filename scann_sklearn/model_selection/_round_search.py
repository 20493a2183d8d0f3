"""What searches that go on in rounds have in common."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any, Self

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from scann_sklearn._doc_links import DocLinkMixin
from scann_sklearn._sklearn import BaseSearchCV


class RoundSearch(DocLinkMixin, BaseSearchCV):
    """Base class of searches by rounds.

    Finished rounds are kept where a later one is interrupted, and the best parameters where the
    refit is. A callable `refit` has `best_score_` and `score`. Rounds are tasks for callbacks.
    """

    _documented_in = "scann_sklearn.model_selection"

    metric: Any

    _parameter_constraints: dict = {
        **BaseSearchCV._parameter_constraints,
        "metric": [str, None],
    }

    def __init__(
        self,
        estimator,
        *,
        metric=None,
        scoring=None,
        n_jobs=None,
        refit=True,
        cv=None,
        verbose=0,
        pre_dispatch="2*n_jobs",
        error_score=np.nan,
        return_train_score=False,
    ) -> None:
        super().__init__(
            estimator,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.metric = metric

    def __sklearn_is_fitted__(self) -> bool:
        # The last attribute that fit sets: an interrupted search has others, but not this one.
        return hasattr(self, "scorer_")

    def fit(self, X, y=None, **params) -> Self:
        """Run the search, and fit the chosen candidate on all data.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data.

        y : array-like of shape (n_samples,)
            Class labels or target values.

        **params : dict of str to object
            Parameters passed to the `fit` of the estimator, the scorers and the splitter.

        Returns
        -------
        self : object
            The fitted search.
        """
        for name in [name for name in vars(self) if name.endswith("_")]:
            delattr(self, name)  # lest an interrupted search should be a mixture of two
        try:
            self._fit_in_rounds(X, y, **params)
        except BaseException as error:
            self._keep_what_is_done(error)
            raise
        self._score_the_chosen()
        return self

    def _fit_in_rounds(self, X, y, **params) -> None:
        """Search and refit, as scikit-learn does it: `_run_search` evaluates the rounds."""
        super().fit(X, y, **params)

    def _score_the_chosen(self) -> None:
        if callable(self.refit):  # the base class knows no score then
            self.best_score_ = self.cv_results_[f"mean_test_{self.metric_}"][self.best_index_]

    def _keep_what_is_done(self, error) -> None:
        """After an error: finished rounds, and what an interrupted refit has come to."""
        if not hasattr(self, "cv_results_"):
            return
        n_candidates = len(self.cv_results_["params"])
        error.add_note(f"cv_results_ keeps the {n_candidates} candidates tried before.")
        if not hasattr(self, "best_estimator_"):
            return
        self._score_the_chosen()
        if isinstance(error, KeyboardInterrupt) and _is_fitted(self.best_estimator_):
            scorers, _ = self._get_scorers()
            self.scorer_ = getattr(scorers, "_scorers", scorers)
            if hasattr(self.best_estimator_, "feature_names_in_"):
                self.feature_names_in_ = self.best_estimator_.feature_names_in_
            error.add_note(
                "The refit of best_params_ was interrupted: best_estimator_ is its "
                "result so far, and the search is fitted."
            )
        else:
            del self.best_estimator_
            error.add_note(
                "best_params_ is kept, but the refit didn't finish: the search is not fitted."
            )

    def score(self, X, y=None, **params) -> float:
        """Compute the score of the chosen candidate on given data.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        y : array-like of shape (n_samples,), default=None
            Class labels or target values.

        **params : dict of str to object
            Parameters passed to the scorer.

        Returns
        -------
        score : float
            The score defined by `scoring`, that of ``metric_`` if there are several.
        """
        if not (callable(self.refit) and getattr(self, "multimetric_", False)):
            return super().score(X, y, **params)
        named = copy(self)  # the base class takes the name of the metric from refit
        named.refit = self.metric_
        return super(RoundSearch, named).score(X, y, **params)

    def _check_metric(self) -> None:
        """Raise where it is known before the first fit that no metric decides."""
        several = isinstance(self.scoring, Collection) and not isinstance(self.scoring, str)
        if several or not callable(self.scoring):  # what a function returns is known later
            self._watched(sorted(self.scoring) if several else ["score"])

    def _check_shape(self, shape) -> None:
        if shape[1:] == (0,):
            raise ValueError(
                f"Found array with 0 feature(s) (shape={shape}) while a minimum of 1 is required "
                f"by {type(self).__name__}."
            )

    def _watched(self, metrics: list[str]) -> str:
        """Name the metric that decides."""
        if metrics == ["score"] and self.metric in (None, "score", self.scoring):
            return "score"
        refit = self.refit if isinstance(self.refit, str) else getattr(self.refit, "score", None)
        watched = refit if self.metric is None else self.metric
        if watched not in metrics:
            raise ValueError(
                f"metric={self.metric!r} with refit={self.refit!r} names none of the metrics "
                f"{metrics}: set metric to one of them."
            )
        return watched

    @contextmanager
    def _search_task(self, context, n_rounds) -> Iterator[Any]:
        """Task of all rounds; `n_rounds` is an upper bound, None where there is none."""
        task = context.subcontext(task_name="search", max_subtasks=n_rounds)
        task.call_on_fit_task_begin(estimator=self)
        yield task
        task.call_on_fit_task_end(estimator=self)

    @contextmanager
    def _round_task(self, context, name, n_fits) -> Iterator[Any]:
        """Task of one round, whose fits may run at the same time."""
        task = context.subcontext(task_name=name, max_subtasks=n_fits, sequential_subtasks=False)
        task.call_on_fit_task_begin(estimator=self)
        yield task
        task.call_on_fit_task_end(estimator=self)


def _is_fitted(estimator) -> bool:
    try:
        check_is_fitted(estimator)
    except NotFittedError:
        return False
    return True
