"""What our code costs on small processors: a benchmark that needs Python packages only.

    python -m benchmarks.deploy.targets [--data digits pendigits ...] [--into FOLDER]

For networks of few connections in float32, int16 and int8: flash, RAM, stack and instructions of an
inference on a Cortex-M0, a Cortex-M4 with floating point, a RISC-V and an AVR, and the test rows
whose class isn't that of ``predict``. Zig compiles, Unicorn runs the code row by row. Arm's gcc
and avr-gcc with simavr are used in addition where they are installed; data sets whose files are
absent are left out.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

from benchmarks import _data, _results
from benchmarks._markup import markdown
from benchmarks.deploy import _simavr
from benchmarks.deploy._codes import FORMATS
from benchmarks.deploy._emulator import Program
from benchmarks.deploy._programs import version_of
from benchmarks.deploy._targets import SMALL, TARGETS, batch, linked
from scann_sklearn import SCANNClassifier
from scann_sklearn.export import measure_flash, to_c

CONNECTIONS = {"digits": 300, "pendigits": 300, "satimage": 100, "dna": 40}
ROWS_COUNTED = 20


def static_costs(report, target):
    """Flash and variables of compiled code."""
    size = measure_flash(report, compiler=target.compiler, flags=SMALL)
    return {
        "flash": size.total,
        "tables": size.rodata + size.data,
        "ram_data": size.ram,
        "library_calls": list(size.library_calls),
    }


def emulated_costs(report, target, X, folder):
    """Stack, instructions of an inference, and the classes of samples, in an emulator."""
    binary = linked(target, batch(report), folder, roots=("entry", "classes"))
    program = Program(binary, target.processor)
    rows = report.quantize(X)
    address, found = program.place(rows), program.place(np.full(len(rows), -1, np.int32))
    program.call("classes", address, found, len(rows))
    counted = np.linspace(0, len(rows) - 1, ROWS_COUNTED).astype(int)
    counts = [program.instructions("entry", address + i * rows[0].nbytes)[0] for i in counted]
    costs = {
        "stack": max(program.stack("entry", address + i * rows[0].nbytes) for i in counted),
        "input": rows[0].nbytes,
        "instructions": float(np.mean(counts)),
    }
    return costs, program.read(found, len(rows), np.int32)


def measured(model, parts, dtype, name, folder):
    """Record of an export on a target."""
    target = TARGETS[name]
    report = to_c(model, Path(folder, "net.h"), dtype=dtype, calibration=parts.X_official)
    record = {"target": name, "format": dtype, **static_costs(report, target)}
    record |= {"reported_flash": report.flash_bytes, "reported_ram": report.ram_bytes}
    if target.processor:
        costs, classes = emulated_costs(report, target, parts.X_test, folder)
    elif name == _simavr.TARGET and _simavr.missing() is None:
        counted = parts.X_test[:: max(1, len(parts.X_test) // _simavr.ROWS)][: _simavr.ROWS]
        costs, classes = _simavr.costs(report, target, counted, folder)
        costs["rows"] = len(counted)
        parts = parts._replace(X_test=counted)
    else:
        return record
    changed = (classes < 0) | (model.classes_[classes] != model.predict(parts.X_test))
    return record | costs | {"n_changed": int(np.sum(changed))}


def measure(data):
    """Records of a data set."""
    parts = _data.load(data)
    model = SCANNClassifier(n_connections=CONNECTIONS[data], random_state=0)
    model.fit(parts.X_official, parts.y_official)
    head = {"data": data, "connections": model.n_connections_, "n_test": len(parts.X_test)}
    head["test"] = round(float(model.score(parts.X_test, parts.y_test)), 5)
    with tempfile.TemporaryDirectory() as folder:
        return [
            {**head, **measured(model, parts, dtype, name, folder)}
            for name, target in TARGETS.items()
            if target.missing is None
            for dtype in FORMATS
        ]


def table(records):
    """A row for each data set and target; in its cells the formats.

    Parameters
    ----------
    records : list of dict
        Content of the result file.

    Returns
    -------
    headings : list of str
    rows : list of list of str
    """
    headings = ["float32 / int16 / int8", "flash", "variables", "stack", "input", "instructions"]
    headings.append("rows with another class")
    groups = {}
    for r in records:
        groups.setdefault((r["data"], r["target"]), []).append(r)
    rows = []
    for (data, target), group in groups.items():
        columns = zip(*map(_cells, group))
        about = f"{data} ({group[0]['connections']}), {TARGETS[target].title}"
        rows.append([about, *(" / ".join(cells).strip(" /") for cells in columns)])
    return headings, rows


def _cells(r):
    steps = f"{r['instructions']:.0f}" if "instructions" in r else ""
    if "cycles" in r:
        steps = f"{r['cycles']:.0f} cycles" if r["cycles"] else "no end"
    changed = f"{r['n_changed']} of {r.get('rows', r['n_test'])}" if "n_changed" in r else ""
    stack = str(r["stack"] or "?") if "stack" in r else ""
    return str(r["flash"]), str(r["ram_data"]), stack, str(r.get("input", "")), steps, changed


def target_costs():
    """The table, of the result file."""
    return table(_results.load("targets")["records"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", nargs="+", choices=CONNECTIONS, default=list(CONNECTIONS))
    parser.add_argument("--into", metavar="FOLDER", help="for the result")
    args = parser.parse_args()
    missing = {}
    programs = {t.title: version_of(t.compiler) for t in TARGETS.values() if t.missing is None}
    facts = {"flags": " ".join(SMALL), "compilers": programs, "missing": missing}
    results = _results.Run("targets", args.into, **facts)
    for data in args.data:
        try:
            results.add(*measure(data))
        except OSError as error:
            missing[data] = str(error).splitlines()[0]
            print(f"{data} is left out: {missing[data]}")
    print(f"{markdown(*table(results.records))}\n\n{results.finish()}")


if __name__ == "__main__":
    main()
