"""What a search has tried, drawn: candidates by stage, and whether the predictor was right."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from scann_sklearn._cv_results import mean_test
from scann_sklearn._dominance import non_dominated
from scann_sklearn._sklearn import BaseSearchCV, check_matplotlib_support
from scann_sklearn.inspection._axes import scale_cost_axis, widen_around_one_point
from scann_sklearn.inspection._estimators import COSTS, cost_name_of

# Of each stage the marker and colour, and what the legend calls it.
_STAGES = {
    "sample": ("o", "0.6", "first sample"),
    "evolved": ("s", "C0", "evolved"),
    "local": ("^", "C1", "grown and pruned"),
}
_COLUMNS = ("cost", "stage", "predicted_score")


class SearchDisplay:
    """Visualisation of a search with a learned predictor.

    One panel shows score against cost of all candidates, the other measured against predicted
    scores. It is recommended to use :meth:`from_search` to create a display.

    Parameters
    ----------
    cost : array-like of shape (n_candidates,)
        Cost of each candidate.
    score : array-like of shape (n_candidates,)
        Mean score of each candidate. Candidates without a finite score are not drawn.
    stage : array-like of str of shape (n_candidates,)
        Origin of each candidate: "sample", "evolved" or "local".
    predicted : array-like of shape (n_candidates,)
        Score that was predicted for each candidate before the fits; NaN if there was none.
    chosen : int, default=None
        Index of a candidate to mark with a ring.
    cost_name : str, default="cost"
        "connections", "energy" or "bytes", or another label of the cost axis.
    score_name : str, default="score"
        Label of the score axes.

    Attributes
    ----------
    front : ndarray of shape (n_front,)
        Indices of the candidates that no other dominates, from the cheapest to the best.
    points_ : dict of str to matplotlib Line2D
        The candidates, by stage.
    line_ : matplotlib Line2D
        The front.
    chosen_ : matplotlib Line2D or None
        The ring around the chosen candidate.
    predicted_ : matplotlib Line2D
        Measured against predicted scores.
    diagonal_ : matplotlib Line2D
        Line of equal measured and predicted scores.
    axes_ : ndarray of matplotlib Axes
        The two panels.
    figure_ : matplotlib Figure
        Figure containing the panels.

    See Also
    --------
    ParetoFrontDisplay : Plot fronts of fits, searches and models.

    Examples
    --------
    >>> from scann_sklearn.inspection import SearchDisplay
    >>> display = SearchDisplay(
    ...     cost=[120, 300, 80],
    ...     score=[0.90, 0.95, 0.80],
    ...     stage=["sample", "sample", "evolved"],
    ...     predicted=[None, None, 0.84],
    ... )
    >>> display.front
    array([2, 0, 1])
    """

    def __init__(
        self, cost, score, stage, predicted, *, chosen=None, cost_name="cost", score_name="score"
    ) -> None:
        check_consistent_length(cost, score, stage, predicted)
        self.cost, self.score = np.asarray(cost, dtype=float), np.asarray(score, dtype=float)
        self.stage, self.predicted = np.asarray(stage), np.asarray(predicted, dtype=float)
        unknown = set(self.stage.tolist()) - set(_STAGES)
        if unknown:
            raise ValueError(f"stage must hold values in {sorted(_STAGES)}, got {sorted(unknown)}.")
        if chosen is not None and not 0 <= chosen < len(self.cost):
            raise ValueError(
                f"chosen={chosen!r} is not an index of the {len(self.cost)} candidate(s)."
            )
        self.chosen, self.cost_name, self.score_name = chosen, cost_name, score_name
        valid = np.flatnonzero(np.isfinite(self.score) & np.isfinite(self.cost))
        self.front = valid[non_dominated(self.cost[valid], self.score[valid])]

    @classmethod
    def from_search(cls, search) -> Self:
        """Create a display of a search.

        Parameters
        ----------
        search : STEERAGESearchCV
            A fitted search, or one that was interrupted after a round.

        Returns
        -------
        display : SearchDisplay
            The display, not drawn yet. The candidate that the search chose, if any, is marked.

        Raises
        ------
        TypeError
            If `search` is not a STEERAGESearchCV.
        NotFittedError
            If `search` has no results.
        """
        if not isinstance(search, BaseSearchCV):
            raise TypeError(f"Expected a fitted STEERAGESearchCV, got {search!r}.")
        check_is_fitted(search, "cv_results_")
        results = search.cv_results_
        missing = [name for name in _COLUMNS if name not in results]
        if missing:
            raise TypeError(
                f"Expected a STEERAGESearchCV, got a {type(search).__name__} whose cv_results_ "
                f"lack {missing}: ParetoFrontDisplay.from_search draws those of any search."
            )
        named: Any = search
        metric, cost = getattr(named, "metric_", "score"), getattr(named, "cost", "cost")
        return cls(
            results["cost"],
            mean_test(results, metric),
            results["stage"],
            results["predicted_score"],
            chosen=getattr(search, "best_index_", None),
            cost_name=cost_name_of(cost),
            score_name=f"validation {metric}",
        )

    def plot(self, axes=None, *, xscale="log") -> Self:
        """Draw the search.

        Parameters
        ----------
        axes : sequence of two matplotlib Axes, default=None
            The two axes to draw on. If None, a new figure is created.
        xscale : {"log", "linear"}, default="log"
            Scale of the cost axis.

        Returns
        -------
        display : SearchDisplay
            The display, with the artists as attributes.

        Raises
        ------
        ValueError
            If the number of `axes` is not two, or if `xscale` is unknown.
        ImportError
            If matplotlib is not installed.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        import matplotlib.pyplot as plt

        if xscale not in ("log", "linear"):
            raise ValueError(f"xscale must be 'log' or 'linear', got {xscale!r}.")
        if axes is None:
            axes = plt.subplots(1, 2, figsize=(9.6, 4.2), layout="constrained")[1]
        self.axes_ = np.ravel(np.asarray(axes, dtype=object))
        if len(self.axes_) != 2:
            raise ValueError(f"There must be two axes, got {len(self.axes_)}.")
        self.figure_ = self.axes_[0].figure
        self._plot_candidates(self.axes_[0], xscale)
        self._plot_predictions(self.axes_[1])
        return self

    def _plot_candidates(self, ax, xscale) -> None:
        ax.set_xscale(xscale)
        self.points_ = {}
        for stage, (marker, color, label) in _STAGES.items():
            own = self.stage == stage
            if own.any():
                (self.points_[stage],) = ax.plot(
                    self.cost[own], self.score[own], ls="none", marker=marker, ms=5, color=color,
                    mew=0, label=label,
                )  # fmt: skip
        (self.line_,) = ax.plot(
            self.cost[self.front], self.score[self.front], drawstyle="steps-post", color="0.3",
            lw=1, zorder=1.5, label="front",
        )  # fmt: skip
        self.chosen_ = None
        if self.chosen is not None:
            (self.chosen_,) = ax.plot(
                self.cost[self.chosen], self.score[self.chosen], ls="none", marker="o", ms=11,
                color="0.25", mfc="none", mew=1.3, label="chosen",
            )  # fmt: skip
        known = COSTS.get(self.cost_name)
        ax.set_xlabel(known[1] if known else self.cost_name)
        ax.set_ylabel(self._scores)
        widen_around_one_point(ax)
        scale_cost_axis(ax, known[2] if known else "")
        ax.grid(alpha=0.25)
        ax.legend(loc="lower right", fontsize="small")

    def _plot_predictions(self, ax) -> None:
        known = np.isfinite(self.predicted) & np.isfinite(self.score)
        predicted, score = self.predicted[known], self.score[known]
        marker, color, _ = _STAGES["evolved"]
        (self.predicted_,) = ax.plot(
            predicted, score, ls="none", marker=marker, ms=5, color=color, mew=0
        )
        both = np.concatenate([predicted, score])
        ends = [both.min(), both.max()] if len(both) else []
        (self.diagonal_,) = ax.plot(ends, ends, color="0.6", lw=1, ls="--", zorder=1.5)
        ax.set_xlabel("Predicted before the fits")
        ax.set_ylabel(self._scores)
        ax.grid(alpha=0.25)

    @property
    def _scores(self) -> str:
        return self.score_name[:1].upper() + self.score_name[1:]
