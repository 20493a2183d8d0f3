"""Goals of the deployment benchmark, and what was seen."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

FEWER_OPERATIONS = {"pendigits": 1.5, "satimage": 4, "dna": 20}
TEN_TIMES = 10
KILOBYTE = ("pendigits", "satimage", "dna")
MICROSECOND = 1e-6


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
        what = f"{name}: the same, both with weights of a byte (estimated for the MLP)"
        bytewise = peer["flash"] - 3 * peer["parameters"]
        rows.append(_ratio(what, bytewise / found[name, "small", "int8"]["flash"], None))
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
    sizes = ", ".join("none" if s is None else str(s) for s in small["starts"])
    rows.append([f"{name}: connections that each search ended with", "", sizes, ""])
    if "flash" in small and name in KILOBYTE:
        what = f"{name}: flash in int8 ({small['setting']})"
        rows.append([what, "< 1024 B", f"{small['flash']} B", _met(small["flash"] < 1024)])
    times = [r for (data, what, _), r in found.items() if (data, what) == (name, "budget")]
    slowest = max(times, key=lambda r: r["seconds"])
    what = f"{name}: time on the host, {slowest['setting']}, slowest format ({slowest['format']})"
    seen = f"{time_cell(slowest['seconds'])} (least {time_cell(slowest['least_seconds'])})"
    rows.append([what, "< 1 µs", seen, _met(slowest["seconds"] < MICROSECOND)])
    return rows


def _ratio(what, seen, goal):
    if goal is None:
        return [what, "", f"{seen:.1f}×", ""]
    return [what, f"≥ {goal:g}×", f"{seen:.1f}×", _met(seen >= goal)]


def _met(is_met):
    return "yes" if is_met else "**no**"


def time_cell(seconds):
    """Microseconds, as tables have them."""
    return f"{seconds * 1e6:.3g} µs"
