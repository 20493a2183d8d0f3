"""Tables about searches on clusters."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from benchmarks import _results


def clusters_speed():
    """Two workers against one process."""
    rows = [
        [
            r["arrangement"],
            f"{r['seconds']:.1f} s",
            f"{r['times_faster']:.2f}× ({r['lowest']:.2f}-{r['highest']:.2f})",
            f"{r['target']}×",
            "yes" if r["times_faster"] >= r["target"] else "**no**",
        ]
        for r in _results.load("clusters_speed")["records"]
    ]
    headings = ["arrangement", "time", "times as fast as one process, median (range)"]
    return [*headings, "goal", "met"], rows


def clusters_killed():
    """Searches in which a worker is killed, against the same ones in one process."""
    rows = [
        [r["backend"], r["search"], r["searches"], r["killed"], f"{r['equal']} of {r['searches']}"]
        for r in _results.load("clusters_killed")["records"]
    ]
    return ["backend", "search", "searches", "workers killed in them", "same results"], rows
