"""The graph of a synthesised network, drawn."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from scipy.sparse import issparse
from sklearn.pipeline import Pipeline

from scann_sklearn._sklearn import check_matplotlib_support
from scann_sklearn.inspection._axes import new_axes
from scann_sklearn.inspection._estimators import fitted_model
from scann_sklearn.inspection._layout import curves, node_positions
from scann_sklearn.model._graph import Graph
from scann_sklearn.model._model import model_of
from scann_sklearn.model._steps import last_of

_LARGEST_FONT, _SMALLEST_FONT = 9.0, 5.5  # points
_INPUT_COLOR, _HIDDEN_COLOR, _OUTPUT_COLOR = "#4c78a8", "0.25", "#d08a1d"


class ArchitectureDisplay:
    """Visualisation of a network: inputs, hidden neurons by level, outputs, and all connections.

    It is recommended to use :meth:`from_estimator` to create a display. The level of a neuron is
    the length of the longest path to it from an input. The colour of a connection is its weight, on
    a square root scale, so that small weights are visible too. Bars show the number of connections
    that read each input. Inputs that no connection reads are counted, not drawn. Names are written
    beside the inputs as far as there is room, those of the most used inputs first.

    Parameters
    ----------
    graph : Graph
        The connections and levels, see :meth:`from_estimator`.
    strength : ndarray of shape (n_connections,)
        Value of each connection that its colour shows.
    feature_names : list of str
        Name of each input, including unused ones.
    output_names : list of str
        Name of each output.
    strength_name : str, default="weight"
        Label of the colour bar.
    name : str, default=None
        Start of the title.

    Attributes
    ----------
    positions : ndarray of shape (n_nodes, 2)
        Level and height of each node: inputs, hidden neurons, outputs. NaN for unused inputs.
    ax_ : matplotlib Axes
        Axes with the network.
    figure_ : matplotlib Figure
        Figure containing the axes.
    connections_ : matplotlib LineCollection
        The connections, with strong ones on top.
    nodes_ : dict of str to matplotlib PathCollection
        The nodes, with the keys "inputs", "hidden" and "outputs".
    bars_ : matplotlib BarContainer
        Number of connections that read each used input.
    input_labels_, output_labels_ : list of matplotlib Text
        The names that there is room for. That of an input has the number of its connections.
    title_ : matplotlib Text
        The name, and the size of the network.
    note_ : matplotlib Text
        The number of inputs that are not drawn, and of connections that skip levels.
    colorbar_ : matplotlib Colorbar or None
        The colour bar.

    See Also
    --------
    NetworkSummary : The network in numbers.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from scann_sklearn import SCANNClassifier
    >>> from scann_sklearn.inspection import ArchitectureDisplay
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> clf = SCANNClassifier(n_connections=15, random_state=0).fit(X, y)
    >>> display = ArchitectureDisplay.from_estimator(clf, X).plot()
    >>> len(display.connections_.get_segments()) == clf.n_connections_
    True
    """

    def __init__(
        self, graph, strength, *, feature_names, output_names, strength_name="weight", name=None
    ) -> None:
        self.graph = graph
        self.strength = strength
        self.feature_names = feature_names
        self.output_names = output_names
        self.strength_name = strength_name
        self.name = name
        self.positions = node_positions(graph)

    @classmethod
    def from_estimator(cls, estimator, X=None, *, feature_names=None, name=None) -> Self:
        """Create a display of a fitted estimator.

        Parameters
        ----------
        estimator : SCANNClassifier, SCANNRegressor, Pipeline or search
            A fitted estimator, a pipeline that ends in one, or a search over these.
        X : array-like of shape (n_samples, n_features), default=None
            Samples, as for `predict`. If given, colours show the weights times the standard
            deviation of their source, which can be compared between features of different units.
            If None, they show the weights themselves, for raw features.
        feature_names : array-like of str of shape (n_features,), default=None
            Names of the inputs of the network. If None, those seen during `fit`, or those that the
            steps before it output, or x0, x1 and so on. Values of maps, which are the inputs behind
            convolutions, have names of their own.
        name : str, default=None
            Start of the title. If None, the class name of the estimator.

        Returns
        -------
        display : ArchitectureDisplay
            The display, not drawn yet.

        Raises
        ------
        TypeError
            If `estimator` doesn't end in a SCANNClassifier or SCANNRegressor.
        ValueError
            If the number of `feature_names` is not that of the features.
        NotFittedError
            If `estimator` is not fitted.
        """
        model = fitted_model(estimator)
        fitted = last_of(model)
        found = model_of(fitted)
        network = found.neurons
        strength, strength_name = network.weight, "weight"
        if X is not None:
            Z = model[:-1].transform(X) if isinstance(model, Pipeline) else X
            strength = network.weight * _source_deviations(fitted, network, Z)
            strength_name = "weight × std. dev. of its source"
        return cls(
            Graph.of(network.topology),
            strength,
            feature_names=_input_names(model, fitted, found, feature_names),
            output_names=found.head.output_names,
            strength_name=strength_name,
            name=_default_name(found, fitted) if name is None else name,
        )

    def plot(self, ax=None, *, cmap="coolwarm", colorbar=True) -> Self:
        """Draw the network.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure is created, whose size grows with the network.
        cmap : str or matplotlib Colormap, default="coolwarm"
            Colours from negative to positive weights; the middle is zero.
        colorbar : bool, default=True
            Whether to add a colour bar.

        Returns
        -------
        display : ArchitectureDisplay
            The display, with the artists as attributes.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        graph = self.graph
        if ax is None:
            rows = max(len(graph.used_inputs), graph.n_outputs, *graph.hidden_by_level, 1)
            width = np.clip(5 + 0.8 * graph.depth, 7, 15)
            ax = new_axes((width, np.clip(max(1.5 + 0.16 * rows, 0.42 * width), 4, 10)))
        self.ax_, self.figure_ = ax, ax.figure
        self._frame()
        self._plot_connections(cmap)
        self._plot_nodes()
        self._plot_uses()
        self._label_outputs()
        self.colorbar_ = None
        if colorbar:
            most: Any = self.connections_.norm.vmax  # matplotlib: a float, if not None
            beyond = np.abs(self.strength).max() > most
            self.colorbar_ = self.figure_.colorbar(
                self.connections_, ax=ax, label=self.strength_name, shrink=0.7, aspect=30,
                pad=0.02, extend="both" if beyond else "neither",
            )  # fmt: skip
            half = most / 2
            power = 10.0 ** np.floor(np.log10(half))
            step = power * np.floor(half / power)  # half of the range, rounded down
            self.colorbar_.set_ticks([-2 * step, -step, -step / 4, 0, step / 4, step, 2 * step])
            self.colorbar_.ax.yaxis.set_major_formatter("{x:.3g}")
            self.colorbar_.solids.set_alpha(1)
            self.colorbar_.outline.set_visible(False)
        return self

    def _frame(self) -> None:
        graph, ax = self.graph, self.ax_
        ax.spines[:].set_visible(False)
        ax.set(ylim=(1.03, -0.03), yticks=[])
        ax.set_xlim(-0.11 * (graph.depth + 1) - 0.1, 1.01 * graph.depth + 0.3)
        self._label_levels()
        ax.set_xlabel(
            "level: longest path from an input, and its number of neurons",
            color="0.4", fontsize="small",
        )  # fmt: skip
        unused = graph.n_inputs - len(graph.used_inputs)
        notes = [
            f"{unused:,} of {graph.n_inputs:,} inputs are not connected and not drawn"
            * (unused > 0),
            f"{graph.n_skip:,} connections skip a level" * (graph.n_skip > 0),
        ]
        # a title, since the width of titles doesn't push the axes together
        self.note_ = ax.set_title("", x=0, ha="left", color="0.4", fontsize="small")
        _set_text_that_fits(self.note_, "; ", list(filter(None, notes)))
        self.title_ = ax.set_title("", loc="left", fontsize="large")
        _set_text_that_fits(
            self.title_, ", ",
            [
                f"{self.name}: {len(graph.sources):,} connections",
                f"{graph.n_hidden:,} hidden neurons",
                f"depth {graph.depth}",
            ],
        )  # fmt: skip
        # both titles stand on the axes: empty lines lift this one above the note
        n_lines = 1 + self.note_.get_text().count("\n")
        self.title_.set_text(self.title_.get_text() + "\n" * n_lines)

    def _label_levels(self) -> None:
        graph, ax = self.graph, self.ax_
        n_used = f"{len(graph.used_inputs)}"
        if len(graph.used_inputs) < graph.n_inputs:
            n_used += f" of {graph.n_inputs}"
        labels = {0: f"inputs\n{n_used}", graph.depth: f"outputs\n{graph.n_outputs}"}
        step = int(np.ceil(14 / self._column()))  # points that a number takes up
        last = graph.depth - int(26 / self._column())  # the words at both ends take more
        for level in range(1 + int(26 / self._column()), last, step):
            labels[level] = f"{level}\n{graph.hidden_by_level[level - 1]}"
        ax.set_xticks(list(labels), list(labels.values()))
        ax.tick_params(length=0, labelsize="small")

    def _column(self) -> float:
        """Points between two levels."""
        low, high = self.ax_.get_xlim()
        return self._size()[0] / (high - low)

    def _size(self) -> np.ndarray:
        """Width and height of the axes in points."""
        extent = self.ax_.get_window_extent()
        return np.array([extent.width, extent.height]) * 72 / self.figure_.dpi

    def _plot_connections(self, cmap) -> None:
        from matplotlib.collections import LineCollection
        from matplotlib.colors import FuncNorm

        size = np.abs(self.strength)
        limit = np.quantile(size, 0.98, method="higher") or 1.0
        order = np.argsort(size, kind="stable")  # strong ones on top
        share = np.sqrt(np.minimum(size[order] / limit, 1))
        density = len(size) / np.prod(self._size() / 72)  # connections on a square inch
        crowd = np.clip(np.log10(density) / 1.3, 0, 2)  # 0: one, 1: twenty, 2: four hundred
        faint = max(0.9 - 0.5 * crowd, 0.05)
        segments = curves(self.positions, self.graph.sources[order], self.graph.targets[order])
        self.connections_ = LineCollection(
            list(segments), cmap=cmap, array=self.strength[order],
            norm=FuncNorm((_signed_root, _signed_square), -limit, limit),
            linewidths=max(2.6 - 1.7 * crowd, 0.25) * (0.45 + 0.55 * share),
            alpha=(1 - 0.35 * crowd) * (faint + (1 - faint) * share), capstyle="round", zorder=2,
        )  # fmt: skip
        self.ax_.add_collection(self.connections_, autolim=False)

    def _plot_nodes(self) -> None:
        graph = self.graph
        groups = {
            "inputs": (graph.used_inputs, _INPUT_COLOR),
            "hidden": (graph.hidden, _HIDDEN_COLOR),
            "outputs": (graph.outputs, _OUTPUT_COLOR),
        }
        self.nodes_ = {}
        for name, (nodes, color) in groups.items():
            column = max(0.3 * self._column(), 4.5)  # where levels are narrow, nodes may overlap
            diameter = np.clip(min(0.75 * self._spacing(nodes), column), 2.5, 9)
            self.nodes_[name] = self.ax_.scatter(
                *self.positions[nodes].T, s=diameter**2, color=color, ec="white", lw=0.6, zorder=3,
                clip_on=False,
            )  # fmt: skip

    def _spacing(self, nodes) -> float:
        """Points between neighbours of the fullest level among some nodes."""
        x, y = self.positions[nodes].T
        gaps = [np.diff(np.sort(y[x == level])).min() for level in set(x) if (x == level).sum() > 1]
        return self._size()[1] * min(gaps, default=1.0)

    def _plot_uses(self) -> None:
        graph = self.graph
        used, ax = graph.used_inputs, self.ax_
        uses, y = graph.input_uses[used], self.positions[used, 1]
        unit = graph.depth + 1
        start, longest = -0.02 * unit - 0.08, 0.08 * unit
        lengths = longest * uses / uses.max()
        thickness = 0.7 * min(1 / max(len(used), 1), 0.05)
        self.bars_ = ax.barh(
            y, -lengths, thickness, left=start, color=_INPUT_COLOR, alpha=0.45, lw=0, zorder=1
        )
        size, shown = _labels_that_fit(y, uses, self._spacing(used))
        self.input_labels_ = [
            ax.annotate(
                f"{self.feature_names[used[i]]} ({uses[i]})", (start - lengths[i], y[i]), (-3, 0),
                textcoords="offset points", ha="right", va="center_baseline", fontsize=size,
            )
            for i in shown
        ]  # fmt: skip

    def _label_outputs(self) -> None:
        x, y = self.positions[self.graph.outputs].T
        size, shown = _labels_that_fit(y, np.ones(len(y)), self._spacing(self.graph.outputs))
        self.output_labels_ = [
            self.ax_.annotate(
                self.output_names[i], (x[i], y[i]), (8, 0), textcoords="offset points",
                va="center_baseline", fontsize=size,
            )
            for i in shown
        ]  # fmt: skip


