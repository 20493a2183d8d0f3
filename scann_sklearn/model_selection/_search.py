"""Algorithm 1: search over reductions of growing compression, stopping early."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from collections.abc import Collection
from copy import copy
from numbers import Real
from typing import Self

import numpy as np
from scipy.sparse import issparse
from sklearn.base import OneToOneFeatureMixin
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import ParameterGrid, check_cv
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from scann_sklearn._constraints import Interval
from scann_sklearn._cv_results import mean_test, metrics_of
from scann_sklearn._doc_links import DocLinkMixin
from scann_sklearn._sklearn import BaseSearchCV
from scann_sklearn.model_selection._grid import REDUCTIONS, as_methods, dr_scann_grid
from scann_sklearn.model_selection._rounds import UNREDUCED, Rounds, best_that_earns_its_cost


class CompressionSearchCV(DocLinkMixin, BaseSearchCV):
    """Search for the best reduction, raising the compression ratio until it hurts.

    Algorithm 1 of the SCANN paper [1]_. The candidates are those of :func:`dr_scann_grid`: every
    method at every ratio, hidden layers divided in lockstep, and at ratio 1 data that are not
    reduced ("passthrough"). They are tried in rounds, one for each ratio, the smallest first, all
    methods of a round together. After a round

    * a method that scored more than `max_gap` below the best method of the round is dropped;
    * a method that scored more than `max_drop` below its own best so far has been compressed too
      far: its ratio is raised no more.

    A method whose score is not finite, as its fits failed, goes on to the next ratio. The search
    ends with the last ratio, or when no method is left. Results of all rounds stay in
    ``cv_results_``, and the best candidate of all rounds is chosen. A projection at ratio 1 reduces
    nothing and costs multiplications: it is chosen only where it is better than "passthrough" by
    more than one standard error of its score. A callable `refit` chooses as it likes.

    All rounds use the same splits, whatever `cv` is. If a round is interrupted or fails, the
    results of the rounds before it are kept in ``cv_results_`` and the exception is raised again.
    If the refit is interrupted, ``best_params_`` are kept too. Where the estimator is fitted all
    the same, as :class:`~scann_sklearn.SCANNClassifier` keeps its best network so far, it is
    ``best_estimator_`` and the search is fitted, without ``refit_time_``.

    Parameters
    ----------
    estimator : estimator
        A pipeline with a :class:`~scann_sklearn.DimReducer` and a classifier that has
        `hidden_layer_sizes`.

    methods : str or iterable of str, default=None
        Methods of reduction. None: all nine of :class:`~scann_sklearn.DimReducer`. "passthrough" is
        tried anyway, where 1 is among the ratios.

    ratios : float or iterable of float, default=None
        Compression ratios, at least 1. None: 1, 2, 4, 8 and so on, as long as a component is left.

    hidden_layer_sizes : int or iterable of int, default=None
        Hidden layers of the network for data that are not reduced. None: those that the classifier
        of `estimator` is set to. Layers are divided by the ratio achieved where all steps ahead of
        the reducer keep the number of features (as scalers do), otherwise by the one asked for.

    reducer : str, default="reduce"
        Name of the pipeline's step that reduces.

    classifier : str, default="scann"
        Name of the pipeline's step that classifies.

    max_gap : float, default=0.05
        How far, in units of the score, a method may be below the best method of its round.
        None: no limit.

    max_drop : float, default=0.02
        How far, in units of the score, a method may be below its own best. None: no limit.

    metric : str, default=None
        Where there are several metrics, the one that decides what to drop, that `score` computes
        and that ``best_score_`` is about. None: `refit` if that is a name, or its `score` if it is
        :class:`SmallestWithinOneSE`.

    scoring : str, callable, list, tuple or dict, default=None
        As for :class:`~sklearn.model_selection.GridSearchCV`.

    n_jobs : int, default=None
        Number of fits of a round that run at the same time.

    refit : bool, str or callable, default=True
        As for :class:`~sklearn.model_selection.GridSearchCV`.

    cv : int, cross-validation generator or iterable, default=None
        As for :class:`~sklearn.model_selection.GridSearchCV`.

    verbose : int, default=0
        As for :class:`~sklearn.model_selection.GridSearchCV`; above 0 also one line a round: the
        scores, the methods that were stopped and why, the best so far.

    pre_dispatch : int or str, default='2*n_jobs'
        As for :class:`~sklearn.model_selection.GridSearchCV`.

    error_score : 'raise' or float, default=np.nan
        As for :class:`~sklearn.model_selection.GridSearchCV`.

    return_train_score : bool, default=False
        As for :class:`~sklearn.model_selection.GridSearchCV`.

    Attributes
    ----------
    cv_results_ : dict of str to ndarray
        As for :class:`~sklearn.model_selection.GridSearchCV`, round after round.

    stopped_ : dict of str to tuple
        For each method that was stopped, at which ratio and why: ``"gap"`` or ``"drop"``.

    metric_ : str
        The metric that decided, ``"score"`` if there is only one.

    best_estimator_ : estimator
        The chosen candidate, fitted on all data; not with ``refit=False``.

    best_score_ : float
        Mean cross-validated score of the chosen candidate.

    best_params_ : dict
        Parameters of the chosen candidate.

    best_index_ : int
        Index of the chosen candidate in ``cv_results_``.

    scorer_ : callable or dict of str to callable
        The scorer, or one for each metric.

    n_splits_ : int
        Number of splits.

    refit_time_ : float
        Seconds of fitting the chosen candidate on all data.

    multimetric_ : bool
        Whether there are several metrics.

    classes_ : ndarray of shape (n_classes,)
        Labels of the classes.

    n_features_in_ : int
        Number of features seen in `fit`.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if all of them are strings.

    See Also
    --------
    dr_scann_grid : The same candidates for a search without early stopping.
    SmallestWithinOneSE : A rule to choose a candidate by accuracy and energy.

    References
    ----------
    .. [1] S. Hassantabar, Z. Wang, N. K. Jha, "SCANN: Synthesis of Compact and Accurate Neural
       Networks", IEEE Transactions on Computer-Aided Design of Integrated Circuits and Systems,
       2022, :arxiv:`1904.09090`.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.neural_network import MLPClassifier
    >>> from sklearn.pipeline import Pipeline
    >>> from scann_sklearn import DimReducer
    >>> from scann_sklearn.model_selection import CompressionSearchCV
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = MLPClassifier(
    ...     (8,), solver="lbfgs", alpha=1.0, max_iter=1000, random_state=0
    ... )
    >>> pipe = Pipeline([("reduce", DimReducer(random_state=0)), ("mlp", mlp)])
    >>> search = CompressionSearchCV(
    ...     pipe,
    ...     methods=["pca", "sparse_rp"],
    ...     ratios=[1, 2, 4],
    ...     classifier="mlp",
    ...     cv=3,
    ... ).fit(X, y)
    >>> search.best_params_["mlp__hidden_layer_sizes"]
    (8,)
    """

    _documented_in = "scann_sklearn.model_selection"

    _parameter_constraints: dict = {
        **BaseSearchCV._parameter_constraints,
        "methods": "no_validation",
        "ratios": "no_validation",
        "hidden_layer_sizes": "no_validation",
        "reducer": [str],
        "classifier": [str],
        "max_gap": [Interval(Real, 0, None, closed="left"), None],
        "max_drop": [Interval(Real, 0, None, closed="left"), None],
        "metric": [str, None],
    }

    def __init__(
        self,
        estimator,
        *,
        methods=None,
        ratios=None,
        hidden_layer_sizes=None,
        reducer="reduce",
        classifier="scann",
        max_gap=0.05,
        max_drop=0.02,
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
        self.methods = methods
        self.ratios = ratios
        self.hidden_layer_sizes = hidden_layer_sizes
        self.reducer = reducer
        self.classifier = classifier
        self.max_gap = max_gap
        self.max_drop = max_drop
        self.metric = metric

    def __sklearn_is_fitted__(self) -> bool:
        # The last attribute that fit sets: an interrupted search has others, but not this one.
        return hasattr(self, "scorer_")

    def fit(self, X, y=None, **params) -> Self:
        """Search, and fit the chosen candidate on all data.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data.

        y : array-like of shape (n_samples,)
            Classes.

        **params : dict of str to object
            Parameters for the `fit` of the estimator, the scorers and the splitter.

        Returns
        -------
        self : object
            The fitted search.
        """
        for name in [name for name in vars(self) if name.endswith("_")]:
            delattr(self, name)  # lest an interrupted search should be a mixture of two
        try:
            super().fit(X, y, **params)
        except BaseException as error:
            self._keep_what_is_done(error)
            raise
        self._score_the_chosen()
        return self

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
                "The refit of best_params_ was interrupted: best_estimator_ is what it had come "
                "to, and the search is fitted."
            )
        else:
            del self.best_estimator_
            error.add_note(
                "best_params_ are kept, but their refit didn't end: the search isn't fitted."
            )

    def score(self, X, y=None, **params) -> float:
        """Compute the score of the chosen candidate on data.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        y : array-like of shape (n_samples,), default=None
            Classes.

        **params : dict of str to object
            Parameters for the scorer.

        Returns
        -------
        score : float
            The score that `scoring` defines, by ``metric_`` if there are several.
        """
        if not (callable(self.refit) and getattr(self, "multimetric_", False)):
            return super().score(X, y, **params)
        named = copy(self)  # the base class takes the name of the metric from refit
        named.refit = self.metric_
        return super(CompressionSearchCV, named).score(X, y, **params)

    def _check_input_parameters(self, X, y, split_params) -> None:
        """Plan the rounds before anything is fitted, so that mistakes show at once."""
        several = isinstance(self.scoring, Collection) and not isinstance(self.scoring, str)
        if several or not callable(self.scoring):  # what a function returns is known later
            self._watched(sorted(self.scoring) if several else ["score"])
        shape = np.shape(X)
        if shape[1:] == (0,):
            raise ValueError(
                f"Found array with 0 feature(s) (shape={shape}) while a minimum of 1 is required "
                "by CompressionSearchCV."
            )
        n_features = shape[1] if len(shape) == 2 and self._reducer_sees_all_features() else None
        # without a reduction sparse data would be dense
        grids = self._make_grids(n_features, () if issparse(X) else (UNREDUCED,))
        # A splitter may give other splits at every call: rounds are compared, so take them once.
        splits = list(self._checked_cv_orig.split(X, y, **split_params))
        self._plan = grids, check_cv(splits)

    def _reducer_sees_all_features(self) -> bool:
        """Whether the reducer is known to get as many features as the search."""
        if not isinstance(self.estimator, Pipeline):
            return False
        for name, step in self.estimator.steps:
            if name == self.reducer:
                return True
            if step not in (None, "passthrough") and not isinstance(step, OneToOneFeatureMixin):
                return False
        return False

    def _make_grids(self, n_features, further) -> list[dict[str, list]]:
        """One grid for each round."""
        known = self.estimator.get_params()
        layers = f"{self.classifier}__hidden_layer_sizes"
        for name in (f"{self.reducer}__method", f"{self.reducer}__ratio", layers):
            if name not in known:
                raise ValueError(
                    f"The estimator has no parameter {name!r}: it must have a step "
                    f"reducer={self.reducer!r} with method and ratio, and a step "
                    f"classifier={self.classifier!r} with hidden_layer_sizes. "
                    f"Its parameters are {sorted(known)}."
                )
        if self.ratios is None and n_features is None:
            raise ValueError(
                "ratios=None needs to know how many features the reducer gets: give ratios, "
                f"as steps ahead of {self.reducer!r} may change their number."
            )
        doubling = [2**i for i in range((n_features or 1).bit_length())]
        methods = REDUCTIONS if self.methods is None else as_methods(self.methods)
        return dr_scann_grid(
            (*methods, *further),  # at ratio 1: see `best_that_earns_its_cost`
            doubling if self.ratios is None else self.ratios,
            known[layers] if self.hidden_layer_sizes is None else self.hidden_layer_sizes,
            n_features=n_features,
            reducer=self.reducer,
            classifier=self.classifier,
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

    def _run_search(self, evaluate_candidates, *, callback_ctx) -> None:
        grids, cv = self.__dict__.pop("_plan")
        rounds = Rounds(self.max_gap, self.max_drop)
        self.stopped_ = rounds.stopped
        method_name, ratio_name = f"{self.reducer}__method", f"{self.reducer}__ratio"
        # Early stopping may leave rounds out: their number is an upper bound.
        search_ctx = callback_ctx.subcontext(
            task_name="search", max_subtasks=len(grids)
        ).call_on_fit_task_begin(estimator=self)
        for grid in grids:
            alive = [method for method in grid[method_name] if method not in self.stopped_]
            if not alive:
                break
            candidates = list(ParameterGrid({**grid, method_name: alive}))
            ratio = grid[ratio_name][0]
            round_ctx = search_ctx.subcontext(
                task_name=f"ratio {ratio:g}",
                max_subtasks=len(candidates) * self.n_splits_,
                sequential_subtasks=False,
            ).call_on_fit_task_begin(estimator=self)
            results = evaluate_candidates(candidates, cv, callback_ctx=round_ctx)
            self.cv_results_ = results  # kept if a later round is interrupted
            self.metric_ = self._watched(metrics_of(results))
            scores = mean_test(results, self.metric_)[-len(candidates) :]
            rounds.note(ratio, {c[method_name]: float(s) for c, s in zip(candidates, scores)})
            if self.verbose:
                print(rounds.report(), flush=True)
            round_ctx.call_on_fit_task_end(estimator=self)
        search_ctx.call_on_fit_task_end(estimator=self)

    def _select_best_index(self, refit, refit_metric, results) -> int:
        if callable(refit):  # a rule of the user's
            return super()._select_best_index(refit, refit_metric, results)
        return best_that_earns_its_cost(results, refit_metric, self.reducer)


def _is_fitted(estimator) -> bool:
    try:
        check_is_fitted(estimator)
    except NotFittedError:
        return False
    return True
