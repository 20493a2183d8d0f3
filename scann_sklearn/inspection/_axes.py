"""What the displays share about axes."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from math import inf, log10


def new_axes(figsize):
    """Axes in a new figure whose margins follow what is drawn."""
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=figsize, layout="constrained")[1]


def scale_cost_axis(ax, unit):
    """Readable ticks for the costs on the x axis, whatever range they have."""
    from matplotlib.ticker import EngFormatter, LogLocator, MaxNLocator, NullFormatter

    axis = ax.xaxis
    if ax.get_xscale() == "log":
        low, high = ax.get_xlim()
        decades = log10(high / low) if low > 0 else inf
        if decades < 0.8:  # too few round numbers: ticks as on a linear scale
            axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        else:
            axis.set_major_locator(LogLocator(subs=(1, 2, 5) if decades < 2.5 else (1,)))
        axis.set_minor_formatter(NullFormatter())
    # 1 µJ rather than 1000 nJ, but 2000 connections rather than 2 k
    axis.set_major_formatter(EngFormatter(unit=unit) if unit else "{x:,g}")
