"""Tables of the regression benchmark, from its records."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from benchmarks._records import Records
from benchmarks.regression import _reach, _sets

FIELDS = ("data", "seed", "family")
LABELS = {
    "scann": "SCANN, 21 fits",
    "default": "SCANN, one default fit",
    "mlp": "MLP, 21 fits",
    "ridge": "ridge",
    "tree": "decision tree",
    "boosting": "gradient boosting",
}
TREES = ("tree", "boosting")


def records():
    """The committed records, in the order of `TITLES`."""
    found = list(Records("regression", FIELDS))
    return sorted(found, key=lambda r: (list(_sets.TITLES).index(r["data"]), r["seed"]))


def regression_reach():
    """Goals of the benchmark and what was seen."""
    found = records()
    n_data, n_seeds = (len({r[key] for r in found}) for key in ("data", "seed"))
    headings = ["what", "goal", f"median of {n_data} data sets", "data sets"]
    headings += [f"single seeds ({n_seeds} a data set)", "met"]
    rows = [
        [
            r["what"],
            ("≥" if r["more_is_better"] else "≤") + f" {r['goal']}×",
            f"{r['seen']:.1f}×",
            _range(r["lowest"], r["highest"]) + "×",
            _range(*r["all"]) + "×",
            "yes" if r["is_met"] else "**no**",
        ]
        for r in _reach.reach(found)
    ]
    for peer, label in (("best", "the best MLP"), ("smallest", "the smallest MLP as good")):
        r = _reach.differences(found, peer)
        seen = [f"{r['seen']:+.3f}", _range(r["lowest"], r["highest"], "+.3f")]
        what = f"test R² of that network less that of {label}"
        rows.append([what, "", *seen, _range(*r["all"], "+.3f"), ""])
    return headings, rows


def regression_short():
    """The README's table: test R² and connections, medians over seeds."""
    headings = ["data", "best MLP", "smallest MLP as good", "SCANN", "fewer than the best MLP"]
    rows, ratios = [], []
    for name, found in _reach.cells(records()).items():
        row = [_sets.TITLES[name]]
        for kind in ("best", "smallest", "ours"):
            some = [c[kind] for c in found if c[kind]]
            test, size = (np.median([p[key] for p in some]) for key in ("test", "connections"))
            row.append(f"R² {test:.3f} with {size:.0f}")
        ratios.append(float(np.median([c["by_best"] for c in found])))
        rows.append([*row, f"{ratios[-1]:.1f}×"])
    rows.append(["median", "", "", "", f"**{np.median(ratios):.1f}×**"])
    return headings, rows


def regression_compression():
    """Connections and test R² of both perceptrons and of ours, by data set."""
    headings = ["data", "", "connections", "validation R²", "test R²", "connections / ours"]
    rows = []
    for name, found in _reach.cells(records()).items():
        whole = [c for c in found if c["ours"]]
        note = "" if len(whole) == len(found) else f" ({len(whole)} of {len(found)} seeds)"
        kinds = {
            "best": ("best MLP", "by_best"),
            "smallest": ("smallest MLP as good", "by_smallest"),
            "ours": ("SCANN" + note, None),
        }
        for kind, (label, ratio) in kinds.items():
            some = [c[kind] for c in found if c[kind]]
            rows.append(
                [
                    _sets.TITLES[name] if kind == "best" else "",
                    label,
                    _spread([p["connections"] for p in some], "{:.0f}"),
                    _spread([p["validation"] for p in some]),
                    _spread([p["test"] for p in some]),
                    _spread([c[ratio] for c in found], "{:.1f}") + "×" if ratio else "",
                ]
            )
    return headings, rows


def regression_best():
    """The best of each family on validation data: test R² and size."""
    found = records()
    headings = ["data", *LABELS.values()]
    rows = []
    for name in dict.fromkeys(r["data"] for r in found):
        row = [_sets.TITLES[name]]
        for family in LABELS:
            some = [r for r in found if (r["data"], r["family"]) == (name, family)]
            points = [_reach.best_by_validation(r) for r in some]
            size = np.median([_reach.size(p) for p in points])
            unit = " nodes" if family in TREES else ""
            row.append(f"{_spread([p['test'] for p in points])}; {size:.0f}{unit}")
        rows.append(row)
    return headings, rows


def regression_time():
    """Seconds of a default fit and of a perceptron."""
    found = [r for r in records() if r["family"] == "time"]
    headings = ["data", "training rows", "SCANNRegressor()", "MLP (100, 50)", "ratio"]
    rows = []
    for name in dict.fromkeys(r["data"] for r in found):
        some = [r for r in found if r["data"] == name]
        seconds = [
            f"{np.median([r[k] for r in some]):.2f} s" for k in ("ours_seconds", "peer_seconds")
        ]
        ratio = _spread([r["ratio"] for r in some], "{:.1f}") + "×"
        n_rows = some[0].get("note", f"{some[0]['n_training']}").removesuffix(" training rows")
        rows.append([_sets.TITLES[name], n_rows, *seconds, ratio])
    return headings, rows


def _spread(values, form="{:.3f}"):
    """Median, with lowest and highest where they differ."""
    middle, low, high = (form.format(f(values)) for f in (np.median, min, max))
    return middle if low == high else f"{middle} ({low} to {high})"


def _range(low, high, form=".1f"):
    return f"{low:{form}} to {high:{form}}"
