"""How a synthesis went, epoch by epoch, drawn."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any, Self

import numpy as np

from scann_sklearn._sklearn import check_matplotlib_support
from scann_sklearn.inspection._axes import new_axes, place_log_ticks
from scann_sklearn.inspection._estimators import fitted_model
from scann_sklearn.model._steps import last_of

# Colour of each operation, by its name in the history; those of own schemes get the others.
_COLORS = {
    "grow connections": "#2a9d5c",
    "grow neurons": "#7b3fa0",
    "prune connections": "#e07a1f",
}
_OTHER_COLORS = ("#1f77b4", "#8c564b", "#e377c2", "#17becf")
_FIELDS = {"epoch", "operation", "loss", "n_connections", "validation_score"}
_PANELS = ("score", "loss", "connections")


class SynthesisHistoryDisplay:
    """Visualisation of a fit: validation score, loss and number of connections by epoch.

    There are three panels, one above the other, that share the axis of epochs. Every operation
    (growth or pruning) is a vertical line through all panels, in a colour of its kind. It is
    recommended to use :meth:`from_estimator` to create a display.

    Parameters
    ----------
    history : list of dict
        Records as in `history_` of a :class:`~scann_sklearn.SCANNClassifier`, one per epoch.
    n_connections : int, default=None
        Number of connections of the chosen network, marked in the lowest panel.
    score_name : str, default="score"
        Label of the score axis.

    Attributes
    ----------
    operations : dict of str to ndarray
        For each kind of operation, the numbers of the epochs (counted from 1) right after it.
    ax_ : matplotlib Axes
        The given axes, as an empty frame around the panels.
    axes_ : dict of str to matplotlib Axes
        The panels, with the keys "score", "loss" and "connections".
    figure_ : matplotlib Figure
        Figure containing the panels.
    score_ : matplotlib Line2D
        Validation score at the end of each training phase.
    loss_ : matplotlib Line2D
        Training loss of each epoch.
    connections_ : matplotlib StepPatch
        Number of connections in each epoch.
    chosen_ : matplotlib Line2D or None
        Number of connections of the chosen network.
    operations_ : dict of str to list of matplotlib LineCollection
        Lines of each kind of operation, one artist per panel.
    legend_ : matplotlib Legend
        The colours of the operations, and the number of times that each was carried out.

    See Also
    --------
    ParetoFrontDisplay : The networks of the path that results from a fit.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from scann_sklearn import SCANNClassifier
    >>> from scann_sklearn.inspection import SynthesisHistoryDisplay
    >>> clf = SCANNClassifier(random_state=0).fit(*load_iris(return_X_y=True))
    >>> display = SynthesisHistoryDisplay.from_estimator(clf).plot()
    >>> sorted(display.operations)
    ['grow connections', 'prune connections']
    """

    def __init__(self, history, *, n_connections=None, score_name="score") -> None:
        if not isinstance(history, list) or not all(isinstance(r, dict) for r in history):
            raise TypeError(
                f"history must be a list of records, got {type(history).__name__}: {history!r}. "
                "Use from_estimator for a fitted estimator."
            )
        if not history:
            raise ValueError(f"The history must have at least one epoch, got {history!r}.")
        missing = sorted(_FIELDS.difference(*history[:1]))
        if missing:
            raise ValueError(f"The records of the history lack {missing}: {history[0]}.")
        self.history = history
        self.n_connections = n_connections
        self.score_name = score_name
        self.operations = {}
        starts = [i for i, record in enumerate(history) if record["epoch"] == 1]
        for name in dict.fromkeys(history[i]["operation"] for i in starts):
            if name != "train":  # training alone changes nothing
                epochs = [i + 1 for i in starts if history[i]["operation"] == name]
                self.operations[name] = np.array(epochs)

    @classmethod
    def from_estimator(cls, estimator) -> Self:
        """Create a display of a fitted estimator.

        Parameters
        ----------
        estimator : SCANNClassifier, SCANNRegressor, Pipeline or search
            A fitted estimator, a pipeline that ends in one, or a search over these.

        Returns
        -------
        display : SynthesisHistoryDisplay
            The display, not drawn yet.

        Raises
        ------
        TypeError
            If `estimator` doesn't end in a SCANNClassifier or SCANNRegressor.
        ValueError
            If the fit had no epochs.
        NotFittedError
            If `estimator` is not fitted.
        """
        fitted = last_of(fitted_model(estimator))
        scoring = fitted.scoring
        return cls(
            fitted.history_,
            n_connections=fitted.n_connections_,
            score_name=scoring if isinstance(scoring, str) else "score",
        )

    def plot(self, ax=None) -> Self:
        """Draw the history.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes in whose place the panels are drawn. If None, a new figure is created.

        Returns
        -------
        display : SynthesisHistoryDisplay
            The display, with the artists as attributes.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        ax = new_axes(figsize=(8, 6)) if ax is None else ax
        self.ax_, self.figure_ = ax, ax.figure
        self._make_panels(ax)
        self._plot_curves()
        self._plot_connections()
        self._mark_operations()
        handles, labels = self.axes_["connections"].get_legend_handles_labels()
        self.legend_ = self.axes_["score"].legend(
            handles, labels, loc="lower left", bbox_to_anchor=(0, 1.02), borderaxespad=0,
            ncols=2 if len(handles) == 4 else 3, frameon=False, fontsize="small",
            columnspacing=1.6, handlelength=1.6,
        )  # fmt: skip
        return self

    def _make_panels(self, ax) -> None:
        ax.set_axis_off()
        self.axes_: dict[str, Any] = {}
        for name, (bottom, height) in zip(_PANELS, [(0.66, 0.34), (0.34, 0.28), (0, 0.30)]):
            panel = ax.inset_axes(
                [0, bottom, 1, height], sharex=next(iter(self.axes_.values()), None)
            )
            panel.spines[["top", "right"]].set_visible(False)
            panel.grid(axis="y", alpha=0.25)
            panel.tick_params(labelbottom=name == "connections")
            self.axes_[name] = panel
        panel.set_xlabel("Epoch")
        panel.set_xlim(0, 1.01 * len(self.history) + 0.5)

    def _plot_curves(self) -> None:
        epochs = np.arange(1, len(self.history) + 1)
        score = [r["validation_score"] for r in self.history]
        scored = np.array([value is not None for value in score])
        (self.score_,) = self.axes_["score"].plot(
            epochs[scored], [value for value in score if value is not None],
            color="0.15", lw=1.2, marker="o", ms=3.5,
        )  # fmt: skip
        (self.loss_,) = self.axes_["loss"].plot(
            epochs, [r["loss"] for r in self.history], color="0.15", lw=1.2
        )
        self.axes_["score"].set_ylabel(f"Validation\n{self.score_name}")
        self.axes_["loss"].set_ylabel("Training\nloss")

    def _plot_connections(self) -> None:
        panel = self.axes_["connections"]
        sizes = [r["n_connections"] for r in self.history]
        self.connections_ = panel.stairs(
            sizes, np.arange(len(sizes) + 1) + 0.5, baseline=None, color="0.15", lw=1.4
        )
        self.chosen_ = None
        if self.n_connections is not None:
            self.chosen_ = panel.axhline(
                self.n_connections, color="#c2185b", lw=1.1, ls=(0, (4, 3)),
                label=f"chosen: {self.n_connections:,} connections",
            )  # fmt: skip
        panel.set_yscale("log")
        place_log_ticks(panel.yaxis, *panel.get_ylim())
        panel.yaxis.set_major_formatter("{x:,g}")
        panel.set_ylabel("Connections")

    def _mark_operations(self) -> None:
        others = iter(_OTHER_COLORS * len(self.operations))
        total = sum(map(len, self.operations.values()))
        crowd = np.clip((total - 25) / 60, 0, 1)  # 0: up to 25 lines, 1: 85 or more
        self.operations_ = {}
        for name, epochs in self.operations.items():
            color = _COLORS.get(name) or next(others)
            self.operations_[name] = [
                panel.vlines(
                    epochs - 0.5, 0, 1, transform=panel.get_xaxis_transform(),
                    color=color, lw=1.3 - 0.3 * crowd, alpha=0.55 - 0.2 * crowd, zorder=1,
                    label=f"{name} ({len(epochs)}×)",
                )
                for panel in self.axes_.values()
            ]  # fmt: skip
