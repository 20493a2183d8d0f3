"""Evaluate the committed networks on the test data again, and compare with the records.

    python -m benchmarks.uci.verify [--file sensorless=PATH] [--file har=FOLDER] [--into FOLDER]

Each record has three networks: the most accurate ("best") and the smallest by two rules ("equal",
"one_se"). The exit status is 1 where an accuracy or a number of connections is not that of the
record, or a network is missing.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import sys

from rich.progress import track

from benchmarks import _data, _options
from benchmarks._merit import accuracies
from benchmarks._network_files import read_network
from benchmarks._records import Records
from benchmarks.uci.__main__ import FIELDS, MODELS, NAME
from benchmarks.uci._columns import RULES, network_file
from benchmarks.uci._reduced import Reductions

# Rounding of another machine may move a sample over a boundary: so many test samples.
TOLERATED = 2


def problem(path, expected, reductions):
    """What is wrong with a committed network; empty if nothing is.

    Parameters
    ----------
    path : Path
        Its file.
    expected : dict
        What the record says of it.
    reductions : Reductions
        The data, and reductions of them with the seed of the record: they aren't stored, but
        fitted again.

    Returns
    -------
    text : str
        The difference between record and evaluation.
    """
    if not path.exists():
        return "the file is missing"
    model = read_network(path)
    parts = reductions.parts
    if " | " in expected["start"]:
        parts = reductions.reduced(expected["start"].split(" | ")[0])
    if model.n_connections_ != expected["connections"]:
        return f"{model.n_connections_} connections, the record has {expected['connections']}"
    found = accuracies(model, parts)
    wrong = abs(found["test"] - expected["test"]) * len(parts.y_test)
    if wrong > TOLERATED + 0.1:
        return f"test accuracy {found['test']:.4f}, the record has {expected['test']:.4f}"
    return ""


def verify(records, files):
    """What is wrong with all networks whose data are here.

    Parameters
    ----------
    records : Records
        Of `benchmarks.uci`.
    files : dict of str to str
        Partial files by data set.

    Returns
    -------
    failures : list of str
        One line for each network that differs.
    names : list of str
        Data sets that were there.
    """
    names = list(dict.fromkeys(key[0] for key in records.found))
    there = _data.ready(names, files, [records])
    failures = []
    folder = records.path.parent / MODELS
    mine = {key: record for key, record in records.found.items() if key[0] in there}
    cells = {}
    for (name, seed, family), record in track(sorted(mine.items()), "evaluating"):
        if (name, seed) not in cells:  # those before are done with
            parts = _data.load(name, seed, files.get(name))
            cells = {(name, seed): Reductions(parts, seed)}
        for rule in RULES:
            path = network_file(folder, name, seed, family, rule)
            text = problem(path, record[rule], cells[name, seed])
            failures += [f"{path.name}: {text}"] if text else []
    return failures, there


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    _options.add_files(parser)
    _options.add_into(parser, "the records and networks")
    args = parser.parse_args()
    failures, there = verify(Records(NAME, FIELDS, args.into), dict(args.file))
    names = ", ".join(there) or "none is here"
    print("\n".join(failures) or f"every record is reproduced: {names}")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
