"""Figure of the families: test accuracy against connections, a panel a data set."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from benchmarks._data import TITLES
from benchmarks.uci import tables

COLORS = {
    "dense": "C7",
    "one-shot": "C0",
    "iterative": "C2",
    "RigL": "C1",
    "SCANN": "black",
    "NeST": "C4",
    "default": "C3",
    "as published": "C5",
    "DR+SCANN": "C6",
}
LABELS = tables.LABELS | {"dense": "dense MLP", "DR+SCANN": "DR+SCANN, reduction not counted"}
BUDGETS = np.geomspace(20, 20_000, 60)


def families_figure(path, found=None):
    """Draw what each family has at each size, the median over seeds.

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
    names = list(tables.cells(found, "dense"))
    if not names:
        return
    n_columns = min(2, len(names))
    n_rows = -(-len(names) // n_columns)
    size = (3.7 * n_columns + 0.2, 2.6 * n_rows + 0.9)
    fig, axes = plt.subplots(n_rows, n_columns, figsize=size, squeeze=False, layout="constrained")
    for ax in axes.flat[len(names) :]:
        ax.set_axis_off()
    for name, ax in zip(names, axes.flat):
        _panel(ax, found, name)
        ax.set(title=TITLES.get(name, name), xscale="log")
        ax.grid(alpha=0.3)
    for ax in axes[:, 0]:
        ax.set_ylabel("test accuracy")
    for ax in axes[-1]:
        ax.set_xlabel("connections")
    handles = {}
    for ax in axes.flat:
        for handle, text in zip(*ax.get_legend_handles_labels()):
            handles.setdefault(text, handle)
    fig.legend(handles.values(), handles, loc="outside lower center", ncols=2)
    fig.savefig(path, dpi=140)
    plt.close(fig)


def _panel(ax, found, name):
    best = 0.0
    for family, color in COLORS.items():
        where = tables.cells(found, family).get(name, ())
        seeds = [found[name, seed, family]["frontier"] for seed in where]
        if not seeds:
            continue
        values = np.array([[_value_at(points, budget) for budget in BUDGETS] for points in seeds])
        there = ~np.isnan(values).any(axis=0)  # where every seed has something so small
        middle = np.median(values[:, there], axis=0)
        ax.plot(BUDGETS[there], middle, color=color, label=LABELS[family])
        best = max(best, middle.max(initial=0))
    ax.set_ylim(best - 0.12, min(1.003, best + 0.01))


def _value_at(points, budget):
    """Test accuracy of the best that fits a budget; nan where nothing does."""
    able = [test for connections, _, test, _ in points if connections <= budget]
    return able[-1] if able else np.nan
