"""Tables of the comparison with peers; `benchmarks.report` puts some of them into the docs."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np

from benchmarks._results import RESULTS
from benchmarks.peers import _compare, _figures
from benchmarks.peers._points import MOST_BYTES, MOST_CONNECTIONS

FILES = (RESULTS / "peers.jsonl", RESULTS / "uci_families.jsonl")
SEARCHED = "SCANN"  # the family of the second file; others of it have names of peers
N_SEEDS = 5


def read(paths):
    """Records of the peers, and of SCANN's search as `benchmarks.uci` has recorded it.

    Only those of the data sets and seeds that both have, so that all are compared on the same
    splits.

    Parameters
    ----------
    paths : list of path-like
        Files of either benchmark; those that aren't there are left out.

    Returns
    -------
    records : list of dict
        With data, seed, family and points; SCANN's have networks too, see `_searched`.
    """
    there = [Path(path) for path in paths if Path(path).exists()]
    lines = [json.loads(line) for path in there for line in path.read_text().splitlines()]
    peers = [line for line in lines if "points" in line]
    ours = [_searched(r) for r in lines if "frontier" in r and r["family"] == SEARCHED]
    if not peers or not ours:
        return peers + ours
    shared = {_cell(r) for r in peers} & {_cell(r) for r in ours}
    return [r for r in peers + ours if _cell(r) in shared]


def _searched(record):
    """A record of a search as peers have theirs.

    Bytes and energy are known of three of its networks: they are points with all costs, and
    `networks` has them by their rule, but for those that are larger than any tree.
    """
    points = {
        size: {"connections": size, "validation": validation, "test": test}
        | dict.fromkeys(("bytes", "energy"))
        for size, validation, test, _ in record["frontier"]
    }
    networks = {rule: record[rule] for rule in _compare.NETWORKS}
    for network in networks.values():
        points[network["connections"]].update({k: network[k] for k in ("bytes", "energy")})
    able = {rule: network for rule, network in networks.items() if network["bytes"] <= MOST_BYTES}
    small = [point for size, point in points.items() if size <= MOST_CONNECTIONS]
    facts = {k: record[k] for k in ("data", "seed", "sha256", "family")}
    return {**facts, "points": small, "networks": able}


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
    return summary(_compare.by_bytes_of_networks(with_trees(read(FILES))), bytes_headings())


def bytes_headings():
    """Headings of a table by bytes."""
    return ["at most the bytes of SCANN's network", *_compare.NETWORKS.values()]


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
    table = _compare.by_bytes_of_networks(with_trees(records))
    for networks, goal in ((("equal", "best"), 7), (("one_se",), 5)):
        places = [list(_compare.NETWORKS).index(network) for network in networks]
        ahead = [
            all(
                not table[f].get(name, values)[i] >= values[i]
                for f in ("tree", "forest")
                if f in table
                for i in places
            )
            for name, values in table[SEARCHED].items()
            if not np.isnan(values[places]).any()
        ]
        where = " and ".join(_compare.NETWORKS[network] for network in networks)
        what = f"data sets where SCANN is ahead of trees and forests, bytes of its network {where}"
        met = "yes" if sum(ahead) >= goal else "**no**"
        rows.append([what, f"≥ {goal}", f"{sum(ahead)} of {len(ahead)}", met])
    n_seeds = min(Counter(r["data"] for r in records if r["family"] == SEARCHED).values())
    met = "yes" if n_seeds >= N_SEEDS else "**no**"
    rows.append(["seeds that SCANN and the peers both have", f"{N_SEEDS}", f"{n_seeds}", met])
    return ["what", "goal", "seen", "met"], rows


def _networks(records):
    return [r for r in records if r["family"] not in _figures.TREES]


def with_trees(records):
    """Records of trees and of our own networks, for comparisons by bytes."""
    return [r for r in records if r["family"] in (*_figures.TREES, SEARCHED, "default")]
