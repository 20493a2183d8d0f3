"""Flash, RAM, operations, energy, instructions and time of one inference, against emlearn.

    python -m benchmarks.deploy [--data pendigits ...] [--seeds 5] [--jobs 1]
        [--models FOLDER] [--into FOLDER] [--quick]

For each data set, the perceptron of four architectures that is best on validation data (on
training data where that is lower) sets a floor, its accuracy less one standard error. Then are
compared

* small: our smallest network above the floor that the search of `benchmarks.uci` finds;
  float32, int16 and int8 by `scann_sklearn.export.to_c`;
* budget: our best default fit of at most 300 connections; the same;
* smallest: the first perceptron above the floor on a ladder of 18 widths, three ways to train
  each; float32 by emlearn;
* validation: the perceptron that set the floor; float32 by emlearn;
* forest: the smallest above the floor, else the best of at most 20 kB; int16 by emlearn;
* ONNX Runtime for our two networks (time only).

Every setting has the same number of starts. Accuracies are those of the compiled code on the
official test set. What a machine lacks (cross compiler, emulator, valgrind) is left out with a
reason.
``--quick`` runs everything small on scikit-learn's digits, as a test.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import joblib
import numpy as np

from benchmarks import _data, _options, _results
from benchmarks._markup import markdown
from benchmarks.deploy import _device, _host, tables
from benchmarks.deploy._codes import FORMATS, our_code
from benchmarks.deploy._emlearn import METHODS, forest_code, forest_methods, perceptron_code
from benchmarks.deploy._models import choose
from benchmarks.deploy._programs import run

DATA = ("pendigits", "satimage", "dna", "digits")
ROWS_COUNTED, ROWS_TIMED = 20, 300


def codes_of(chosen, parts, folder):
    """Everything that is compiled for a chosen model: ours in all formats, emlearn's smaller form.

    Parameters
    ----------
    chosen : Chosen
        The model.
    parts : benchmarks._data.Parts
        The data.
    folder : path-like
        Where the headers are written.

    Returns
    -------
    codes : list of Code
        One a number format.
    """
    name = chosen.what
    if name in ("small", "budget"):
        return [our_code(chosen.model, d, parts, folder, f"{name}_{d}") for d in FORMATS]
    if name == "forest":
        bits, methods = chosen.options["leaf_bits"], forest_methods(chosen.model)
        forms = [forest_code(chosen.model, m, bits, folder, f"forest_{m}") for m in methods]
    else:
        forms = [perceptron_code(chosen.model, m, folder, f"{name}_{m}") for m in METHODS]
    if len(forms) == 1 or shutil.which(_device.ARM) is None:
        return forms[-1:]
    return [min(forms, key=lambda code: _device.flash(code)["flash"])]


def measured(chosen, code, parts, folder, missing):
    """Record of compiled code but for its time, and the library to time it with."""
    library = _host.Library(code, folder)
    rows = parts.X_test[np.linspace(0, len(parts.X_test) - 1, ROWS_COUNTED).astype(int)]
    classes = chosen.model.classes_[library(parts.X_test)]
    expected = chosen.model.predict(parts.X_test)
    operations = code.operations
    record = {
        "what": chosen.what,
        "setting": chosen.setting,
        "reached": chosen.reached,
        "format": code.dtype,
        "form": code.note,
        "starts": chosen.starts,
        "validation": _share(chosen.model.predict(parts.X_val) == parts.y_val),
        "test": _share(classes == parts.y_test),
        "test_before": _share(expected == parts.y_test),
        "n_changed": int(np.sum(classes != expected)),
        "parameters": code.n_parameters,
        "macs": int(operations.macs),
        "operations": float(round(operations.macs + operations.comparisons, 1)),
        "index_reads": float(round(operations.index_reads, 1)),
        "energy": code.energy,
    }
    record |= _device.flash(code)
    if "RAM" not in missing:
        record |= _device.ram(code)
    record["arm_instructions"] = _device.instructions(code, rows)
    if "host instructions" not in missing:
        record["host_instructions"] = _host.instructions(code, rows)
    return record, library


def measure(name, parts, floor, models, missing, rounds):
    """Records of a data set."""
    records, timings = [], {}
    X = parts.X_test[:ROWS_TIMED]
    with tempfile.TemporaryDirectory() as folder:
        for chosen in models:
            for code in codes_of(chosen, parts, folder):
                record, library = measured(chosen, code, parts, folder, missing)
                timings[len(records)] = library.seconds(X)
                records.append(record)
        for chosen in models[:2]:
            path = Path(folder, f"{chosen.what}.onnx")
            single, batch, labels = _host.runtime_seconds(chosen.model, parts.X_test, path)
            about = {
                "what": f"{chosen.what}, ONNX Runtime",
                "setting": chosen.setting,
                "reached": chosen.reached,
                "format": "float32",
                "test": _share(labels == parts.y_test),
                "n_changed": int(np.sum(labels != chosen.model.predict(parts.X_test))),
            }
            for form, function in (("a row a call", single), ("all rows at once", batch)):
                timings[len(records)] = function
                records.append({**about, "form": form})
        seconds = _host.medians(timings, rounds)
    head = {"data": name, "n_test": len(parts.y_test), "floor": round(floor, 5)}
    return [{**head, **record, **seconds[i]} for i, record in enumerate(records)]


def models_of(name, seeds, args):
    """Data, floor and chosen models; kept in a folder where one is given."""
    parts = _data.load(name)
    kept = Path(args.models, f"{name}.joblib") if args.models else None
    if kept and kept.exists():
        return parts, *joblib.load(kept)
    floor, models = choose(parts, seeds, args.jobs, args.quick)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        joblib.dump((floor, models), kept)
    return parts, floor, models


def missing_here():
    """What can't be measured on this machine, and why."""
    missing = _device.missing()
    if shutil.which("valgrind") is None:
        missing["host instructions"] = "valgrind is not on this machine"
    return missing


