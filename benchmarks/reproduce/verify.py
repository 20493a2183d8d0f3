"""Evaluate the committed networks on the test data again, and compare with the records.

    python -m benchmarks.reproduce.verify [--file sensorless=PATH] [--file har=FOLDER]

Every file in ``benchmarks/results/models`` is the most compressed network of one data set, seed and
column. Reductions aren't stored: they are fitted again to the same training data. The exit status
is 1 where an accuracy or a number of connections is not that of the record.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import sys

from rich.progress import track

from benchmarks import _data, _options
from benchmarks._merit import accuracies
from benchmarks._records import Records
from benchmarks.reproduce.uci import FIELDS, MODELS
from scann_sklearn import DimReducer
from scann_sklearn.export import SparseModel

# Rounding of another machine may move a sample over a boundary: so many test samples.
TOLERATED = 2


def problem(path, records, files):
    """What is wrong with a committed network; empty if nothing is.

    Parameters
    ----------
    path : Path
        File named ``DATA-SEED-COLUMN.npz``.
    records : Records
        Records of the reproduction.
    files : dict of str to str
        Partial files by data set.

    Returns
    -------
    text : str
        The difference between record and evaluation.
    """
    name, number, column = path.stem.split("-", 2)
    seed = int(number)
    if name == "mnist":
        record, parts = records["mnist", 0, "all"], _data.load("mnist")
    else:
        record, parts = records[name, seed, column], _data.load(name, seed, files.get(name))
    sha256 = _data.digest(name, files.get(name))
    if record["sha256"] != sha256:
        return f"the record is of other data (sha256 {record['sha256']}, these are {sha256})"
    expected, model = record["one_se"], SparseModel.load(path)
    if "method" in expected:
        reducer = DimReducer(expected["method"], ratio=expected["ratio"], random_state=seed)
        reducer.fit(parts.X_train)
        parts = parts._replace(
            X_val=reducer.transform(parts.X_val), X_test=reducer.transform(parts.X_test)
        )
    if model.n_connections_ != expected["connections"]:
        return f"{model.n_connections_} connections, the record has {expected['connections']}"
    found = accuracies(model, parts)
    wrong = abs(found["test"] - expected["test"]) * len(parts.y_test)
    if wrong > TOLERATED + 0.1:
        return f"test accuracy {found['test']:.4f}, the record has {expected['test']:.4f}"
    return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    _options.add_files(parser)
    files = dict(parser.parse_args().file)
    records = Records("uci", FIELDS)
    notes = {key[0]: record["note"] for key, record in records.found.items() if record.get("note")}
    failures, skipped = [], set()
    for path in track(sorted((records.path.parent / MODELS).glob("*.npz")), "evaluating"):
        name = path.stem.split("-", 1)[0]
        if name in notes and name not in files:
            skipped.add(name)  # its records are of a partial file
            continue
        text = problem(path, records, files)
        if text:
            failures.append(f"{path.name}: {text}")
    for name in sorted(skipped):
        print(f"{name} is skipped: its records are of a {notes[name]}; give it by --file")
    print("\n".join(failures) or "every record is reproduced")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
