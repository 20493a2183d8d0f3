"""Tables of the deployment benchmark, from its result file."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from benchmarks import _results

LABELS = {
    "small": "SCANN, small",
    "budget": "SCANN, 300 connections",
    "smallest": "smallest MLP",
    "validation": "MLP by validation",
    "forest": "random forest",
    "small, ONNX Runtime": "SCANN, small, ONNX Runtime",
    "budget, ONNX Runtime": "SCANN, 300 connections, ONNX Runtime",
}
FEWER_OPERATIONS = {"pendigits": 1.5, "satimage": 4, "dna": 20}
TEN_TIMES = 10
KILOBYTE = ("pendigits", "satimage", "dna")
MICROSECOND = 1e-6


def costs(records, data):
    """Everything measured on a data set.

    Parameters
    ----------
    records : list of dict
        Content of the result file.
    data : str
        Data set.

    Returns
    -------
    headings : list of str
    rows : list of list of str
        A row for each compiled code.
    """
    headings = ["code", "numbers", "test accuracy", "classes changed", "flash", "RAM", "operations"]
    headings += ["energy", "Arm instructions", "host instructions", "time on the host"]
    return headings, [_cost_row(r) for r in records if r["data"] == data]


def _cost_row(r):
    label = f"{LABELS[r['what']]} ({r['setting']})"
    is_runtime = "ONNX" in r["what"]
    if is_runtime:
        label = f"{LABELS[r['what']]}, {r['form']}"
    return [
        label + ("" if r["reached"] else ", below the floor"),
        r["format"],
        f"{r['test']:.1%}",
        r["n_changed"],
        _cell(r, "flash", "{:.0f} B"),
        _cell(r, "ram", "{:.0f} B"),
        _cell(r, "operations", "{:.0f}"),
        "" if is_runtime else f"{r['energy'] * 1e9:.3g} nJ",
        _cell(r, "arm_instructions", "{:.0f}"),
        _cell(r, "host_instructions", "{:.0f}"),
        _time(r["seconds"]),
    ]


def _cell(r, key, form):
    return form.format(r[key]) if key in r else ""


def _time(seconds):
    return f"{seconds * 1e6:.3g} µs"


def reach(records):
    """Goals of the benchmark and what was seen.

    Parameters
    ----------
    records : list of dict
        Content of the result file, of any number of data sets.

    Returns
    -------
    headings : list of str
    rows : list of list of str
        A row a goal and data set; without "met" where there is no goal.
    """
    found = {(r["data"], r["what"], r["format"]): r for r in records if "ONNX" not in r["what"]}
    rows = []
    for name in dict.fromkeys(r["data"] for r in records):
        rows += _against_smallest(found, name)
    for name in dict.fromkeys(r["data"] for r in records):
        rows += _against_validation(found, name)
    for name in dict.fromkeys(r["data"] for r in records):
        rows += _own(found, name)
    return ["what", "goal", "seen", "met"], rows


def _against_smallest(found, name):
    """Operations and flash against the smallest perceptron."""
    our, peer = found[name, "small", "float32"], found[name, "smallest", "float32"]
    rows = [
        _ratio(
            f"{name}: operations of the smallest MLP / ours",
            peer["operations"] / our["operations"],
            FEWER_OPERATIONS.get(name),
        )
    ]
    if "flash" in our:
        what = f"{name}: flash of the smallest MLP / ours, both float32"
        rows.append(_ratio(what, peer["flash"] / our["flash"], None))
    return rows


def _against_validation(found, name):
    """Operations and flash against the perceptron that validation picks."""
    our, peer = found[name, "small", "float32"], found[name, "validation", "float32"]
    rows = []
    for key in ("operations", "flash"):
        if key in our:
            formats = ", both float32" if key == "flash" else ""
            what = f"{name}: {key} of the MLP by validation / ours{formats}"
            rows.append(_ratio(what, peer[key] / our[key], TEN_TIMES))
    return rows


def _own(found, name):
    """Flash in int8 and time on the host."""
    rows = []
    small = found[name, "small", "int8"]
    if "flash" in small and name in KILOBYTE:
        what = f"{name}: flash in int8 ({small['setting']})"
        rows.append([what, "< 1024 B", f"{small['flash']} B", _met(small["flash"] < 1024)])
    times = [r for (data, what, _), r in found.items() if (data, what) == (name, "budget")]
    slowest = max(times, key=lambda r: r["seconds"])
    what = f"{name}: time on the host, {slowest['setting']}, slowest format ({slowest['format']})"
    seen = f"{_time(slowest['seconds'])} (least {_time(slowest['least_seconds'])})"
    rows.append([what, "< 1 µs", seen, _met(slowest["seconds"] < MICROSECOND)])
    return rows


def _ratio(what, seen, goal):
    if goal is None:
        return [what, "", f"{seen:.1f}×", ""]
    return [what, f"≥ {goal:g}×", f"{seen:.1f}×", _met(seen >= goal)]


def _met(is_met):
    return "yes" if np.all(is_met) else "**no**"


def _records():
    """What was measured; nothing where there is no result file yet."""
    try:
        return _results.load("deploy")["records"]
    except FileNotFoundError:
        return []


def deploy_reach():
    """Goals of the benchmark and what was reached."""
    return reach(_records())


def deploy_pendigits():
    """Costs on pendigits."""
    return costs(_records(), "pendigits")


def deploy_satimage():
    """Costs on satimage."""
    return costs(_records(), "satimage")


def deploy_dna():
    """Costs on DNA."""
    return costs(_records(), "dna")


def deploy_digits():
    """Costs on scikit-learn's digits."""
    return costs(_records(), "digits")
