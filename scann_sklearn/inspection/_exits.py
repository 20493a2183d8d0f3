"""Early exits drawn: who leaves where, and what the thresholds trade for energy."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_consistent_length

from scann_sklearn._sklearn import check_matplotlib_support
from scann_sklearn.inspection._axes import widen_around_one_point
from scann_sklearn.inspection._estimators import fitted_model
from scann_sklearn.model._steps import last_of


class ExitDisplay:
    """Visualisation of early exits: their use and accuracy, and the choice of thresholds.

    One panel shows the share of the samples that leave at each exit and their accuracy. The other
    shows accuracy against mean energy for all thresholds. It is recommended to use
    :meth:`from_estimator` to create a display.

    Parameters
    ----------
    shares : array-like of shape (n_exits,)
        Share of the samples that leave at each exit.
    accuracies : array-like of shape (n_exits,)
        Accuracy for the samples that leave at each exit; NaN if there are none.
    front : array-like of shape (n_thresholds, 2)
        Mean energy of an inference in joules, and accuracy, of thresholds on the validation data.
    chosen : (float, float)
        Energy and accuracy of the thresholds in use, on the validation data.
    seen : (float, float)
        Energy and accuracy of the thresholds in use, on the given samples.

    Attributes
    ----------
    bars_ : matplotlib BarContainer
        One bar per exit.
    labels_ : list of matplotlib Annotation
        The accuracies above the bars.
    line_ : matplotlib Line2D
        The front.
    chosen_ : matplotlib Line2D
        The ring around the thresholds in use.
    seen_ : matplotlib Line2D
        The result of these thresholds on the given samples.
    axes_ : ndarray of matplotlib Axes
        The two panels.
    figure_ : matplotlib Figure
        Figure containing the panels.

    See Also
    --------
    scann_sklearn.EarlyExitClassifier : The classifier that is shown.

    Examples
    --------
    >>> from scann_sklearn.inspection import ExitDisplay
    >>> display = ExitDisplay(
    ...     shares=[0.8, 0.2],
    ...     accuracies=[0.99, 0.9],
    ...     front=[(1e-9, 0.9), (2e-9, 0.97)],
    ...     chosen=(2e-9, 0.97),
    ...     seen=(2.1e-9, 0.965),
    ... )
    >>> len(display.plot().bars_)
    2
    """

    def __init__(self, shares, accuracies, front, chosen, seen) -> None:
        check_consistent_length(shares, accuracies)
        self.shares = np.asarray(shares, dtype=float)
        self.accuracies = np.asarray(accuracies, dtype=float)
        self.front = np.asarray(front, dtype=float)
        if self.front.ndim != 2 or self.front.shape[1] != 2:
            raise ValueError(
                f"front must be of shape (n_thresholds, 2), got {self.front.shape}: energy and "
                "accuracy of each."
            )
        self.chosen, self.seen = chosen, seen

    @classmethod
    def from_estimator(cls, estimator, X, y) -> Self:
        """Create a display of a fitted classifier with early exits, for given samples.

        Parameters
        ----------
        estimator : EarlyExitClassifier, Pipeline or search
            A fitted classifier, a pipeline that ends in one, or a search over these. Energies are
            those of its network, without the steps before it.
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples. They should be used neither in the fit nor to choose thresholds.
        y : array-like of shape (n_samples,)
            Class labels.

        Returns
        -------
        display : ExitDisplay
            The display, not drawn yet.

        Raises
        ------
        TypeError
            If `estimator` doesn't end in an EarlyExitClassifier.
        NotFittedError
            If `estimator` is not fitted.
        """
        model = fitted_model(estimator)
        classifier: Any = last_of(model)
        if not hasattr(classifier, "predict_exit"):
            raise TypeError(
                "Expected a fitted EarlyExitClassifier, a pipeline that ends in one, or a search "
                f"over these, got {type(classifier).__name__}: {classifier!r}."
            )
        check_consistent_length(X, y)
        if classifier is not model and len(model) > 1:
            X = model[:-1].transform(X)
        exits = classifier.predict_exit(X)
        right = classifier.predict(X) == np.asarray(y)
        counts = np.bincount(exits, minlength=classifier.n_exits_)
        n_right = np.bincount(exits, right, classifier.n_exits_)
        accuracies = np.divide(n_right, counts, np.full(len(counts), np.nan), where=counts > 0)
        shares, path = counts / len(exits), classifier.thresholds_path_
        sized = {point.n_connections: point.exit_point for point in classifier.path_}
        known = [*path, sized[classifier.n_connections_]]  # the last may be of the user's choice
        accuracy = {p.thresholds: p.accuracy for p in known}[tuple(classifier.thresholds_.tolist())]
        return cls(
            shares,
            accuracies,
            [(point.energy, point.accuracy) for point in path],
            (classifier.energy_, accuracy),
            (float(shares @ classifier.exit_energies_), float(right.mean())),
        )

    def plot(self, axes=None) -> Self:
        """Draw the exits.

        Parameters
        ----------
        axes : sequence of two matplotlib Axes, default=None
            The two axes to draw on. If None, a new figure is created.

        Returns
        -------
        display : ExitDisplay
            The display, with the artists as attributes.

        Raises
        ------
        ValueError
            If the number of `axes` is not two.
        ImportError
            If matplotlib is not installed.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        import matplotlib.pyplot as plt

        if axes is None:
            axes = plt.subplots(1, 2, figsize=(9.6, 4.2), layout="constrained")[1]
        self.axes_ = np.ravel(np.asarray(axes, dtype=object))
        if len(self.axes_) != 2:
            raise ValueError(f"There must be two axes, got {len(self.axes_)}.")
        self.figure_ = self.axes_[0].figure
        self._plot_shares(self.axes_[0])
        self._plot_front(self.axes_[1])
        return self

    def _plot_shares(self, ax) -> None:
        numbers = np.arange(1, len(self.shares) + 1)
        self.bars_ = ax.bar(numbers, self.shares, width=0.6, color="C0")
        texts = ["" if np.isnan(a) else f"{a:.1%} right" for a in self.accuracies]
        self.labels_ = ax.bar_label(self.bars_, texts, padding=3)
        ax.set_xticks(numbers, [f"exit {n}" for n in numbers])
        ax.set_ylim(0, 1.12 * max(self.shares.max(), 0.01))
        ax.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
        ax.set_ylabel("Share of the samples that leave")

    def _plot_front(self, ax) -> None:
        from matplotlib.ticker import EngFormatter

        energy, accuracy = self.front.T
        (self.line_,) = ax.plot(
            energy, accuracy, drawstyle="steps-post", color="C0", marker="o", ms=3, lw=1,
            label="all thresholds, validation",
        )  # fmt: skip
        (self.chosen_,) = ax.plot(
            *self.chosen, ls="none", marker="o", ms=11, color="0.25", mfc="none", mew=1.3,
            label="chosen",
        )  # fmt: skip
        (self.seen_,) = ax.plot(
            *self.seen, ls="none", marker="s", ms=6, color="C1", label="on these samples"
        )
        widen_around_one_point(ax)
        ax.xaxis.set_major_formatter(EngFormatter(unit="J"))
        ax.set_xlabel("Mean energy of one inference")
        ax.set_ylabel("Accuracy")
        ax.grid(alpha=0.25)
        ax.legend(loc="lower right", fontsize="small")
