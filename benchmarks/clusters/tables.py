"""Tables about searches on clusters."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections import Counter

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
    totals = {}
    for path in sorted(_results.RESULTS.glob("clusters_killed_*.json")):
        for r in [] if ".unfinished" in path.name else _results.load(path.stem)["records"]:
            total = totals.setdefault((r["backend"], r["search"]), Counter())
            total.update({name: r[name] for name in ("searches", "killed", "equal")})
    rows = [
        [*names, r["searches"], r["killed"], f"{r['equal']} of {r['searches']}"]
        for names, r in totals.items()
    ]
    return ["backend", "search", "searches", "workers killed in them", "same results"], rows
