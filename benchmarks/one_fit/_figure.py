"""Figures of the default fit: curves of every data set, and reliability diagrams."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from benchmarks._data import TITLES
from benchmarks.one_fit import _curve_tables, _reliability, tables
from benchmarks.peers._compare import value_at

COLORS = {"default": "black", "pruning": "C0", "rigl": "C1"}
BUDGETS = np.geomspace(30, 2000, 40)


def curves_figure(path, found=None):
    """Test accuracy against connections, a panel a data set; bands from worst to best seed.

    Parameters
    ----------
    path : path-like
        Where the figure goes.
    found : list of dict, default=None
        Records; None: the committed ones. Without any nothing is drawn.
    """
    found = _curve_tables.records() if found is None else found
    names = list(dict.fromkeys(r["data"] for r in found))
    if not names:
        return
    plt = _pyplot()
    n_columns = min(2, len(names))
    n_rows = -(-len(names) // n_columns)
    size = (3.7 * n_columns + 0.2, 2.6 * n_rows + 0.8)
    fig, axes = plt.subplots(n_rows, n_columns, figsize=size, squeeze=False, layout="constrained")
    for ax in axes.flat[len(names) :]:
        ax.set_axis_off()
    for name, ax in zip(names, axes.flat):
        _panel(ax, [r for r in found if r["data"] == name])
        ax.set(title=TITLES.get(name, name), xscale="log", xlabel="connections")
        ax.grid(alpha=0.3)
    for ax in axes[:, 0]:
        ax.set_ylabel("test accuracy")
    handles, texts = axes.flat[0].get_legend_handles_labels()
    fig.legend(
        handles,
        texts,
        loc="outside lower center",
        ncols=2 if n_columns > 1 else 1,
    )
    fig.savefig(path, dpi=140)
    plt.close(fig)


def _panel(ax, found):
    best = 0.0
    for family, color in COLORS.items():
        seeds = [r["points"] for r in found if r["family"] == family]
        values = np.array([[value_at(points, b) for b in BUDGETS] for points in seeds])
        if not len(values):
            continue
        whole = ~np.isnan(values).any(axis=0)  # where every seed has something so small
        budgets, values = BUDGETS[whole], values[:, whole]
        ax.plot(budgets, np.median(values, axis=0), color=color, label=_curve_tables.LABELS[family])
        ax.fill_between(budgets, values.min(axis=0), values.max(axis=0), color=color, alpha=0.15)
        best = max(best, values.max(initial=0))
    ax.set_ylim(best - 0.2, min(1.005, best + 0.02))


def reliability_figure(path, found=None):
    """Reliability diagrams of the digits, before and now: all seeds put together.

    Parameters
    ----------
    path : path-like
        Where the figure goes.
    found : list of dict, default=None
        Records; None: the committed ones. Without any nothing is drawn.
    """
    found = tables.results(_reliability.NAME) if found is None else found
    found = [r for r in found if r["data"] == "digits"]
    if not found:
        return
    plt = _pyplot()
    fig, axes = plt.subplots(
        2, 2, figsize=(8, 5), sharex=True, sharey="row", height_ratios=(3, 1), layout="constrained"
    )
    for variant, color, (curve, histogram) in zip(("before", "default"), ("C1", "C0"), axes.T):
        bins = sum(np.array(r["bins"]) for r in found if r["variant"] == variant)
        counts, confident, correct = bins.T
        there = counts > 0
        curve.plot([0, 1], [0, 1], "k:", label="perfectly calibrated")
        x, y = confident[there] / counts[there], correct[there] / counts[there]
        curve.plot(x, y, "s-", color=color, ms=4)
        curve.set_title(_reliability.LABELS[variant])
        curve.grid(alpha=0.3)
        edges = np.linspace(0, 1, len(counts) + 1)
        histogram.stairs(counts / counts.sum(), edges, fill=True, color=color)
        histogram.set_xlabel("mean probability of the predicted class")
    axes[0, 0].set_ylabel("fraction correct")
    axes[1, 0].set_ylabel("share of samples")
    axes[0, 0].legend(loc="upper left", fontsize="small")
    fig.savefig(path, dpi=100)
    plt.close(fig)


def _pyplot():
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    return plt
