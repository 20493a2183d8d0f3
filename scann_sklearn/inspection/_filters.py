"""The filters that are left of a network's convolutions, drawn."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any, Self

import numpy as np

from scann_sklearn._sklearn import check_matplotlib_support
from scann_sklearn.inspection._estimators import fitted_model
from scann_sklearn.model._steps import last_of

_MOST_MAPS = 24  # that a grid shows in either direction
_BACKGROUND: Any = {"cmap": "gray", "vmin": 0, "vmax": 1.05}  # light grey: where a filter could be


class FilterDisplay:
    """Visualisation of the filters of each convolution, after the synthesis.

    There is one panel per convolution, with one column per output map and one row per input map.
    Connections that don't exist are light grey. It is recommended to use :meth:`from_estimator` to
    create a display.

    Parameters
    ----------
    filters : list of ndarray of shape (n_maps, n_source_maps, kernel_size, kernel_size)
        Kernels of each convolution, with zeros for connections that don't exist.
    n_connections : list of int, default=None
        Number of connections of each convolution. If None, the number of nonzero weights.
    name : str, default=None
        Start of the title.

    Attributes
    ----------
    axes_ : list of matplotlib Axes
        The panels, one per convolution.
    figure_ : matplotlib Figure
        Figure containing the panels.
    images_ : list of matplotlib AxesImage
        The filters, side by side.

    See Also
    --------
    ArchitectureDisplay : The neurons behind the convolutions.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from scann_sklearn import (
    ...     Conv2d,
    ...     ConvFrontEnd,
    ...     MaxPool2d,
    ...     SCANNClassifier,
    ... )
    >>> from scann_sklearn.inspection import FilterDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> front_end = ConvFrontEnd(
    ...     [Conv2d(4, 3), MaxPool2d(2)], input_shape=(1, 8, 8)
    ... )
    >>> clf = SCANNClassifier(
    ...     front_end=front_end,
    ...     hidden_layer_sizes=(10,),
    ...     n_connections=150,
    ...     random_state=0,
    ... ).fit(X, y)
    >>> display = FilterDisplay.from_estimator(clf).plot()
    >>> len(display.images_)
    1
    """

    def __init__(self, filters, *, n_connections=None, name=None) -> None:
        self.filters = filters
        self.n_connections = n_connections
        self.name = name

    @classmethod
    def from_estimator(cls, estimator, *, name=None) -> Self:
        """Create a display of a fitted estimator.

        Parameters
        ----------
        estimator : SCANNClassifier, SCANNRegressor, Pipeline or search
            A fitted estimator with a `front_end`, a pipeline that ends in one, or a search over
            these.
        name : str, default=None
            Start of the title. If None, the class name of the estimator.

        Returns
        -------
        display : FilterDisplay
            The display, not drawn yet.

        Raises
        ------
        TypeError
            If `estimator` doesn't end in a SCANNClassifier or SCANNRegressor.
        ValueError
            If it was fitted without a `front_end`.
        NotFittedError
            If `estimator` is not fitted.
        """
        fitted = last_of(fitted_model(estimator))
        front = fitted.front_end_
        if front is None:
            raise ValueError(f"{fitted!r} was fitted without a front_end: it has no filters.")
        return cls(
            front.filters,
            n_connections=[layer.n_connections for layer in front.layers.layers],
            name=type(fitted).__name__ if name is None else name,
        )

    def plot(self, axes=None, *, cmap="coolwarm") -> Self:
        """Draw the filters.

        Parameters
        ----------
        axes : list of matplotlib Axes, default=None
            Axes to draw on, one per convolution. If None, a new figure is created.
        cmap : str or matplotlib Colormap, default="coolwarm"
            Colours from negative to positive weights; the middle is zero.

        Returns
        -------
        display : FilterDisplay
            The display, with the artists as attributes.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the number of `axes` is not that of the convolutions.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        grids = [_grid(kernels) for kernels in self.filters]
        axes = self._new_axes(grids) if axes is None else list(np.ravel(axes))
        if len(axes) != len(grids):
            raise ValueError(f"There are {len(grids)} convolutions, but {len(axes)} axes.")
        self.axes_, self.figure_ = axes, axes[0].figure
        counts = self.n_connections or [np.count_nonzero(kernels) for kernels in self.filters]
        self.images_ = []
        for number, (ax, grid, count) in enumerate(zip(axes, grids, counts, strict=True)):
            n_maps, n_sources, size, _ = self.filters[number].shape
            largest = np.nanmax(np.abs(grid), initial=0) or 1.0
            ax.imshow(_grid(np.ones_like(self.filters[number])), **_BACKGROUND)
            self.images_.append(ax.imshow(grid, cmap=cmap, vmin=-largest, vmax=largest))
            ax.set(
                xticks=_middles(n_maps, size),
                xticklabels=range(min(n_maps, _MOST_MAPS)),
                yticks=_middles(n_sources, size),
                yticklabels=range(min(n_sources, _MOST_MAPS)),
                xlabel="map that is made",
                ylabel="map that is read" if number else "channel",
            )
            ax.tick_params(length=0, labelsize="small")
            ax.spines[:].set_visible(False)
            shown = " (a part)" * (max(n_maps, n_sources) > _MOST_MAPS)
            ax.set_title(
                f"convolution {number + 1}{shown}: {count:,} of {self.filters[number].size:,} "
                "connections of these maps",
                loc="left",
                fontsize="medium",
            )
        if self.name:
            self.figure_.suptitle(f"{self.name}: filters that are left")
        return self

    @staticmethod
    def _new_axes(grids) -> list:
        import matplotlib.pyplot as plt

        heights = [grid.shape[0] for grid in grids]
        width = max(grid.shape[1] for grid in grids)
        unit = min(0.12, 12 / width)
        size = max(unit * width + 1, 5), max(unit * sum(heights) + 1.1 * len(grids), 2)
        _, axes = plt.subplots(
            len(grids),
            figsize=size,
            squeeze=False,
            height_ratios=[height + 4 for height in heights],
            layout="constrained",
        )
        return list(axes[:, 0])


def _grid(kernels) -> np.ndarray:
    """Filters side by side, a map that is made a column; NaN where no connection is."""
    shown = np.where(kernels == 0, np.nan, kernels)[:_MOST_MAPS, :_MOST_MAPS]
    framed = np.pad(shown, ((0, 0), (0, 0), (0, 1), (0, 1)), constant_values=np.nan)
    n_maps, n_sources, height, width = framed.shape
    return framed.transpose(1, 2, 0, 3).reshape(n_sources * height, n_maps * width)[:-1, :-1]


def _middles(n_maps, size) -> np.ndarray:
    return np.arange(min(n_maps, _MOST_MAPS)) * (size + 1) + (size - 1) / 2
