"""Figure of the deployment benchmark: test accuracy against flash, a panel a data set."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from benchmarks import _results
from benchmarks._data import TITLES
from benchmarks.deploy.tables import LABELS

# Colour and marker of the codes.
STYLES = {
    "small": ("C1", "o"),
    "budget": ("C3", "D"),
    "smallest": ("C0", "s"),
    "validation": ("C9", "^"),
    "forest": ("C2", "v"),
}
TICKS = {200: "200 B", 1000: "1 kB", 1e4: "10 kB", 1e5: "100 kB"}
KILOBYTE = 1024


def flash_figure(path):
    """Draw every compiled code that the result file has.

    Parameters
    ----------
    path : path-like
        Where the figure goes.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    records = [r for r in _results.load("deploy")["records"] if "flash" in r]
    data = list(dict.fromkeys(r["data"] for r in records))
    fig, axes = plt.subplots(
        -(-len(data) // 2), 2, figsize=(7.6, 6.4), sharex=True, squeeze=False, layout="constrained"
    )
    for name, ax in zip(data, axes.flat):
        _panel(ax, [r for r in records if r["data"] == name])
        ax.set(title=TITLES[name], xscale="log", xlim=(100, 2e5))
        ax.set_xticks(list(TICKS), labels=list(TICKS.values()))
        ax.grid(alpha=0.3)
    for ax in axes[-1]:
        ax.set_xlabel("flash")
    for ax in axes[:, 0]:
        ax.set_ylabel("test accuracy (%)")
    handles, texts = axes.flat[0].get_legend_handles_labels()
    fig.legend(handles, texts, loc="outside lower center", ncols=2)
    fig.savefig(path, dpi=140)
    plt.close(fig)


def _panel(ax, records):
    """A marker a code; a line to the flash with the emulation of floating point."""
    ax.axvline(KILOBYTE, color="0.5", lw=0.8, ls=":")
    for what, (color, marker) in STYLES.items():
        found = [r for r in records if r["what"] == what]
        flash = [r["flash"] for r in found]
        test = [100 * r["test"] for r in found]
        ax.plot(flash, test, marker, color=color, ms=6, ls="--", lw=0.8, label=LABELS[what])
        ends = [r["flash"] + r["emulation"] for r in found]
        ax.hlines(test, flash, ends, color=color, lw=2, alpha=0.35)