def _signed_root(x) -> np.ndarray:
    """Square root of the size, with the sign: small weights keep a colour."""
    return np.sign(x) * np.sqrt(np.abs(x))


def _signed_square(x) -> np.ndarray:
    """Inverse of the signed root."""
    return np.sign(x) * np.square(x)


def _set_text_that_fits(text, separator, parts) -> None:
    """Join parts to a text, with a new line where it would become wider than its axes."""
    width = text.axes.get_window_extent().width
    lines: list[str] = []
    for part in parts:
        longer = separator.join([*lines[-1:], part])
        text.set_text(longer)
        if lines and text.get_window_extent().width > width:
            lines[-1] += separator.rstrip()
            lines.append(part)
        else:
            lines[-1:] = [longer]
    text.set_text("\n".join(lines))


def _labels_that_fit(y, importance, spacing) -> tuple[float, Sequence[int]]:
    """Size in points, and which labels there is room for, the most important first."""
    size = float(np.clip(0.9 * spacing, _SMALLEST_FONT, _LARGEST_FONT))
    if spacing >= size or len(y) == 1:
        return size, range(len(y))
    least = np.diff(y).min() * size / spacing
    shown: list[int] = []
    for i in np.argsort(-importance, kind="stable"):
        if all(abs(y[i] - y[j]) >= least for j in shown):
            shown.append(int(i))
    return size, sorted(shown)


