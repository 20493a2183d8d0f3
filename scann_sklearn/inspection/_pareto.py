"""The frontier between accuracy and cost, drawn."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

import numpy as np
from sklearn.metrics import check_scoring
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from scann_sklearn._cv_results import mean_test
from scann_sklearn._dominance import non_dominated
from scann_sklearn._sklearn import BaseSearchCV, check_matplotlib_support
from scann_sklearn.inspection._axes import new_axes, scale_cost_axis, widen_around_one_point
from scann_sklearn.inspection._estimators import (
    COSTS,
    cost_meter,
    cost_name_of,
    fitted_model,
    with_estimator,
)
from scann_sklearn.model._steps import last_of

if TYPE_CHECKING:
    from matplotlib.lines import Line2D


class ParetoFrontDisplay:
    """Visualisation of score against cost, with the points that no other point dominates.

    These points, the front, are connected by a line, and the others are faint. It is recommended to
    use :meth:`from_path`, :meth:`from_search` or :meth:`from_estimators` to create a display. To
    draw several fronts on the same axes, use ``plot(ax=other.ax_)``.

    Parameters
    ----------
    cost : array-like of shape (n_points,)
        Cost of each point; smaller is better.
    score : array-like of shape (n_points,)
        Score of each point; greater is better. Points without a finite score or cost are not
        drawn.
    name : str, default=None
        Name of the front in the legend.
    labels : list of str, default=None
        Names of the points. If given, each point has its own entry in the legend.
    chosen : int, default=None
        Index of a point to mark with a ring.
    cost_name : str, default="cost"
        "connections", "energy" (in joules), "bytes" or "flops", or another label of the cost axis.
    score_name : str, default="score"
        Label of the score axis.

    Attributes
    ----------
    front : ndarray of shape (n_front,)
        Indices of the points on the front, from the cheapest and worst to the most expensive and
        best.
    line_ : matplotlib Line2D
        The front: the best score that can be reached up to a cost.
    points_ : list of matplotlib Line2D
        The points on the front: one artist for all of them, or one per point with `labels`.
    dominated_ : matplotlib Line2D or None
        The other points. None with `labels`.
    chosen_ : matplotlib Line2D or None
        The ring around the chosen point.
    ax_ : matplotlib Axes
        Axes with the front.
    figure_ : matplotlib Figure
        Figure containing the axes.

    See Also
    --------
    scann_sklearn.model_selection.pareto_front : Find the candidates on the front.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from scann_sklearn import SCANNClassifier
    >>> from scann_sklearn.inspection import ParetoFrontDisplay
    >>> clf = SCANNClassifier(random_state=0).fit(*load_iris(return_X_y=True))
    >>> display = ParetoFrontDisplay.from_path(clf, cost="energy").plot()
    >>> display.ax_.get_xlabel()
    'Energy of one inference'
    """

    def __init__(
        self,
        cost,
        score,
        *,
        name=None,
        labels=None,
        chosen=None,
        cost_name="cost",
        score_name="score",
    ) -> None:
        self.cost = np.asarray(cost, dtype=float)
        self.score = np.asarray(score, dtype=float)
        check_consistent_length(self.cost, self.score, labels)
        self.name = name
        self.labels = labels
        self.chosen = chosen
        self.cost_name = cost_name
        self.score_name = score_name
        comparable = np.flatnonzero(np.isfinite(self.cost) & np.isfinite(self.score))
        self.front = comparable[non_dominated(self.cost[comparable], self.score[comparable])]
        if not len(self.front):
            raise ValueError(
                f"There is no point with a finite score and cost: scores {self.score}, costs "
                f"{self.cost}."
            )
        if chosen is not None and not 0 <= chosen < len(self.cost):
            raise ValueError(f"chosen={chosen!r} is not an index of the {len(self.cost)} point(s).")

    @classmethod
    def from_path(cls, estimator, *, cost="connections", name=None) -> Self:
        """Create a display of one fit: validation score against cost of each network of `path_`.

        Parameters
        ----------
        estimator : SCANNClassifier, SCANNRegressor, Pipeline or search
            A fitted estimator, a pipeline that ends in one, or a search over these. The cost
            counts all steps of a pipeline.
        cost : {"connections", "energy", "bytes", "flops"} or callable, default="connections"
            Name of the cost, or a function that returns the cost of a fitted estimator.
        name : str, default=None
            Name of the front in the legend. If None, the class name of the estimator.

        Returns
        -------
        display : ParetoFrontDisplay
            The display, not drawn yet. The network that the estimator uses is marked.

        Raises
        ------
        TypeError
            If `estimator` doesn't end in a SCANNClassifier or SCANNRegressor.
        ValueError
            If `cost` is unknown.
        NotFittedError
            If `estimator` is not fitted.
        """
        meter = cost_meter(cost)
        model = fitted_model(estimator)
        fitted = last_of(model)
        sizes = [point.n_connections for point in fitted.path_]
        networks = [fitted.select(n_connections=size) for size in sizes]
        scoring = fitted.scoring
        return cls(
            [meter(with_estimator(model, network)) for network in networks],
            [point.validation_score for point in fitted.path_],
            name=type(fitted).__name__ if name is None else name,
            chosen=sizes.index(fitted.n_connections_),
            cost_name=cost_name_of(cost),
            score_name=f"validation {scoring if isinstance(scoring, str) else 'score'}",
        )

    @classmethod
    def from_search(cls, search, *, score="accuracy", cost="energy", name=None) -> Self:
        """Create a display of a search: mean test score against mean cost of each candidate.

        Parameters
        ----------
        search : GridSearchCV, CompressionSearchCV or another search of scikit-learn
            A fitted search with a metric of quality and one of cost.
        score : str, default="accuracy"
            Name of the metric of quality, which is read from ``mean_test_<score>``.
        cost : str, default="energy"
            Name of the metric of cost, which is read from ``mean_test_<cost>``. It must be a score,
            the negative cost, such as :func:`~scann_sklearn.metrics.energy_score`.
        name : str, default=None
            Name of the front in the legend. If None, the class name of the estimator, or of the
            last step of a pipeline.

        Returns
        -------
        display : ParetoFrontDisplay
            The display, not drawn yet. The candidate that the search chose, if any, is marked.

        Raises
        ------
        TypeError
            If `search` is not a search.
        ValueError
            If its results lack one of the metrics.
        NotFittedError
            If `search` is not fitted.
        """
        if not isinstance(search, BaseSearchCV):
            raise TypeError(
                f"Expected a fitted search, got {type(search).__name__}: {search!r}. Use from_path "
                "for a fitted estimator."
            )
        check_is_fitted(search, "cv_results_")
        return cls(
            -mean_test(search.cv_results_, cost),
            mean_test(search.cv_results_, score),
            name=type(last_of(search.estimator)).__name__ if name is None else name,
            chosen=getattr(search, "best_index_", None),
            cost_name=cost,
            score_name=f"validation {score}",
        )

    @classmethod
    def from_estimators(cls, estimators, X, y, *, cost="energy", scoring=None, name=None) -> Self:
        """Create a display of several models: score on given data against cost.

        Parameters
        ----------
        estimators : dict of str to estimator
            Fitted models by name. See :func:`~scann_sklearn.metrics.energy_score` for the
            estimators whose cost is known.
        X : array-like of shape (n_samples, n_features)
            Samples.
        y : array-like of shape (n_samples,)
            Class labels.
        cost : {"connections", "energy", "bytes", "flops"} or callable, default="energy"
            Name of the cost, or a function that returns the cost of a fitted estimator.
        scoring : str or callable, default=None
            Scorer. If None, the `score` method of each estimator is used.
        name : str, default=None
            Name of the front in the legend. If None, "front".

        Returns
        -------
        display : ParetoFrontDisplay
            The display, not drawn yet.

        Raises
        ------
        TypeError
            If `estimators` is not a dict, or if the cost of an estimator is not known.
        ValueError
            If there are no estimators, or if `cost` is unknown.
        NotFittedError
            If one of the estimators is not fitted.
        """
        meter = cost_meter(cost)
        if not isinstance(estimators, Mapping):
            raise TypeError(f"estimators must be a dict of names to models, got {estimators!r}.")
        if not estimators:
            raise ValueError(f"estimators must have at least one model, got {estimators!r}.")
        models = list(estimators.values())
        return cls(
            [meter(model) for model in models],
            [check_scoring(model, scoring)(model, X, y) for model in models],
            name="front" if name is None else name,
            labels=list(estimators),
            cost_name=cost_name_of(cost),
            score_name=scoring if isinstance(scoring, str) else "score",
        )

    def plot(self, ax=None, *, name=None, xscale="log", line_kw=None) -> Self:
        """Draw the front.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure is created.
        name : str, default=None
            Name of the front in the legend. If None, the `name` of the display.
        xscale : {"log", "linear"}, default="log"
            Scale of the cost axis.
        line_kw : dict, default=None
            Keyword arguments passed to ``Axes.plot`` for the line, such as `color` or `drawstyle`.

        Returns
        -------
        display : ParetoFrontDisplay
            The display, with the artists as attributes.

        Raises
        ------
        ValueError
            If `xscale` is unknown.
        ImportError
            If matplotlib is not installed.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        if xscale not in ("log", "linear"):
            raise ValueError(f"xscale must be 'log' or 'linear', got {xscale!r}.")
        ax = new_axes(figsize=(6.4, 4.2)) if ax is None else ax
        ax.set_xscale(xscale)
        name = self.name if name is None else name
        if self.labels is None:
            self._plot_points(ax, name, line_kw or {})
        else:
            self._plot_labelled(ax, name, line_kw or {})
        self._plot_chosen(ax)
        known = COSTS.get(self.cost_name)
        ax.set_xlabel(known[1] if known else self.cost_name)
        ax.set_ylabel(self.score_name[:1].upper() + self.score_name[1:])
        widen_around_one_point(ax)
        scale_cost_axis(ax, known[2] if known else "")
        ax.grid(alpha=0.25)
        entries = sorted(
            zip(*ax.get_legend_handles_labels()), key=lambda entry: entry[1] == "chosen"
        )
        if entries:
            ax.legend(*zip(*entries), loc="lower right", fontsize="small")
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _front_line(self, ax, **style) -> Line2D:
        (line,) = ax.plot(
            self.cost[self.front], self.score[self.front], **{"drawstyle": "steps-post"} | style
        )
        return line

    def _plot_points(self, ax, name, line_kw) -> None:
        self.line_ = self._front_line(ax, **{"marker": "o", "ms": 4.5, "label": name} | line_kw)
        self.points_ = [self.line_]
        others = np.setdiff1d(np.arange(len(self.cost)), self.front)
        (self.dominated_,) = ax.plot(
            self.cost[others], self.score[others], ls="none", marker="o", ms=4, mew=0,
            color=self.line_.get_color(), alpha=0.25, zorder=1.5,
        )  # fmt: skip

    def _plot_labelled(self, ax, name, line_kw) -> None:
        style = {"color": "0.6", "lw": 1.2, "label": name, "zorder": 1.5} | line_kw
        self.line_ = self._front_line(ax, **style)
        self.dominated_ = None
        self.points_ = []
        for i, (cost, score, label) in enumerate(zip(self.cost, self.score, self.labels)):
            on_front = {} if i in self.front else {"mfc": "none"}
            self.points_ += ax.plot(
                cost, score, ls="none", marker="osD^vPX"[i // 10 % 7], ms=8, label=label, **on_front
            )

    def _plot_chosen(self, ax) -> None:
        self.chosen_ = None
        if self.chosen is None:
            return
        label = None if "chosen" in ax.get_legend_handles_labels()[1] else "chosen"
        (self.chosen_,) = ax.plot(
            self.cost[self.chosen], self.score[self.chosen], ls="none", marker="o", ms=11,
            color="0.25", mfc="none", mew=1.3, label=label,
        )  # fmt: skip
