"""Figure of MNIST: error against connections, published points and ours, a panel a network."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from statistics import median

from benchmarks.mnist import tables
from benchmarks.mnist._fits import DENSE, RECIPES
from benchmarks.mnist._networks import NETWORKS

COLORS = {
    "plain": "C7",
    "distorted": "C0",
    "teacher": "black",
    "NeST": "C1",
    "NeST, few positions": "C3",
}


def mnist_figure(path, found=None):
    """Draw the median of the seeds at each size, and what papers print.

    Parameters
    ----------
    path : path-like
        Where the figure goes.
    found : Records, default=None
        Records; None: the committed ones. Without any nothing is drawn.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    found = tables.records() if found is None else found
    names = [name for name in NETWORKS if any(key[0] == name for key in found.found)]
    if not names:
        return
    n_columns = min(len(names), 2)
    n_rows = -(-len(names) // n_columns)
    size = (4.6 * n_columns + 0.6, 4.0 * n_rows)
    fig, axes = plt.subplots(n_rows, n_columns, figsize=size, squeeze=False, layout="constrained")
    for ax in axes.flat[len(names) :]:
        ax.set_axis_off()
    for name, ax in zip(names, axes.flat):
        _panel(ax, found, name)
        ax.set(title=NETWORKS[name].title, xlabel="connections", xscale="log")
        ax.grid(alpha=0.3)
        ax.legend(fontsize="small")
    for ax in axes[:, 0]:
        ax.set_ylabel("test error, %")
    fig.savefig(path, dpi=100)
    plt.close(fig)


def _panel(ax, found, name):
    network = NETWORKS[name]
    for recipe in RECIPES:
        seen = []
        for what in (DENSE, *(str(stage.connections) for stage in network.stages)):
            if rows := tables.of(found, name, recipe, what):
                sizes = [r["connections"] for r in rows]
                seen.append((median(sizes), 100 * median(r["test_error"] for r in rows)))
                ax.plot(sizes, [100 * r["test_error"] for r in rows], ".", color=COLORS[recipe])
        if seen:
            label = tables.RECIPE_TITLES[recipe]
            ax.plot(*zip(*seen), color=COLORS[recipe], label=label)
    most = max(r["connections"] for key, r in found.found.items() if key[0] == name)
    for row in network.published:
        at_end = 2 * row.connections > most  # there is no room behind it
        ax.plot(row.connections, 100 * row.error, "x", color="C3")
        ax.annotate(
            row.source,
            (row.connections, 100 * row.error),
            xytext=(-4 if at_end else 4, 4),
            textcoords="offset points",
            ha="right" if at_end else "left",
            fontsize="x-small",
            color="C3",
        )
