"""Tables of the comparison with peers; `benchmarks.report` puts some of them into the docs."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from benchmarks._results import RESULTS
from benchmarks.peers import _compare, _figures

FILES = (RESULTS / "peers.jsonl", RESULTS / "uci.jsonl")


def read(paths):
    """Records of families from files, the column SCANN of the reproduction among them.

    Of SCANN's, those of the data sets and seeds that peers have been run on.
    """
    there = [Path(path) for path in paths if Path(path).exists()]
    lines = [json.loads(line) for path in there for line in path.read_text().splitlines()]
    for line in lines:
        if line.get("column") == "SCANN":
            line["family"] = "SCANN"
    families = [line for line in lines if "family" in line]
    cells = {_cell(r) for r in families if r["family"] != "SCANN"}
    return [r for r in families if not cells or _cell(r) in cells]


def _cell(record):
    """What is compared with what: the same data, split by the same seed."""
    return record["data"], record["sha256"], record["seed"]


def summary(table, headings):
    """Median over data sets, in percent, with the number of data sets where it isn't all."""
    most = max(len(sets) for sets in table.values())
    rows = []
    for family, (middle, counts) in _ordered(_compare.medians(table)).items():
        cells = [
            "–" if not n else f"{100 * m:.1f}" + (f" ({n})" if n < most else "")
            for m, n in zip(middle, counts)
        ]
        rows.append([_figures.label(family), *cells])
    return headings, rows


def details(table, headings):
    """One line a data set and family, in percent."""
    rows = []
    names = list(dict.fromkeys(name for sets in table.values() for name in sets))
    for name in names:
        for family, sets in _ordered(table).items():
            if name in sets:
                cells = ["–" if np.isnan(v) else f"{100 * v:.1f}" for v in sets[name]]
                rows.append([name, _figures.label(family), *cells])
    return [headings[0], "family", *headings[1:]], rows


def signed_ranks(table, headings, reference="SCANN"):
    """Median difference to the reference in points, wins and losses, and the p-value."""
    rows = [
        [
            _figures.label(family),
            *(
                "–"
                if not t["n"]
                else f"{100 * t['median_difference']:+.1f}, {t['wins']}:{t['losses']}, "
                f"p = {t['p_value']:.2g}"
                for t in found
            ),
        ]
        for family, found in _ordered(_compare.wilcoxon(table, reference)).items()
    ]
    return headings, rows


def _ordered(by_family):
    known = [family for family in _figures.LABELS if family in by_family]
    return {f: by_family[f] for f in [*known, *(f for f in by_family if f not in known)]}


def peers_connections():
    """Test accuracy of networks at numbers of connections."""
    table = _compare.by_connections(_networks(read(FILES)))
    return summary(table, ["at most", *(f"{b}" for b in _compare.BUDGETS)])


def peers_ranks():
    """SCANN against each neural peer over data sets."""
    table = _compare.by_connections(_networks(read(FILES)))
    return signed_ranks(table, ["at most", *(f"{b}" for b in _compare.BUDGETS)])


def peers_bytes():
    """Test accuracy of trees at the bytes of a network."""
    same = [f"bytes of {b} connections" for b in _compare.BUDGETS_FOR_BYTES]
    return summary(_compare.by_bytes(_with_trees(read(FILES))), ["at most", *same])


def peers_reach():
    """Goals of the comparison and what was reached."""
    records = read(FILES)
    table = _compare.by_connections(_networks(records))
    rows = []
    for family in (f for f in table if f not in ("SCANN", "default")):
        cells = []
        for i, budget in enumerate(_compare.BUDGETS):
            d = _compare.differences(table, family, "SCANN", i)
            cells.append((budget, float(np.median(d)) if len(d) else np.nan))
        behind = ", ".join(f"{100 * d:+.2f} at {b}" for b, d in cells if d < 0)
        what = f"SCANN's frontier above that of {_figures.label(family)}, median difference"
        is_met = all(d > 0 for b, d in cells if b <= 1000)
        seen = f"behind: {behind}" if behind else "every budget"
        rows.append([what, "every budget to 1000", seen, "yes" if is_met else "**no**"])
    table = _compare.by_bytes(_with_trees(records))
    for budgets, goal in (((300, 1000), 7), ((100,), 5)):
        places = [_compare.BUDGETS_FOR_BYTES.index(b) for b in budgets]
        ahead = [
            all(
                not table[f].get(name, values)[i] >= values[i]
                for f in ("tree", "forest")
                if f in table
                for i in places
            )
            for name, values in table["SCANN"].items()
        ]
        where = " and ".join(map(str, budgets))
        what = f"data sets where SCANN is ahead of trees and forests, bytes of {where} connections"
        met = "yes" if sum(ahead) >= goal else "**no**"
        rows.append([what, f"≥ {goal}", f"{sum(ahead)} of {len(ahead)}", met])
    return ["what", "goal", "seen", "met"], rows


def _networks(records):
    return [r for r in records if r["family"] not in _figures.TREES]


def _with_trees(records):
    return [r for r in records if r["family"] in (*_figures.TREES, "SCANN")]
