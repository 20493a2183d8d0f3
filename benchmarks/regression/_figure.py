"""Figure of the regression benchmark: test R² against connections, a panel a data set."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from benchmarks.regression._points import front
from benchmarks.regression._sets import TITLES
from benchmarks.regression.tables import LABELS, records

# Families, and how they are drawn; trees' nodes are another unit.
LINES = {"tree": "0.6", "scann": "C1"}
MARKERS = {"mlp": ("C0", "."), "ridge": ("C2", "D")}
COLUMNS = 2


def regression_figure(path, found=None):
    """Draw the frontiers of all seeds, the ladder of perceptrons, ridge regression and trees.

    Parameters
    ----------
    path : path-like
        Where the figure goes.
    found : list of dict, default=None
        Records; None: the committed ones.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    found = records() if found is None else found
    data = list(dict.fromkeys(r["data"] for r in found))
    n_rows = -(-len(data) // COLUMNS)
    fig, axes = plt.subplots(
        n_rows, COLUMNS, figsize=(7.6, 2.7 * n_rows + 0.8), squeeze=False, layout="constrained"
    )
    for ax in axes.flat[len(data) :]:
        ax.set_axis_off()
    for name, ax in zip(data, axes.flat):
        _panel(ax, [r for r in found if r["data"] == name])
        ax.set(title=TITLES[name], xscale="log")
        ax.grid(alpha=0.3)
    for ax in axes[:, 0]:
        ax.set_ylabel("test R²")
    for ax in axes[-1]:
        ax.set_xlabel("connections (of trees: nodes)")
    handles, texts = axes.flat[0].get_legend_handles_labels()
    fig.legend(handles, texts, loc="outside lower center", ncols=3)
    fig.savefig(path, dpi=140)
    plt.close(fig)


def _panel(ax, found):
    """A line a seed for what has a frontier, a marker a fit for the others."""
    best = -np.inf
    for family, color in LINES.items():
        label, cost = LABELS[family], "nodes" if family == "tree" else "connections"
        for record in (r for r in found if r["family"] == family):
            points = front(record["points"], cost)
            test = [p["test"] for p in points]
            ax.plot([p[cost] for p in points], test, ".-", color=color, lw=0.8, ms=3, label=label)
            best, label = max(best, *test), None
    for family, (color, marker) in MARKERS.items():
        points = [p for r in found if r["family"] == family for p in r["points"]]
        test = [p["test"] for p in points]
        style = {"ls": "none", "mfc": "none" if marker == "D" else color, "mec": color}
        sizes = [p["connections"] for p in points]
        ax.plot(sizes, test, marker, ms=5, label=LABELS[family], zorder=3, **style)
        best = max([best, *test])
    ax.set_ylim(best - 0.6, min(1.01, best + 0.03))
