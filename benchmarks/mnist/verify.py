"""Evaluate the committed networks on MNIST again, and compare with the records.

    python -m benchmarks.mnist.verify [--into FOLDER]

The exit status is 1 if an error rate or a number of connections is not that of the record, or if a
network is missing.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import sys

from rich.progress import track

from benchmarks import _data, _options
from benchmarks._network_files import read_network
from benchmarks._records import Records
from benchmarks.mnist.__main__ import FIELDS, MODELS, NAME
from benchmarks.mnist._fits import errors, is_kept, network_file, parts_of

TOLERATED = 2  # images that rounding on another machine may move over a boundary


def problem(path, record, parts):
    """What is wrong with a committed network; empty if nothing is.

    Parameters
    ----------
    path : Path
        Its file.
    record : dict
        What was recorded of it.
    parts : benchmarks._data.Parts
        The data.

    Returns
    -------
    text : str
        The difference between record and evaluation.
    """
    if not path.exists():
        return "the file is missing"
    model = read_network(path)
    if model.n_connections_ != record["connections"]:
        return f"{model.n_connections_} connections, the record has {record['connections']}"
    for which, error, n in zip(
        ("validation", "test"), errors(model, parts), (len(parts.y_val), len(parts.y_test))
    ):
        expected = record[f"{which}_error"]
        if abs(error - expected) * n > TOLERATED + 0.1:
            return f"{which} error {error:.4f}, the record has {expected:.4f}"
    return ""


def verify(records, load):
    """What is wrong with all networks.

    Parameters
    ----------
    records : Records
        Of `benchmarks.mnist`.
    load : callable
        Data of a seed.

    Returns
    -------
    failures : list of str
        One line for each network that differs.
    """
    failures, folder = [], records.path.parent / MODELS
    kept = {key: r for key, r in records.found.items() if is_kept(key[-1], r["connections"])}
    for (*key, seed, what), record in track(sorted(kept.items()), "evaluating"):
        path = network_file(folder, *key, seed, what)
        text = problem(path, record, load(seed))
        failures += [f"{path.name}: {text}"] if text else []
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    _options.add_into(parser, "the records and networks")
    args = parser.parse_args()
    if not _data.ready(["mnist"]):
        sys.exit(1)
    failures = verify(Records(NAME, FIELDS, args.into), parts_of)
    print("\n".join(failures) or "every record is reproduced")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
