"""What the displays share about axes."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from math import inf, log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def new_axes(figsize) -> Axes:
    """Axes in a new figure whose margins follow what is drawn."""
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=figsize, layout="constrained")[1]


def widen_around_one_point(ax) -> None:
    """Narrow limits where all points have one cost or one score: an accuracy ends near 1.

    They still follow what is drawn later.
    """
    (x, right), (y, top) = ax.dataLim.intervalx, ax.dataLim.intervaly
    if x == right and x > 0:
        ax.set_xlim(x / 1.5, x * 1.5, auto=True)
    if y == top:
        room = 0.005 * (abs(y) or 1)
        ax.set_ylim(y - room, y + room, auto=True)


def place_log_ticks(axis, low, high) -> None:
    """Ticks at round numbers on a logarithmic axis, whatever its range."""
    from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

    decades = log10(high / low) if low > 0 else inf
    if decades < 0.5:  # too few round numbers: ticks as on a linear scale
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    else:
        subs = (1, 2, 3, 5, 7) if decades < 1 else (1, 2, 5) if decades < 2.5 else (1,)
        axis.set_major_locator(LogLocator(subs=subs))
    axis.set_minor_formatter(NullFormatter())


def scale_cost_axis(ax, unit) -> None:
    """Readable ticks for the costs on the x axis."""
    from matplotlib.ticker import EngFormatter

    if ax.get_xscale() == "log":
        place_log_ticks(ax.xaxis, *ax.get_xlim())
    # 1 µJ rather than 1000 nJ, but 2000 connections rather than 2 k
    ax.xaxis.set_major_formatter(EngFormatter(unit=unit) if unit else "{x:,g}")