def _default_name(model, fitted) -> str:
    return type(fitted).__name__ + " behind its maps" * (model.front is not None)


def _names_of_map_values(front) -> list[str]:
    """Map, row and column of what neurons read behind convolutions."""
    n_maps, height, width = front.output_shape
    places = np.ndindex(n_maps, height, width)
    return [f"map {k} ({i}, {j})" for k, i, j in places]


def _input_names(model, fitted, found, given) -> list[str]:
    """Names of what the neurons can read."""
    if found.front is not None:
        return _names_of_map_values(found.front)
    if not fitted._reads_features:
        return [f"extracted {i}" for i in range(found.network.topology.n_inputs)]
    return _feature_names(model, fitted, given)


def _feature_names(model, fitted, given) -> list[str]:
    """Names of the inputs of the network."""
    n_features = fitted.n_features_in_
    if given is not None:
        names = [str(name) for name in given]
        if len(names) != n_features:
            raise ValueError(
                f"feature_names has {len(names)} names for {n_features} features: {names}."
            )
        return names
    if hasattr(fitted, "feature_names_in_"):
        return list(fitted.feature_names_in_)
    if isinstance(model, Pipeline) and hasattr(model[:-1], "get_feature_names_out"):
        return [str(name) for name in model[:-1].get_feature_names_out()]
    return [f"x{i}" for i in range(n_features)]


def _source_deviations(fitted, network, X) -> np.ndarray:
    """Standard deviation of each connection's source over samples, shape (n_connections,)."""
    X = fitted._inputs_of(X)
    X = X.toarray() if issparse(X) else X
    hidden = network.hidden_activations(X)
    return np.concatenate([X.std(axis=0), hidden.std(axis=1)])[network.topology.indices]
