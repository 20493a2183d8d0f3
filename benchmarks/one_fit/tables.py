"""Tables of the page "One default fit". Without results they have no rows."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from benchmarks import _results
from benchmarks.one_fit import _automatic, _curve_tables, _reliability, _timing
from benchmarks.one_fit._cases import CASES
from benchmarks.one_fit._curve_tables import (
    one_fit_accuracy,
    one_fit_against,
    one_fit_chosen,
    one_fit_tuning,
    spread,
)
from benchmarks.one_fit._opponents import SIZES

__all__ = [
    "one_fit_accuracy", "one_fit_against", "one_fit_automatic", "one_fit_chosen", "one_fit_goals",
    "one_fit_others", "one_fit_reliability", "one_fit_timing", "one_fit_tuning",
]  # fmt: skip


def results(name):
    """Records of a result file; none before the first full run."""
    try:
        return _results.load(name)["records"]
    except FileNotFoundError:
        return []


def one_fit_goals():
    """Goals of a default fit and what was seen."""
    rows = [*_curve_goals(), *_automatic_goals(), *_reliability_goals()]
    if ratios := [r["ratio"] for r in results(_timing.NAME)]:
        is_met = np.median(ratios) <= _timing.GOAL
        what = "time, against an MLP (100, 50) with early stopping; pendigits"
        rows.append([what, f"≤ {_timing.GOAL}", spread(ratios, "{:.2f}"), is_met])
    rows = [[*row[:3], "yes" if row[3] else "**no**"] for row in rows]
    return ["what", "goal", "seen", "met"], rows


def _curve_goals():
    """Never behind an opponent with as many updates; ahead of trees."""
    for label, found in _curve_tables.against().items():
        if "as many updates" in label:
            d = [100 * row["median_difference"] for row in found if row["n"]]
            behind = [f"{gap:+.2f} at {size}" for gap, size in zip(d, SIZES) if gap < 0]
            seen = f"{min(d):+.2f} to {max(d):+.2f}"
            seen += "; behind: " + ", ".join(behind) if behind else ""
            what = f"median difference to {label}, in points"
            yield [what, "≥ 0 at every size", seen, not behind]
    if (ahead := _curve_tables.ahead_of_trees()) is not None:
        what = "data sets where 50 connections are ahead of a tree of the same bytes"
        yield [what, "all", f"{ahead[0]} of {ahead[1]}", ahead[0] == ahead[1]]


def _automatic_goals():
    for name, some in _by_case().items():
        case = CASES[name]
        if case.goal is None:
            continue
        seen = np.median([r["score"] for r in some])
        goal, is_met = f"≥ {100 * case.goal:.1f} %", seen >= case.goal
        text = f"{100 * seen:.1f} %"
        if case.below is not None:
            size = np.median([r["connections"] for r in some])
            goal += f" with < {case.below} connections"
            text, is_met = f"{text} with {size:.0f}", is_met and size < case.below
        yield [f"{case.title}: {case.measure}", goal, text, is_met]


def _reliability_goals():
    """Better probabilities than before."""
    measures = {"ece": "calibration error", "log_loss": "log loss"}
    for data, by_variant in _by_variant().items():
        for key, what in measures.items():
            before, now = (
                np.median([r[key] for r in by_variant[variant]])
                for variant in ("before", "default")
            )
            most = min(before, _reliability.GOALS.get((data, key), before))
            goal = f"≤ {most:.3f} (before: {before:.3f})"
            yield [f"{_reliability.DATA[data]}: {what}", goal, f"{now:.3f}", now <= most]


def _by_case():
    found: dict = {name: [] for name in CASES}
    for r in results(_automatic.NAME):
        if "skipped" not in r:
            found[r["case"]].append(r)
    return {name: some for name, some in found.items() if some}


def one_fit_automatic():
    """Default fits of awkward data, with goals."""
    return _cases(lambda case: case.goal is not None)


def one_fit_others():
    """Others of the same kind."""
    return _cases(lambda case: case.goal is None)


def _cases(wanted):
    headings = ["data", "rows × features", "measure", "test score, %", "connections", "seconds"]
    headings.append("logistic regression")
    rows = []
    for name, some in _by_case().items():
        if wanted(CASES[name]):
            sizes, seconds = ([v for r in some for v in r[k]] for k in ("connections", "seconds"))
            features = spread([r["n_features"] for r in some], "{:.0f}")
            rows.append(
                [
                    CASES[name].title,
                    f"{some[0]['n_training']} × {features}",
                    CASES[name].measure,
                    spread([100 * r["score"] for r in some]),
                    spread(sizes, "{:.0f}"),
                    spread(seconds),
                    spread([100 * r["linear"] for r in some]),
                ]
            )
    return headings, rows


def _by_variant():
    found: dict = {}
    for r in results(_reliability.NAME):
        found.setdefault(r["data"], {}).setdefault(r["variant"], []).append(r)
    return found


def one_fit_reliability():
    """Calibration error and log loss by variant."""
    headings = ["data", "fit", "accuracy, %", "calibration error", "log loss"]
    headings.append("rare class below 1 %")
    rows = []
    for name, by_variant in _by_variant().items():
        for variant, some in by_variant.items():
            below = [r["below"] for r in some]
            rows.append(
                [
                    _reliability.DATA[name],
                    _reliability.LABELS[variant],
                    spread([100 * r["accuracy"] for r in some]),
                    *(spread([r[key] for r in some], "{:.3f}") for key in ("ece", "log_loss")),
                    "–" if None in below else spread([100 * b for b in below]) + " % of rows",
                ]
            )
    return headings, rows


def one_fit_timing():
    """Seconds of both fits, and the ratio of pairs."""
    headings = ["pairs", "SCANNClassifier()", "MLP (100, 50)", "ratio"]
    if not (found := results(_timing.NAME)):
        return headings, []
    seconds = [
        spread([r[k] for r in found], "{:.2f}") + " s" for k in ("ours_seconds", "peer_seconds")
    ]
    return headings, [[len(found), *seconds, spread([r["ratio"] for r in found], "{:.2f}")]]
