"""STEERAGE: a search that learns which candidates are worth a fit, then grows and prunes."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from math import ceil
from numbers import Integral, Real

import numpy as np

from scann_sklearn._constraints import Interval
from scann_sklearn._sklearn import StrOptions
from scann_sklearn.model_selection._continued import can_continue
from scann_sklearn.model_selection._prices import METERS
from scann_sklearn.model_selection._steerage_rounds import SteerageRounds


class STEERAGESearchCV(SteerageRounds):
    """Search for architectures and settings with a learned predictor, then grow and prune.

    The search follows STEERAGE [1]_. First a quasi-random sample of candidates is fitted. Boosted
    trees then learn to predict the score of other candidates, and an evolutionary search on
    predicted score and cost proposes the next batch, which is fitted and added to what the trees
    learn from. Finally, the networks of the best candidates become starts of further candidates,
    whose synthesis continues to fewer connections (local search).

    The paper describes the predictor, the evolutionary search, quasi-Monte-Carlo samples and the
    local search. It doesn't give the settings of trees, population and mutation, and it has neither
    the cost as a second objective nor several starts of the local search.

    Parameters
    ----------
    estimator : estimator
        Estimator whose parameters are searched.

    param_distributions : dict or list of dict
        Dictionary of parameter names and lists or distributions (with `rvs`), as for
        :class:`~sklearn.model_selection.RandomizedSearchCV`. If a list is given, each candidate
        has the parameters of one of its dictionaries. Distributions with `ppf` and `cdf`, such as
        those of :mod:`scipy.stats`, are sampled evenly and changed in small steps; from others new
        values are drawn.

    cost : {"connections", "bytes", "energy"} or callable, default="connections"
        Cost of a candidate, computed from its parameters before it is fitted. The names are
        measures of networks, linear models and pipelines of these, including reductions. A network
        with ``n_connections="auto"`` has the cost of the full one that its layers allow. A function
        is called as ``cost(estimator, n_features, n_outputs)`` with an estimator that is not
        fitted, and must return a finite number above zero; `n_outputs` is 1 for two classes, and
        the number of classes for more.

    n_iter : int, default=40
        Total number of candidates. Fewer are tried if the space has fewer.

    n_initial : int, default=None
        Number of candidates in the first sample. If None, a third of `n_iter`, at least 4.

    batch_size : int, default=None
        Number of candidates in each later round. If None, a tenth of `n_iter`, at least 3.

    n_local : int, default=None
        Number of candidates that continue from networks of other candidates. If None, a fifth of
        `n_iter`, or 0 if the estimator is neither a :class:`~scann_sklearn.SCANNClassifier` or
        :class:`~scann_sklearn.SCANNRegressor` nor a pipeline that ends in one.

    time_budget : float, default=None
        Time in seconds after which no new round starts. The first round always runs. If None,
        there is no limit.

    warm_start : bool, default=False
        Whether `fit` continues the search of the previous call, on the same data. An interrupted
        search is finished, and a finished one goes on to a larger `n_iter`.

    checkpoint : str or path-like, default=None
        A folder in which the search keeps its finished fits, in a file of its own: after it was
        killed, the next `fit` with the same data and parameters goes on from there. The file is
        removed when the search has ended. The same folder can be the `checkpoint` of the
        classifier or regressor inside, whose fits then go on too.

    metric : str, default=None
        With several metrics, the one that is predicted, and that `score` and ``best_score_`` refer
        to. If None, `refit` if that is a name, or its `score` if it is a
        :class:`SmallestWithinOneSE`.

    scoring : str, callable, list, tuple or dict, default=None
        As for :class:`~sklearn.model_selection.GridSearchCV`. No metric can be called "cost".

    n_jobs : int, default=None
        Number of fits of a round that run in parallel. The search doesn't depend on it, if the fits
        of `estimator` are reproducible.

    refit : bool, str or callable, default=True
        As for :class:`~sklearn.model_selection.GridSearchCV`. ``SmallestWithinOneSE("score",
        "cost")`` chooses by score and cost.

    cv : int, cross-validation generator or iterable, default=None
        As for :class:`~sklearn.model_selection.GridSearchCV`. All rounds use the same splits.

    verbose : int, default=0
        If above 0, one line per round is printed. If above 1, the messages of scikit-learn's
        searches about each fit are printed too.

    pre_dispatch : int or str, default='2*n_jobs'
        As for :class:`~sklearn.model_selection.GridSearchCV`.

    error_score : 'raise' or float, default=np.nan
        As for :class:`~sklearn.model_selection.GridSearchCV`.

    random_state : int, RandomState instance or None, default=None
        Determines which candidates are tried. Pass an int for reproducible results across calls.

    return_train_score : bool, default=False
        As for :class:`~sklearn.model_selection.GridSearchCV`.

    Attributes
    ----------
    cv_results_ : dict of str to ndarray
        As for :class:`~sklearn.model_selection.GridSearchCV`, round after round. Further columns
        are ``cost``, the cost of each candidate; ``mean_test_cost``, its negative; ``stage``
        ("sample", "evolved" or "local"); ``round``; ``start``, the index of the candidate that a
        local one continues from, otherwise -1; and ``predicted_score``, the prediction before the
        fits, NaN if there was none.

    history_ : list of dict
        One record per round, with the keys ``round``, ``stage``, ``n_candidates``,
        ``rank_correlation`` (Spearman's, of predicted and measured scores; NaN if nothing was
        predicted), ``hypervolume`` (the area, of score times decades of cost, that all candidates
        so far dominate, down to the lowest score and up to the highest cost of the first sample),
        ``best_score``, ``best_cost`` and ``seconds``.

    predictor_ : BoostedEnsemble
        Trees trained on all candidates except local ones. Absent if there are fewer than three
        scores. It reads candidates as numbers, of which the logarithm of the cost is the last.

    metric_ : str
        Name of the metric that is predicted, ``"score"`` if there is only one.

    best_estimator_ : estimator
        The chosen candidate, fitted on all data; for a local one, its start was fitted on all data
        first. Not available if ``refit=False``.

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
    CompressionSearchCV : Search over reductions of increasing compression.
    pareto_front : The candidates in ``cv_results_`` that no other dominates.
    scann_sklearn.inspection.SearchDisplay : Plot a search.

    References
    ----------
    .. [1] S. Hassantabar, X. Dai, N. K. Jha, "STEERAGE: Synthesis of Neural Networks Using
       Architecture Search and Grow-and-Prune Methods", 2019, :arxiv:`1912.05831`.

    Examples
    --------
    >>> from scipy.stats import loguniform, randint
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.neural_network import MLPClassifier
    >>> from scann_sklearn.model_selection import STEERAGESearchCV
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = MLPClassifier(solver="lbfgs", max_iter=2000, random_state=0)
    >>> space = {
    ...     "hidden_layer_sizes": randint(1, 20),
    ...     "alpha": loguniform(1e-2, 10),
    ... }
    >>> search = STEERAGESearchCV(
    ...     mlp, space, n_iter=10, cv=3, random_state=0
    ... ).fit(X, y)
    >>> bool(search.best_score_ > 0.9)
    True
    >>> [record["stage"] for record in search.history_][:2]
    ['sample', 'evolved']
    """

    _parameter_constraints: dict = {
        **SteerageRounds._parameter_constraints,
        "param_distributions": "no_validation",
        "cost": [StrOptions(set(METERS)), callable],
        "n_iter": [Interval(Integral, 1, None, closed="left")],
        "n_initial": [Interval(Integral, 1, None, closed="left"), None],
        "batch_size": [Interval(Integral, 1, None, closed="left"), None],
        "n_local": [Interval(Integral, 0, None, closed="left"), None],
        "time_budget": [Interval(Real, 0, None, closed="neither"), None],
        "warm_start": ["boolean"],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator,
        param_distributions,
        *,
        cost="connections",
        n_iter=40,
        n_initial=None,
        batch_size=None,
        n_local=None,
        time_budget=None,
        warm_start=False,
        checkpoint=None,
        metric=None,
        scoring=None,
        n_jobs=None,
        refit=True,
        cv=None,
        verbose=0,
        pre_dispatch="2*n_jobs",
        error_score=np.nan,
        random_state=None,
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
        self.param_distributions = param_distributions
        self.cost = cost
        self.n_iter = n_iter
        self.n_initial = n_initial
        self.batch_size = batch_size
        self.n_local = n_local
        self.time_budget = time_budget
        self.warm_start = warm_start
        self.random_state = random_state

    def _numbers(self) -> dict[str, int]:
        """How many candidates each stage and round has, checked."""
        can = can_continue(self.estimator)
        if self.n_local and not can:
            raise ValueError(
                f"n_local={self.n_local!r}: {type(self.estimator).__name__} can't "
                "continue from a fitted network to fewer connections. "
                "SCANNClassifier and SCANNRegressor without a feature_extractor can, "
                "and pipelines that end in one. Set n_local=0."
            )
        n_local = (self.n_iter // 5 if can else 0) if self.n_local is None else self.n_local
        n_initial = self.n_initial
        if n_initial is None:
            n_initial = max(1, min(max(4, ceil(self.n_iter / 3)), self.n_iter - n_local))
        if n_initial + n_local > self.n_iter:
            local = f" and n_local={n_local}" if n_local else ""
            raise ValueError(
                f"n_iter={self.n_iter} is below the first sample, n_initial={n_initial}{local}: it "
                "counts all candidates."
            )
        batch = self.batch_size or max(3, ceil(self.n_iter / 10))
        evolved = self.n_iter - n_initial - n_local
        return {"sample": n_initial, "evolved": evolved, "local": n_local, "batch": batch}
