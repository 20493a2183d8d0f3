"""The committed networks as C code with integers of 8 bits, which predicts the test images.

    python -m benchmarks.mnist.in_c [--into FOLDER]

Nothing is trained: the networks are those of the records, as far as they have at most 10 000
connections. 2000 training images decide the scales.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from rich.progress import track

from benchmarks import _data, _options, _results
from benchmarks._network_files import read_network
from benchmarks._records import Records
from benchmarks.mnist.__main__ import FIELDS, MODELS, NAME
from benchmarks.mnist._fits import IN_C, network_file, parts_of
from scann_sklearn.export import to_c

RESULT = "mnist_in_c"
_CALIBRATION = 2000


def in_c(model, parts):
    """What a network takes in C with integers of 8 bits, and how it does on the test images."""
    with TemporaryDirectory() as folder:
        calibration = parts.X_train[:_CALIBRATION]
        report = to_c(model, Path(folder, "network.h"), dtype="int8", calibration=calibration)
        wrong = float(np.mean(report.predict(parts.X_test) != parts.y_test))
    return {
        "test_error": round(wrong, 5),
        "flash": report.flash_bytes,
        "ram": report.ram_bytes,
        "macs": int(report.operations.macs),
        "instructions": report.instructions,
    }


def run(folder=None, load=parts_of):
    """Measure the networks of all records that are small enough.

    Parameters
    ----------
    folder : path-like, default=None
        Where records and networks are, and where the result goes; None: with the committed ones.
    load : callable, default=parts_of
        Data of a seed.

    Returns
    -------
    path : Path
        Of the result.
    """
    records, load = Records(NAME, FIELDS, folder), cache(load)
    result = _results.Run(RESULT, folder)
    small = [key for key, r in sorted(records.found.items()) if r["connections"] <= IN_C]
    for name, recipe, seed, what in track(small, "in C"):
        path = network_file(records.path.parent / MODELS, name, recipe, seed, what)
        code = in_c(read_network(path), load(seed))
        result.add({**dict(zip(FIELDS, (name, recipe, seed, what))), **code})
    return result.finish()


def codes(folder=None):
    """Measured codes by the keys of records; none where nothing has been measured."""
    path = Path(folder or _results.RESULTS, f"{RESULT}.json")
    found = _results.load(RESULT, folder)["records"] if path.exists() else []
    return {tuple(code[field] for field in FIELDS): code for code in found}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    _options.add_into(parser, "the records and networks")
    args = parser.parse_args()
    if not _data.ready(["mnist"]):
        sys.exit(1)
    print(run(args.into))


if __name__ == "__main__":
    main()
