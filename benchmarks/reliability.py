"""Tables about faults, hostile input, memory and versions, of what the campaigns have written."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import json

from benchmarks._results import ROOT
from tests.conformance import _parts

RESULTS = ROOT / "tests" / "campaigns" / "results"


def _loaded(pattern):
    """Results of some campaigns, those that have ended."""
    found = [p for p in sorted(RESULTS.glob(pattern)) if ".unfinished" not in p.name]
    return [json.loads(path.read_text()) for path in found]


def _total(counts, word):
    return sum(n for key, n in counts.items() if key.startswith(word))


def hostile_cases():
    """Cases of each campaign, by what came of them."""
    rows = []
    for r in _loaded("hostile_*.json"):
        checked = ", indices checked" * r["command"].startswith("NUMBA_BOUNDSCHECK")
        counts = r["counts"]
        rows.append(
            [
                r["campaign"] + checked,
                r["done"],
                _total(counts, "accepted"),
                _total(counts, "refused"),
                _total(counts, "failure"),
                f"{r['longest']:.1f} s",
                f"{r['peak'] / 1e6:.0f} MB",
                f"``{r['command']}``",
            ]
        )
    headings = ["campaign", "cases", "accepted", "refused as documented", "failures"]
    return [*headings, "longest case", "most memory", "command"], rows


def guided_inputs():
    """Inputs that coverage has guided."""
    rows = []
    for result in _loaded("guided.json"):
        for r in result["records"]:
            counts = r["counts"]
            rows.append(
                [
                    r["target"],
                    sum(counts.values()),
                    counts["accepted"],
                    counts["refused"],
                    r["inputs_that_reach_new_lines"],
                    len(r["failures"]),
                ]
            )
    headings = ["what reads", "inputs", "accepted", "refused as documented"]
    return [*headings, "inputs that reach other lines", "failures"], rows


def faults_of_fits():
    """Faults in the midst of fits with a checkpoint, all seeds together."""
    totals = {}
    for result in _loaded("kill_seed_*.json"):
        for fault, counts in result["counts"].items():
            total = totals.setdefault(fault, {})
            for key, n in counts.items():
                total[key] = total.get(key, 0) + n
    rows = []
    for fault, found in totals.items():
        n = found["cases"]
        what = "refused before the fit" if fault.startswith("read-only") else "the same, bit by bit"
        rows.append(
            [
                fault,
                n,
                found.get("kills", "–"),
                found.get("kills_with_a_file", "–"),
                f"{found['bit_equal']} of {n} {what}",
                f"{found['others_untouched']} of {n}",
            ]
        )
    headings = ["fault", "fits", "kills", "of which left a file", "result"]
    return [*headings, "other fits' files untouched"], rows


def soak_memory():
    """Memory of one process over many fits."""
    rows = []
    for r in _loaded("soak.json"):
        owned, malloc, blocks = (_slope(r["slopes"][n]) for n in ("bytes", "malloc", "blocks"))
        rows.append(
            [
                r["count"],
                f"{r['first_behind_warm_up'] / 1e6:.1f} MB",
                f"{r['last'] / 1e6:.1f} MB",
                f"{r['largest'] / 1e6:.1f} MB",
                f"{owned} bytes",
                f"{malloc} bytes",
                blocks,
            ]
        )
    headings = ["fits", "memory after the first tenth", "at the end", "at most"]
    slopes = ["memory for each fit (95 %)", "of ``malloc``", "objects of Python"]
    return [*headings, *slopes], rows


def _slope(found):
    """A slope and its interval."""
    if found is None:
        return "–"
    slope, low, high = (round(number, 2) + 0.0 for number in found)
    return f"{slope:g} ({low:g} to {high:g})"


def soak_course():
    """The same at some moments."""
    rows = []
    for result in _loaded("soak.json"):
        records = result["records"]
        for k in range(10, 101, 10):
            r = records[k * len(records) // 100 - 1]
            rows.append([r["fits"], f"{r['bytes'] / 1e6:.1f} MB"])
    return ["fits", "memory"], rows


def versions():
    """Oldest and newest versions, and the tests that were run with them."""
    results = {r["command"].split()[3]: r for r in _loaded("versions_*.json")}
    names = ["numpy", "scipy", "scikit-learn", "numba", "torch", "skorch"]
    rows = []
    for label in ("oldest", "newest"):
        if label in results:
            r = results[label]
            n_bad = r["failures"] + r["errors"]
            rows.append([label, *(r["versions"][n] for n in names), r["tests"], n_bad])
    empty = [["not run yet", *[""] * (len(names) + 2)]]
    return ["versions", *names, "tests", "failed"], rows or empty


def conformance():
    """Parts of other libraries, and the estimators that they are tested around."""
    classes, two, several = "classes", "two classes", "several classifications"
    groups = [
        (_parts.OF_CLASSIFIERS, _parts.CLASSIFIERS, classes),
        (_parts.OF_TWO_CLASSES, _parts.CLASSIFIERS, two),
        (_parts.OF_SEVERAL_CLASSIFICATIONS, _parts.CLASSIFIERS, several),
        (_parts.OF_REGRESSORS, ["SCANNRegressor"], "values"),
        (_parts.OF_SEVERAL_REGRESSIONS, ["SCANNRegressor"], "several values"),
        (_parts.AROUND_ALL, list(_parts.ESTIMATORS), "classes, values"),
        (_parts.AROUND_CLASSIFIERS, _parts.CLASSIFIERS, classes),
    ]
    headings = ["part", *_parts.ESTIMATORS, "of"]
    rows = [
        [part, *("yes" if name in names else "–" for name in _parts.ESTIMATORS), of]
        for parts, names, of in groups
        for part in parts
    ]
    return headings, rows