def tools():
    """Versions of packages and programs that the result depends on."""
    names = ("emlearn", "onnx", "onnxruntime", "unicorn", "ziglang")
    found = {name: version(name) for name in names}
    for program in ("gcc", _device.ARM, "valgrind"):
        if shutil.which(program):
            found[program] = run(program, "--version").splitlines()[0]
    return found


def _share(right):
    return round(float(np.mean(right)), 5)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", nargs="+", choices=[*_data.FETCHERS, "digits"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=1, help="processes that fit")
    parser.add_argument("--rounds", type=int, default=101, help="of timing")
    parser.add_argument("--models", metavar="FOLDER", help="keeps the fitted models")
    _options.add_into(parser, "the result")
    parser.add_argument("--quick", action="store_true", help="digits, one seed, few settings")
    return parser.parse_args()


def main():
    args = arguments()
    if args.quick:
        args.seeds, args.rounds = 1, 3
        args.into = args.into or tempfile.mkdtemp(prefix="deploy-")
    missing, seeds = missing_here(), list(range(args.seeds))
    for what, reason in missing.items():
        print(f"{what}: not measured, {reason}")
    facts = {"seeds": seeds, "tools": tools(), "missing": missing, "rounds": args.rounds}
    facts["flags"] = {"host": " ".join(_host.HOST), "device": " ".join(_device.CORTEX_M0)}
    names = args.data or (["digits"] if args.quick else DATA)
    if len(_data.ready(names)) < len(names):
        sys.exit(1)  # the file holds one table of all
    results = _results.Run("deploy", args.into, **facts)
    for name in names:
        parts, floor, models = models_of(name, seeds, args)
        results.add(*measure(name, parts, floor, models, missing, args.rounds))
        print(f"\n{name}, floor {floor:.2%}\n")
        print(markdown(*tables.costs(results.records, name)), flush=True)
    print(f"\n{markdown(*tables.reach(results.records))}\n\n{results.finish()}")


if __name__ == "__main__":
    main()
