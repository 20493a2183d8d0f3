"""Instructions of early exits on a Cortex-M0, exit by exit: a benchmark that needs packages only.

    python -m benchmarks.deploy.exits [--data digits pendigits ...] [--into FOLDER]

For each data set one `EarlyExitClassifier` with three exits, whose thresholds cost no validation
accuracy, and a `SCANNClassifier` of the same bound, as C in float32, int16 and int8. Zig compiles,
Unicorn counts the instructions of test samples that leave at each exit. All test samples are
classified there too, so that exits and accuracies are those of the compiled code. Where no sample
leaves, other thresholds send some there.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import copy
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks import _data, _options, _results
from benchmarks._markup import markdown
from benchmarks.deploy._codes import FORMATS
from benchmarks.deploy._emulator import Program
from benchmarks.deploy._programs import entry
from benchmarks.deploy._targets import SMALL, TARGETS, linked
from scann_sklearn import EarlyExitClassifier, SCANNClassifier
from scann_sklearn.export import measure_flash, to_c

NAME = "deploy_exits"
DISTILLATION = 0.0  # as by default; records say it
CONNECTIONS = {"digits": 800, "pendigits": 800, "satimage": 800, "letter": 3000}
ROWS_COUNTED = 20
TARGET = TARGETS["cortex-m0"]


def fitted(data, parts):
    """With exits and without, of the same bound."""
    common = {"n_connections": CONNECTIONS[data], "random_state": 0}
    models = (
        EarlyExitClassifier(**common, distillation=DISTILLATION),
        SCANNClassifier(**common),
    )
    for model in models:
        model.fit(parts.X_train, parts.y_train, X_val=parts.X_val, y_val=parts.y_val)
    return models


def batch(report):
    """Source of ``entry``, one row, and of ``answers``: class and exit of many rows."""
    name = report.name
    answer = f"{name}_predict_with_exit(row, y + 1)" if report.exits else f"{name}_predict(row)"
    head = f"void answers(const {report.ctype} *row, int *y, int n)"
    return entry(report, "__attribute__((noinline)) ") + (
        f"{head};\n{head}\n{{\n    for (; n > 0; --n, row += {name.upper()}_N_FEATURES, y += 2)\n"
        f"        y[0] = {answer};\n}}\n"
    )


class Compiled:
    """An export of a model in the emulator, with the test samples.

    Parameters
    ----------
    model : estimator
        Fitted.
    parts : benchmarks._data.Parts
        The data.
    dtype : str
        Number format.
    folder : path-like
        For files.
    """

    def __init__(self, model, parts, dtype, folder):
        path = Path(folder, "net.h")
        self.report = to_c(model, path, dtype=dtype, calibration=parts.X_train)
        self.flash = measure_flash(self.report).total
        binary = linked(TARGET, batch(self.report), folder, roots=("entry", "answers"))
        self.program = Program(binary, TARGET.processor)
        rows = self.report.quantize(parts.X_test)
        n, self.size = len(rows), rows[0].nbytes
        self.address = self.program.place(rows)
        found = self.program.place(np.zeros((n, 2), np.int32))
        self.program.call("answers", self.address, found, n)
        self.numbers, self.exits = self.program.read(found, (n, 2), np.int32).T

    def counts(self, e):
        """Instructions of some samples that leave at an exit."""
        own = np.flatnonzero(self.exits == e)
        some = own[np.linspace(0, len(own) - 1, min(ROWS_COUNTED, len(own))).astype(int)]
        rows = (self.address + some * self.size).tolist()
        return [self.program.instructions("entry", row)[0] for row in rows]


def measured(model, parts, dtype, folder):
    """Record of an export: what is answered where, and what that takes."""
    compiled = Compiled(model, parts, dtype, folder)
    report, labels = compiled.report, model.classes_[compiled.numbers]
    right = labels == parts.y_test
    record = {
        "format": dtype,
        "flash": compiled.flash,
        "ram": report.ram_bytes,
        "test": round(float(right.mean()), 5),
        "n_changed": int(np.sum(labels != model.predict(parts.X_test))),
        "ends": [],
    }
    if report.exits:
        elsewhere = compiled.exits != model.predict_exit(parts.X_test)
        record["n_elsewhere"] = int(elsewhere.sum())
        record["thresholds"] = model.thresholds_.tolist()
    for e, cost in enumerate(report.exits or [report]):
        own = compiled.exits == e
        counts = compiled.counts(e)
        if not counts:
            counts = Compiled(_sent_to(model, e), parts, dtype, folder).counts(e)
        end = {"n": int(own.sum()), "n_right": int(right[own].sum())}
        end |= {"connections": cost.n_connections, "bound": cost.instructions}
        end |= {"instructions": float(np.mean(counts)), "range": [min(counts), max(counts)]}
        record["ends"].append(end)
    return record


def _sent_to(model, e):
    """A copy of which every sample leaves at an exit that else nobody leaves at."""
    sent = copy.copy(model)
    low = 1.001 / len(model.classes_)  # not 0, behind which C code would end
    sent.thresholds_ = np.where(np.arange(len(model.thresholds_)) < e, 1.0, low)
    return sent


def measure(data):
    """Records of a data set."""
    parts, records = _data.load(data), []
    for model in fitted(data, parts):
        head = {"data": data, "kind": type(model).__name__, "connections": model.n_connections_}
        head["predicted"] = round(float(model.score(parts.X_test, parts.y_test)), 5)
        if hasattr(model, "thresholds_"):
            head["distillation"] = model.distillation
        with tempfile.TemporaryDirectory() as folder:
            records += [{**head, **measured(model, parts, d, folder)} for d in FORMATS]
    return records


def table(records):
    """Rows of each data set: every exit, the mean over the test data, the network without exits.

    Parameters
    ----------
    records : list of dict
        Content of the result file.

    Returns
    -------
    headings : list of str
    rows : list of list of str
    """
    headings = ["data (connections)", "an inference", "of the test data", "right"]
    headings += ["instructions in int8", "int16", "float32", "fewer by (int8)"]
    rows = []
    for data in dict.fromkeys(r["data"] for r in records):
        for kind in ("EarlyExitClassifier", "SCANNClassifier"):
            group = {r["format"]: r for r in records if (r["data"], r["kind"]) == (data, kind)}
            rows += _rows(data, [group[d] for d in ("int8", "int16", "float32")])
    return headings, rows


def _rows(data, group):
    """Rows of a network, from its records in three formats."""
    first = group[0]
    n_test, title = sum(end["n"] for end in first["ends"]), _data.TITLES[data]
    means = [sum(end["n"] * end["instructions"] for end in r["ends"]) / n_test for r in group]
    about = f"{title} ({first['connections']})"
    mean = ["100%", f"{first['test']:.1%}", *(f"{number:.0f}" for number in means)]
    if len(first["ends"]) == 1:
        return [[about, "without exits", *mean, ""]]
    last, rows = first["ends"][-1]["instructions"], []
    for e, ends in enumerate(zip(*(r["ends"] for r in group), strict=True)):
        own = ends[0]
        what = "all, and their mean" if e == len(first["thresholds"]) else f"up to exit {e + 1}"
        rows.append(
            [
                about,
                f"{what}: {own['connections']} connections",
                f"{own['n'] / n_test:.1%}",
                f"{own['n_right'] / own['n']:.1%}" if own["n"] else "",
                *(f"{end['instructions']:.0f}" for end in ends),
                f"{last / own['instructions']:.1f}×",
            ]
        )
    return [*rows, [about, "mean over the test data", *mean, f"{last / means[0]:.1f}×"]]


def sizes(records):
    """Rows of each data set and format: bytes, and what rounding changes.

    Parameters
    ----------
    records : list of dict
        Content of the result file.

    Returns
    -------
    headings : list of str
    rows : list of list of str
    """
    headings = ["data, numbers", "flash", "flash without exits", "RAM", "accuracy of predict"]
    headings += ["of the C code", "another class", "another exit"]
    plain = {(r["data"], r["format"]): r for r in records if "n_elsewhere" not in r}
    rows = []
    for r in (r for r in records if "n_elsewhere" in r):
        n_test = sum(end["n"] for end in r["ends"])
        without = plain[r["data"], r["format"]]
        rows.append(
            [
                f"{_data.TITLES[r['data']]}, {r['format']}",
                *(f"{n} B" for n in (r["flash"], without["flash"], r["ram"])),
                *(f"{r[name]:.1%}" for name in ("predicted", "test")),
                *(f"{r[name]} of {n_test}" for name in ("n_changed", "n_elsewhere")),
            ]
        )
    return headings, rows


def deploy_exits():
    """Instructions, of the result file."""
    return table(_results.load(NAME)["records"])


def deploy_exits_size():
    """Bytes, of the result file."""
    return sizes(_results.load(NAME)["records"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", nargs="+", choices=CONNECTIONS, default=list(CONNECTIONS))
    _options.add_into(parser, "the result")
    args = parser.parse_args()
    there = _data.ready(args.data)
    tools = {name: version(name) for name in ("unicorn", "ziglang")}
    flags = " ".join((*TARGET.compiler[3:], *SMALL))
    results = _results.Run(NAME, args.into, tools=tools, flags=flags)
    for data in there:
        results.add(*measure(data))
    print(f"{markdown(*table(results.records))}\n\n{results.finish()}")


if __name__ == "__main__":
    main()
