"""Energy of one inference of the families, with and without a reduction ahead of the network."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from benchmarks._data import TITLES
from benchmarks.uci import tables

SHOWN = ("SCANN", "DR", "DR+SCANN")


def families_energy():
    """Nanojoules of the smallest networks by both rules, medians over seeds."""
    found = tables.records()
    models = {"best MLP": tables.BEST}
    for rule, how in tables.RULES.items():
        there = [family for family in SHOWN if tables.cells(found, family)]
        models |= {f"{tables.LABELS[family]}, {how}": (family, rule) for family in there}
    rows = []
    for name in tables.cells(found, "dense"):
        cells = [_cell(found, name, tables.cells(found, m[0]), m) for m in models.values()]
        rows.append([TITLES[name], *cells])
    return ["data", *models], rows


def _cell(found, name, where, model):
    seeds = where[name]
    measures = ("energy", "energy_without_reduction")
    both, alone = (
        float(np.median(tables.values(found, {name: seeds}, model, measure)[name])) * 1e9
        for measure in measures
    )
    less = f" ({_rounded(alone)} without the reduction)" if both != alone else ""
    return _rounded(both) + less + tables.missed(found, name, seeds, model)


def _rounded(x):
    """Three digits."""
    return f"{x:.3g}" if x < 1000 else f"{float(f'{x:.3g}'):.0f}"
