"""What searches that go on in rounds have in common."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from copy import copy
from os import PathLike
from typing import Any, Self

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import check_cv
from sklearn.utils import indexable
from sklearn.utils.validation import check_is_fitted

from scann_sklearn._doc_links import DocLinkMixin
from scann_sklearn._parallel import ParallelAsEnded
from scann_sklearn._sklearn import (
    BaseSearchCV,
    _check_method_params,
    _fit_context,
    _warn_or_raise_about_fit_failures,
)
from scann_sklearn.model_selection._batch import Batches, Given
from scann_sklearn.model_selection._kept import kept_fits
from scann_sklearn.model_selection._results import all_outs, first_scores
from scann_sklearn.model_selection._trials import Trial


class RoundSearch(DocLinkMixin, BaseSearchCV):
    """Base class of searches by rounds.

    Finished rounds are kept where a later one is interrupted, and the best parameters where the
    refit is; with `checkpoint` finished fits are kept in a file. A callable `refit` has
    `best_score_` and `score`. Rounds are tasks for callbacks.
    """

    _documented_in = "scann_sklearn.model_selection"

    metric: Any
    checkpoint: Any = None  # searches that were pickled before have none of their own

    _parameter_constraints: dict = {
        **BaseSearchCV._parameter_constraints,
        "metric": [str, None],
        "checkpoint": [str, PathLike, None],
    }

    def __init__(
        self,
        estimator,
        *,
        checkpoint=None,
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
        self.checkpoint = checkpoint
        self.metric = metric

    @abstractmethod
    def _plan(self, X: Any) -> Any:
        """What will be searched, checked before anything is fitted: mistakes show at once."""

    @abstractmethod
    def _search(self, plan: Any, given: Given, root: Any) -> list[Trial]:
        """Carry out the rounds, and set `cv_results_` and `metric_`; returns all candidates."""

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

    @_fit_context(prefer_skip_nested_validation=False)
    def _fit_in_rounds(self, X, y, **params) -> None:
        """Search and refit: the order of scikit-learn's searches, with fits that are kept."""
        scorers, refit_metric = self._get_scorers()
        self._check_metric()
        X, y = indexable(X, y)
        self._check_shape(np.shape(X))
        plan = self._plan(X)
        params = _check_method_params(X, params=params)
        weight = params.get("sample_weight")
        seen = {"X": X, "y": y, "metadata": None if weight is None else {"sample_weight": weight}}
        with kept_fits(self, X, y, params) as kept:
            routed = self._get_routed_params_for_fit(params)
            given = Given(X, y, params, scorers, routed, kept)
            root = self._init_callback_context(max_subtasks=1 + (self.refit is not False))
            root.call_on_fit_task_begin(estimator=self, **seen)
            trials = self._search(plan, given, root)
            _warn_or_raise_about_fit_failures(all_outs(trials), self.error_score)
            self._choose(trials, refit_metric)
            if self.refit:
                self._refit(trials, given, root, seen)
            # The only scorer is not stored as a dict.
            self.scorer_ = getattr(scorers, "_scorers", scorers)
            root.call_on_fit_task_end(estimator=self, **seen)

    def _splits(self, given: Given) -> list:
        """Training and test rows, those that are kept where some are.

        A splitter may give other splits at every call: rounds are compared, so take them once.
        """
        if given.kept.splits:
            return given.kept.splits
        cv = check_cv(self.cv, given.y, classifier=is_classifier(self.estimator))
        splits = list(cv.split(given.X, given.y, **given.routed.splitter.split))
        if not splits:
            raise ValueError(f"cv={self.cv!r} gives no split.")
        return splits

    def _batches(self, given: Given, splits: list, seed: list[int], keeps_models=False) -> Batches:
        """What carries out the fits of all rounds."""
        self.n_splits_ = len(splits)
        given.kept.begin(seed, splits, self.verbose)
        keywords = {
            "scorer": given.scorers,
            "fit_params": given.routed.estimator.fit,
            "score_params": given.routed.scorer.score,
            "return_train_score": self.return_train_score,
            "return_n_test_samples": True,
            "return_times": True,
            "return_parameters": False,
            "error_score": self.error_score,
            "verbose": self.verbose,
        }
        parallel, estimator = ParallelAsEnded(self.n_jobs, self.pre_dispatch), clone(self.estimator)
        return Batches(self, estimator, given, splits, parallel, keywords, keeps_models)

    def _carry_out(
        self, batches: Batches, batch: list[Trial], trials: list[Trial], task: Any, name: str
    ) -> None:
        """Carry out the fits of a round, but for those that are kept."""
        batches.kept.recall(batch, len(trials))
        with self._round_task(task, name, len(batches.missing(batch))) as round_task:
            batches.run(batch, trials, round_task)
        outs = all_outs([*trials, *batch])
        if all(out["fit_error"] is not None for out in outs):
            _warn_or_raise_about_fit_failures(outs, self.error_score)  # raises

    def _choose(self, trials, refit_metric) -> None:
        """The best candidate, as scikit-learn's searches choose it."""
        scores = first_scores(trials)
        self.multimetric_ = isinstance(scores, dict)
        if callable(self.scoring) and self.multimetric_:
            self._check_refit_for_multimetric(scores)
            refit_metric = self.refit
        if not self.refit and self.multimetric_:
            return
        self.best_index_ = self._select_best_index(self.refit, refit_metric, self.cv_results_)
        if not callable(self.refit):
            self.best_score_ = self.cv_results_[f"mean_test_{refit_metric}"][self.best_index_]
        self.best_params_ = self.cv_results_["params"][self.best_index_]

    def _refit(self, trials, given, root, seen) -> None:
        """Fit the chosen candidate to all data."""
        labels = () if given.y is None else (given.y,)
        task = root.subcontext(task_name="refit-with-best-params")
        begun = time.monotonic()
        task.call_on_fit_task_begin(estimator=self, **seen)

        def fit(estimator) -> None:
            with task.propagate_callback_context(estimator):
                estimator.fit(given.X, *labels, **given.routed.estimator.fit)

        self._fit_chosen(trials, fit)
        self.refit_time_ = time.monotonic() - begun
        if hasattr(self.best_estimator_, "feature_names_in_"):
            self.feature_names_in_ = self.best_estimator_.feature_names_in_
        task.call_on_fit_task_end(estimator=self, **seen)

    def _fit_chosen(self, trials: list[Trial], fit: Callable[[Any], None]) -> None:
        """Make `best_estimator_`, which is kept where `fit` is interrupted."""
        params = clone(self.best_params_, safe=False)
        self.best_estimator_ = clone(self.estimator).set_params(**params)
        fit(self.best_estimator_)

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
