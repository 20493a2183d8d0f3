"""Algorithm 1: search over reductions of growing compression, stopping early."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from numbers import Real

import numpy as np
from scipy.sparse import issparse
from sklearn.base import OneToOneFeatureMixin
from sklearn.model_selection import ParameterGrid
from sklearn.pipeline import Pipeline

from scann_sklearn._constraints import Interval
from scann_sklearn._cv_results import mean_test
from scann_sklearn.model_selection._grid import REDUCTIONS, as_methods, dr_scann_grid
from scann_sklearn.model_selection._results import metrics_in, results_of
from scann_sklearn.model_selection._round_search import RoundSearch
from scann_sklearn.model_selection._rounds import UNREDUCED, Rounds, best_that_earns_its_cost
from scann_sklearn.model_selection._trials import Trial


class CompressionSearchCV(RoundSearch):
    """Search for the best reduction, raising the compression ratio until the score drops.

    Algorithm 1 of the SCANN paper [1]_. The candidates are those of :func:`dr_scann_grid`: every
    method at every ratio, with hidden layers divided by the same ratio, and data that are not
    reduced ("passthrough") at ratio 1. They are tried in rounds, one per ratio, from the smallest
    to the largest ratio, all methods of a round together. After a round

    * a method that scored more than `max_gap` below the best method of the round is dropped;
    * a method that scored more than `max_drop` below its own best score so far is stopped, since
      its compression has gone too far.

    A method without a finite score, because its fits failed, goes on to the next ratio. The search
    ends with the last ratio, or when no method is left. ``cv_results_`` has the results of all
    rounds, and the best candidate of all rounds is chosen. A projection at ratio 1 reduces
    nothing and costs multiplications: it is chosen only if it is better than "passthrough" by more
    than one standard error of its score. A callable `refit` is free in its choice.

    All rounds use the same splits, whatever `cv` is. If a round is interrupted or fails, the
    results of the rounds before it are kept in ``cv_results_`` and the exception is raised again.
    If the refit is interrupted, ``best_params_`` is kept too. If the estimator is fitted
    nevertheless, as :class:`~scann_sklearn.SCANNClassifier` is with its best network so far, it
    becomes ``best_estimator_`` and the search is fitted, without ``refit_time_``. With `checkpoint`
    single fits are kept too.

    Parameters
    ----------
    estimator : estimator
        A pipeline with a :class:`~scann_sklearn.DimReducer` and a classifier that has
        `hidden_layer_sizes`.

    methods : str or iterable of str, default=None
        Methods of reduction. If None, all nine of :class:`~scann_sklearn.DimReducer`. "passthrough"
        is always tried if 1 is among the ratios.

    ratios : float or iterable of float, default=None
        Compression ratios, at least 1. If None, the powers of two from 1 on that leave at least
        one component.

    hidden_layer_sizes : int or iterable of int, default=None
        Hidden layers of the network for data that are not reduced. If None, those of the classifier
        in `estimator`. Layers are divided by the achieved ratio if all steps ahead of the reducer
        keep the number of features (as scalers do), otherwise by the requested one.

    reducer : str, default="reduce"
        Name of the step of the pipeline that reduces.

    classifier : str, default="scann"
        Name of the step of the pipeline that classifies.

    max_gap : float, default=0.05
        Maximum distance of a method from the best method of its round, in units of the score.
        If None, there is no limit.

    max_drop : float, default=0.02
        Maximum distance of a method from its own best score, in units of the score. If None, there
        is no limit.

    checkpoint : str or path-like, default=None
        A folder in which the search keeps its finished fits, in a file of its own: after it was
        killed, the next `fit` with the same data and parameters goes on from there. The file is
        removed when the search has ended. The same folder can be the `checkpoint` of the
        classifier inside, whose fits then go on too.

    metric : str, default=None
        With several metrics, the one that decides which methods are dropped, and that `score` and
        ``best_score_`` refer to. If None, `refit` if that is a name, or its `score` if it is a
        :class:`SmallestWithinOneSE`.

    scoring : str, callable, list, tuple or dict, default=None
        As for :class:`~sklearn.model_selection.GridSearchCV`.

    n_jobs : int, default=None
        Number of fits of a round that run in parallel.

    refit : bool, str or callable, default=True
        As for :class:`~sklearn.model_selection.GridSearchCV`.

    cv : int, cross-validation generator or iterable, default=None
        As for :class:`~sklearn.model_selection.GridSearchCV`.

    verbose : int, default=0
        If above 0, one line per round is printed, with the scores, the methods that were stopped
        and why, and the best candidate so far. If above 1, the messages of scikit-learn's searches
        about each fit are printed too.

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
        For each method that was stopped, the ratio and the reason: ``"gap"`` or ``"drop"``.

    metric_ : str
        Name of the metric that decided, ``"score"`` if there is only one.

    best_estimator_ : estimator
        The chosen candidate, fitted on all data. Not available if ``refit=False``.

    best_score_ : float
        Mean cross-validated score of the chosen candidate.

    best_params_ : dict
        Parameters of the chosen candidate.

    best_index_ : int
        Index of the chosen candidate in ``cv_results_``.

    scorer_ : callable or dict of str to callable
        The scorer, or a dict with one per metric.

    n_splits_ : int
        Number of cross-validation splits.

    refit_time_ : float
        Time for fitting the chosen candidate on all data, in seconds.

    multimetric_ : bool
        Whether there are several metrics.

    classes_ : ndarray of shape (n_classes,)
        Class labels. Only for classifiers.

    n_features_in_ : int
        Number of features seen during `fit`.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features seen during `fit`. Defined only if all of them are strings.

    See Also
    --------
    dr_scann_grid : The same candidates, for a search without early stopping.
    SmallestWithinOneSE : A rule that chooses a candidate by accuracy and energy.

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

    _parameter_constraints: dict = {
        **RoundSearch._parameter_constraints,
        "methods": "no_validation",
        "ratios": "no_validation",
        "hidden_layer_sizes": "no_validation",
        "reducer": [str],
        "classifier": [str],
        "max_gap": [Interval(Real, 0, None, closed="left"), None],
        "max_drop": [Interval(Real, 0, None, closed="left"), None],
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
            checkpoint=checkpoint,
            metric=metric,
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

    def _plan(self, X) -> list[dict[str, list]]:
        """One grid for each round."""
        shape = np.shape(X)
        n_features = shape[1] if len(shape) == 2 and self._reducer_sees_all_features() else None
        # without a reduction sparse data would be dense
        return self._make_grids(n_features, () if issparse(X) else (UNREDUCED,))

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
                "ratios=None needs the number of features that the reducer gets: set "
                f"ratios, since steps ahead of {self.reducer!r} may change this "
                "number."
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

    def _search(self, grids, given, root) -> list[Trial]:
        batches = self._batches(given, self._splits(given), seed=[])
        rounds = Rounds(self.max_gap, self.max_drop)
        self.stopped_ = rounds.stopped
        method_name, ratio_name = f"{self.reducer}__method", f"{self.reducer}__ratio"
        trials: list[Trial] = []
        # Early stopping may leave rounds out: their number is an upper bound.
        with batches.parallel, self._search_task(root, len(grids)) as task:
            for grid in grids:
                alive = [method for method in grid[method_name] if method not in self.stopped_]
                if not alive:
                    break
                batch = [Trial(params) for params in ParameterGrid({**grid, method_name: alive})]
                ratio = grid[ratio_name][0]
                self._carry_out(batches, batch, trials, task, f"ratio {ratio:g}")
                trials += batch
                self.cv_results_ = results_of(self, trials)  # kept if a later round is interrupted
                self.metric_ = self._watched(metrics_in(trials))
                scores = mean_test(self.cv_results_, self.metric_)[-len(batch) :].tolist()
                rounds.note(ratio, {t.params[method_name]: s for t, s in zip(batch, scores)})
                if self.verbose:
                    print(rounds.report(), flush=True)
        return trials

    def _select_best_index(self, refit, refit_metric, results) -> int:
        if callable(refit):  # a rule of the user's
            return super()._select_best_index(refit, refit_metric, results)
        return best_that_earns_its_cost(results, refit_metric, self.reducer)
