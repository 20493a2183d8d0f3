"""Tables of the deployment benchmark, from its result file."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from benchmarks import _results
from benchmarks.deploy._goals import reach, time_cell

LABELS = {
    "small": "SCANN, small",
    "budget": "SCANN, default fit",
    "smallest": "smallest MLP",
    "validation": "MLP by validation",
    "forest": "random forest",
    "small, ONNX Runtime": "SCANN, small, ONNX Runtime",
    "budget, ONNX Runtime": "SCANN, default fit, ONNX Runtime",
}


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
    headings = ["code", "numbers", "test accuracy", "classes changed", "flash", "float emulation"]
    headings += ["RAM", "operations", "energy", "Arm instructions", "host instructions"]
    headings.append("time on the host")
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
        _cell(r, "emulation", "{:.0f} B"),
        _cell(r, "ram", "{:.0f} B"),
        _cell(r, "operations", "{:.0f}"),
        "" if is_runtime else f"{r['energy'] * 1e9:.3g} nJ",
        _cell(r, "arm_instructions", "{:.0f}"),
        _cell(r, "host_instructions", "{:.0f}"),
        time_cell(r["seconds"]),
    ]


def _cell(r, key, form):
    return form.format(r[key]) if key in r else ""


def short(records):
    """What an engineer chooses between: our smallest code and emlearn's of the smallest perceptron.

    Parameters
    ----------
    records : list of dict
        Content of the result file.

    Returns
    -------
    headings : list of str
    rows : list of list of str
        Two rows a data set.
    """
    rows = []
    for r in records:
        if (r["what"], r["format"]) not in (("small", "int8"), ("smallest", "float32")):
            continue
        if "flash" not in r:
            continue
        flash = f"{r['flash']} B"
        if r["emulation"]:
            flash += f" + {r['emulation']} B"
        row = [f"{r['data']}: {LABELS[r['what']]}, {r['format']}", f"{r['test']:.1%}", flash]
        row += [f"{r['ram']} B", _cell(r, "arm_instructions", "{:.0f}")]
        rows.append([*row, f"{r['energy'] * 1e9:.3g} nJ"])
    headings = ["code", "test accuracy", "flash + float emulation", "RAM", "Arm instructions"]
    return [*headings, "energy"], rows


def _records():
    """What was measured; nothing where there is no result file yet."""
    try:
        return _results.load("deploy")["records"]
    except FileNotFoundError:
        return []


def deploy_reach():
    """Goals of the benchmark and what was reached."""
    return reach(_records())


def deploy_short():
    """Our smallest code against emlearn's."""
    return short(_records())


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
