"""Tables and figures from the records of the peers, and from files with records of SCANN.

    python -m benchmarks.peers.report [--records FILE ...] [--into FOLDER]

Without ``--records``: ``peers.jsonl`` and the column SCANN of ``uci.jsonl`` in
``benchmarks/results``. Tables are printed as Markdown; with ``--into`` the figures go there.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from benchmarks._results import RESULTS
from benchmarks.peers import _compare, _figures
from benchmarks.report import markdown

FILES = (RESULTS / "peers.jsonl", RESULTS / "uci.jsonl")


def read(paths):
    """Records of families from files, the column SCANN of the reproduction among them."""
    lines = [json.loads(line) for path in paths for line in Path(path).read_text().splitlines()]
    for line in lines:
        if line.get("column") == "SCANN":
            line["family"] = "SCANN"
    return [line for line in lines if "family" in line]


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


def print_comparison(title, table, headings):
    """Print medians, tests against SCANN, ranks and single data sets."""
    print(f"## {title}\n\nMedian over data sets of the median over seeds, in percent\n")
    print(markdown(*summary(table, headings)))
    if "SCANN" in table and len(table) > 1:
        print("\nSCANN against each: median difference in points, wins:losses, Wilcoxon\n")
        print(markdown(*signed_ranks(table, headings)))
    print("\nSingle data sets, median over seeds\n")
    print(markdown(*details(table, headings)), end="\n\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", nargs="+", default=FILES)
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="for the figures")
    args = parser.parse_args()
    records = read(args.records)
    networks = [r for r in records if r["family"] not in _figures.TREES]
    table = _compare.by_connections(networks)
    headings = ["at most", *(f"{b}" for b in _compare.BUDGETS)]
    print_comparison("Test accuracy at a number of connections", table, headings)
    ranks, n_data, p_value = _compare.average_ranks(table)
    print(f"Average ranks over {n_data} data sets (Friedman: p = {p_value:.2g}): {_text(ranks)}\n")
    trees = [r for r in records if r["family"] in (*_figures.TREES, "SCANN")]
    if any(r["family"] == "SCANN" for r in trees):
        same = [f"bytes of {b}" for b in _compare.BUDGETS_FOR_BYTES]
        title = "Test accuracy at the bytes of a SCANN network of so many connections"
        print_comparison(title, _compare.by_bytes(trees), ["at most", *same])
    if args.into:
        args.into.mkdir(parents=True, exist_ok=True)
        _figures.frontiers(networks, args.into / "peers_connections.png")
        _figures.frontiers(trees, args.into / "peers_bytes.png", "bytes")
        _figures.frontiers(records, args.into / "peers_energy.png", "energy")
        _figures.critical_difference(ranks, n_data, args.into / "peers_ranks.png")
        print(f"Figures: {args.into}")


def _text(ranks):
    ordered = sorted(ranks.items(), key=lambda item: item[1])
    return ", ".join(f"{_figures.label(family)} {rank:.2f}" for family, rank in ordered)


if __name__ == "__main__":
    main()
