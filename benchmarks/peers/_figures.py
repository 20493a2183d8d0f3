"""Figures of the comparison: frontiers of every data set, and the critical-difference diagram."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from benchmarks._data import TITLES
from benchmarks.peers import _compare

LABELS = {
    "SCANN": "SCANN",
    "default": "SCANN, one default fit",
    "mlp": "dense MLP",
    "oneshot": "one-shot pruning",
    "iterative": "iterative pruning",
    "rigl": "RigL",
    "lassonet": "LassoNet",
    "linear": "logistic regression",
    "tree": "decision tree",
    "forest": "random forest",
    "boosting": "gradient boosting",
}
TREES = ("tree", "forest", "boosting")
UNITS = {"connections": "connections", "bytes": "bytes", "energy": "energy of one inference (J)"}


def label(family):
    """Name of a family for readers."""
    return LABELS.get(family, family)


def frontiers(records, path, cost="connections"):
    """One panel a data set: test accuracy against a cost, the median over seeds.

    Parameters
    ----------
    records : iterable of dict
        Records of the families to draw.
    path : path-like
        Where the figure goes.
    cost : {"connections", "bytes", "energy"}, default="connections"
        The abscissa.
    """
    plt = _pyplot()
    records = [r for r in records if any(p[cost] is not None for p in r["points"])]
    names = list(dict.fromkeys(r["data"] for r in records))
    families = [f for f in LABELS if any(r["family"] == f for r in records)]
    n_columns = min(2, len(names))
    n_rows = -(-len(names) // n_columns)
    size = (3.7 * n_columns + 0.2, 2.6 * n_rows + 0.8)
    fig, axes = plt.subplots(n_rows, n_columns, figsize=size, squeeze=False, layout="constrained")
    for ax in axes.flat[len(names) :]:
        ax.set_axis_off()
    for name, ax in zip(names, axes.flat):
        _panel(ax, [r for r in records if r["data"] == name], families, cost)
        ax.set(title=TITLES.get(name, name), xscale="log", xlabel=UNITS[cost])
        if cost == "connections":
            ax.set_xlim(left=20)
        ax.grid(alpha=0.3)
    axes[0, 0].set_ylabel("test accuracy")
    handles, texts = axes.flat[0].get_legend_handles_labels()
    fig.legend(handles, texts, loc="outside lower center", ncols=4 if cost == "bytes" else 3)
    fig.savefig(path, dpi=140)
    plt.close(fig)


def _panel(ax, records, families, cost):
    costs = [p[cost] for r in records for p in r["points"] if p[cost]]
    budgets = np.geomspace(min(costs), max(costs), 60)
    best = 0.0
    for i, family in enumerate(families):
        curves = [
            [_compare.value_at(r["points"], budget, cost) for budget in budgets]
            for r in records
            if r["family"] == family
        ]
        middle = np.full(len(budgets), np.nan)
        if curves:
            curves = np.array(curves)
            whole = ~np.isnan(curves).any(axis=0)
            middle[whole] = np.median(curves[:, whole], axis=0)
            best = max(best, np.nanmax(middle, initial=0.0))
        style = {"lw": 2.4, "color": "black", "zorder": 3} if family == "SCANN" else {"lw": 1.2}
        style.setdefault("color", f"C{i % 10}")
        ax.plot(budgets, middle, label=label(family), **style)
    ax.set_ylim(best - 0.25, min(1.005, best + 0.02))


def critical_difference(ranks, n_data, path, alpha=0.05):
    """Average ranks on a line; bars join families that don't differ by Nemenyi's test.

    Parameters
    ----------
    ranks : dict
        Family -> average rank.
    n_data : int
        Number of data sets behind them.
    path : path-like
        Where the figure goes.
    alpha : float, default=0.05
        Level of the test.
    """
    plt = _pyplot()
    n = len(ranks)
    difference = _compare.critical_difference(n, n_data, alpha)
    ordered = sorted(ranks.items(), key=lambda item: item[1])
    groups = _compare.cliques(ranks, difference)
    fig, ax = plt.subplots(figsize=(7.5, 1.3 + 0.22 * (n + len(groups))), layout="constrained")
    ax.set(xlim=(0.9, n + 0.1), ylim=(-1.2 - 0.5 * len(groups) - 0.6 * ((n + 1) // 2), 1.5))
    ax.plot([1, n], [0, 0], color="black", lw=1)
    for tick in range(1, n + 1):
        ax.plot([tick, tick], [0, 0.2], color="black", lw=1)
        ax.text(tick, 0.3, tick, ha="center")
    ax.plot([1, min(1 + difference, n)], [1.2, 1.2], color="black", lw=2)
    ax.text(
        min(1 + difference, n) + 0.05, 1.2, f"critical difference {difference:.2f}", va="center"
    )
    for i, (low, high) in enumerate(groups):
        ax.plot([low - 0.03, high + 0.03], [-0.4 - 0.5 * i] * 2, color="black", lw=4)
    half = (n + 1) // 2
    for i, (family, rank) in enumerate(ordered):
        left = i < half
        height = -0.8 - 0.5 * len(groups) - 0.6 * (i if left else n - 1 - i)
        edge = 0.9 if left else n + 0.1
        ax.plot([rank, rank, edge], [0, height, height], color="0.4", lw=0.8)
        text = f"{label(family)} ({rank:.1f})"
        ax.annotate(
            text, (edge, height), (-4 if left else 4, 0), textcoords="offset points",
            ha="right" if left else "left", va="center", annotation_clip=False,
        )  # fmt: skip
    ax.set_axis_off()
    fig.savefig(path, dpi=120)
    plt.close(fig)


def _pyplot():
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    return plt
