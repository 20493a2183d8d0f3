"""Figure of the reproduction: test accuracy against energy, a panel a data set."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from benchmarks._data import TITLES
from benchmarks.reproduce.tables import names, records

# Columns of the records, and how they are drawn.
LINES = {"SCANN": "C1", "DR+SCANN": "C2", "paper": "0.6"}
LABELS = {"paper": "paper's setting"}
MARKERS = {"MLP": ("best", "C0", "s", "best MLP"), "smallest MLP": ("equal", "C0", "o", None)}


def energy_figure(path):
    """Draw the frontiers of all seeds and the perceptrons.

    Parameters
    ----------
    path : path-like
        Where the figure goes.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    found = records()
    data = names(found)
    n_rows = -(-len(data) // 2)
    fig, axes = plt.subplots(
        n_rows, 2, figsize=(7.6, 2.7 * n_rows + 0.8), squeeze=False, layout="constrained"
    )
    for ax in axes.flat[len(data) :]:
        ax.set_axis_off()
    for name, ax in zip(data, axes.flat):
        _panel(ax, [r for key, r in found.found.items() if key[0] == name])
        ax.set(title=TITLES[name], xscale="log")
        ax.grid(alpha=0.3)
    for ax in axes[:, 0]:
        ax.set_ylabel("test accuracy")
    for ax in axes[-1]:
        ax.set_xlabel("energy of one inference (nJ)")
    handles, texts = axes.flat[0].get_legend_handles_labels()
    fig.legend(handles, texts, loc="outside lower center", ncols=3)
    fig.savefig(path, dpi=140)
    plt.close(fig)


def _panel(ax, found):
    best = 0.0
    for column, color in LINES.items():
        label = LABELS.get(column, column)
        for record in (r for r in found if r["column"] == column):
            points = [p for p in record["points"] if p["energy"] > 0]
            energy = np.array([p["energy"] for p in points]) * 1e9
            test = np.array([p["test"] for p in points])
            order = np.argsort(energy)
            ax.plot(energy[order], test[order], ".-", color=color, lw=0.8, ms=3, label=label)
            best, label = max(best, test.max()), None
    for column, (row, color, marker, label) in MARKERS.items():
        rows = [r[row] for r in found if r["column"] == column]
        energy = [r["energy"] * 1e9 for r in rows]
        face = color if column == "MLP" else "none"
        test = [r["test"] for r in rows]
        style = {"ls": "none", "mec": color, "mfc": face, "label": label or column, "zorder": 3}
        ax.plot(energy, test, marker, ms=6, **style)
        best = max([best, *test])
    ax.set_ylim(best - 0.15, min(1.003, best + 0.01))
