"""What the README says of the families: one table of ratios, one line a data set."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from benchmarks._data import TITLES
from benchmarks.uci import tables

SEARCHES = ("SCANN", "iterative", "NeST", "RigL", "one-shot", "DR+SCANN", "as published")
_ROUNDED = 1e-5  # of the scores in records


def families_headline():
    """Connections against the tuned perceptrons: of searches, and of single runs."""
    found = tables.records()
    rows = []
    for family in tables.families(found):
        if family in SEARCHES:
            rows.append([f"{tables.LABELS[family]}, search", *_row(found, family)])
    if tables.cells(found, "default"):
        rows.append(["SCANN, one fit with the defaults", *_row(found, "default")])
    if tables.cells(found, "iterative"):
        rows.append(["iterative pruning, one run", *_row(found, "iterative", first_run)])
    columns = [
        f"{how}, against the {which} MLP"
        for how in tables.RULES.values()
        for which in ("best", "smallest")
    ]
    return ["method", "seeds", *columns, "the best MLP's accuracy is reached"], rows


def _row(found, family, sizes=tables.sizes):
    """Ratios by both rules to both references, and how often the accuracy is reached."""
    where = tables.cells(found, family)
    cells = []
    for rule in tables.RULES:
        ours = sizes(found, where, (family, rule))
        for reference in (tables.BEST, tables.SMALLEST[rule]):
            ratio = tables.ratio(tables.sizes(found, where, reference), ours)
            cells.append(tables.as_ratio(ratio))
    best = tables.sizes(found, where, tables.BEST)
    ours = sizes(found, where, (family, "equal"))
    reached = sum(int((ours[name] != best[name]).sum()) for name in where)
    n_seeds = [len(seeds) for seeds in where.values()]
    return [min(n_seeds), *cells, f"{reached} of {sum(n_seeds)}"]


def first_run(found, where, model):
    """As `tables.sizes`, but of the first fit of a family alone."""
    family, rule = model
    best = tables.sizes(found, where, tables.BEST)
    found_sizes = {}
    for name, seeds in where.items():
        found_sizes[name] = best[name].copy()
        for place, seed in enumerate(seeds):
            floor = found[name, seed, "dense"]["floors"][rule]
            points = found[name, seed, family]["fits"][0]["points"]
            able = [size for size, score in points if score >= floor - _ROUNDED]
            found_sizes[name][place] = min(able, default=best[name][place])
    return found_sizes


def families_short():
    """Test accuracy and connections of every data set."""
    found = tables.records()
    where = tables.cells(found, "SCANN")
    models = {
        "best MLP": tables.BEST,
        "smallest MLP as accurate": tables.SMALLEST["equal"],
        "iterative pruning, as accurate": ("iterative", "equal"),
        "SCANN, as accurate": ("SCANN", "equal"),
        "SCANN, one standard error below": ("SCANN", "one_se"),
        "SCANN, one default fit, one standard error below": ("default", "one_se"),
    }
    rows = [
        [TITLES[name], *(_cell(found, {name: seeds}, model) for model in models.values())]
        for name, seeds in where.items()
    ]
    return ["data", *models], rows


def _cell(found, where, model):
    """Mean test accuracy with the median number of connections."""
    (name,) = where
    if not set(where[name]) <= set(tables.cells(found, model[0]).get(name, ())):
        return "–"
    accuracy = tables.values(found, where, model, "test")[name].mean()
    size = np.median(tables.values(found, where, model, "connections")[name])
    return f"{100 * accuracy:.1f} % with {size:.0f}"
