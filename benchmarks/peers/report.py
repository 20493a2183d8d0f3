"""Tables and figures from the records of the peers, and from files with records of SCANN.

    python -m benchmarks.peers.report [--records FILE ...] [--into FOLDER]

Without ``--records``: ``peers.jsonl`` and the family SCANN of ``uci_families.jsonl`` in
``benchmarks/results``. Tables are printed as Markdown; with ``--into`` the figures go there.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks._markup import markdown
from benchmarks.peers import _compare, _figures
from benchmarks.peers.tables import (
    FILES,
    bytes_headings,
    details,
    read,
    signed_ranks,
    summary,
    with_trees,
)


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
    trees = with_trees(records)
    if any(r["family"] == "SCANN" for r in trees):
        title = "Test accuracy at the bytes of SCANN's networks"
        print_comparison(title, _compare.by_bytes_of_networks(trees), bytes_headings())
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
