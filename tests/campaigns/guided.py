"""Bytes that coverage guides: ``python -m tests.campaigns.guided --runs 100000 --seed 0``.

Atheris (libFuzzer for Python) watches which lines of the readers and parsers its inputs reach, and
goes on from those that reach new ones. Files of models and checkpoints are put together anew with
right checksums: each input is one of their entries. Each target is a process of its own; whatever
it raises that isn't documented ends it, and the input is in the result.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import argparse
import base64
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from io import BytesIO
from pathlib import Path

from tests.campaigns._children import SECONDS

RESULTS = Path(__file__).parent / "results"
MODELS = Path(__file__).parents[1] / "export" / "models"
MEGABYTES = 2048
PARSERS = ("pendigits", "satimage", "dna", "letter", "musk", "epileptic_seizure", "airfoil",
           "gas_turbine", "sensorless_drive", "sms_spam", "idx")  # fmt: skip


def _entries(content):
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _archive(entries):
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return stream.getvalue()


class Models:
    """`SparseModel.load`: the first bytes of an input choose a model and the entry that it is."""

    def __init__(self):
        from scann_sklearn.model import _model_file

        self.read = _model_file.read_model
        files = sorted(MODELS.glob("*.npz"))
        self.files = [_entries(path.read_bytes()) for path in files]
        self.path = Path("model.npz")

    def seeds(self):
        """Inputs to begin with."""
        for number, entries in enumerate(self.files):
            for place, content in enumerate(entries.values()):
                yield bytes([number, place]) + content

    def run(self, data):
        """Read a model with this entry, and compute with it."""
        import numpy as np

        entries = dict(self.files[data[0] % len(self.files)] if data else {})
        names = list(entries)
        if len(data) > 1:
            entries[names[data[1] % len(names)]] = data[2:]
        self.path.write_bytes(_archive(entries))
        program = self.read(self.path)
        if program.n_features < 10**5:
            with np.errstate(all="ignore"):
                program.head.predict(program.outputs(np.ones((2, program.n_features))))


class Checkpoints:
    """The tree of a checkpoint: an input is its JSON."""

    def __init__(self):
        from scann_sklearn.resume import _tree

        self.unpacked = _tree.unpacked
        content = _tree.packed({"a": _array([1.0, 2.0]), "b": [1, "x", None, {"c": _array([3])}]})
        self.entries = _entries(content)

    def seeds(self):
        """Inputs to begin with."""
        from numpy import load

        yield load(BytesIO(self.entries["tree.npy"])).tobytes()

    def run(self, data):
        """Unpack it; what an estimator takes of it is another campaign's."""
        import numpy as np

        stream = BytesIO()
        np.save(stream, np.frombuffer(data, np.uint8))
        try:
            self.unpacked(_archive(self.entries | {"tree.npy": stream.getvalue()}))
        except (KeyError, TypeError, RecursionError, OverflowError):  # as its docstring says
            return


def _array(values):
    import numpy as np

    return np.array(values)


class Parsers:
    """Parsers of data files: the first byte of an input chooses one."""

    def __init__(self):
        from scann_sklearn import datasets
        from tests.datasets.test_parsers import SAMPLES

        self.read = [getattr(datasets, f"read_{name}") for name in PARSERS]
        self.samples = [SAMPLES.get(name, (b"ham\tOk\n",))[0] for name in PARSERS]

    def seeds(self):
        """Inputs to begin with."""
        for number, content in enumerate(self.samples):
            yield bytes([number]) + content * 2

    def run(self, data):
        """Parse it."""
        self.read[data[0] % len(self.read) if data else 0](BytesIO(data[1:]))


TARGETS = {"models": Models, "checkpoints": Checkpoints, "parsers": Parsers}
_CODE = "from tests.campaigns.guided import fuzz; fuzz(*{arguments!r})"


def fuzz(name, runs, seed, folder):
    """Let Atheris run a target, in this process, which it ends."""
    import atheris

    with atheris.instrument_imports(include=["scann_sklearn"]):
        target = TARGETS[name]()
    counts, tally = {"accepted": 0, "refused": 0}, Path(folder, "counts.json")
    corpus = Path(folder, "corpus")
    corpus.mkdir()
    for number, content in enumerate(target.seeds()):
        Path(corpus, str(number)).write_bytes(content)

    def one(data):
        try:
            target.run(data)
            counts["accepted"] += 1
        except (ValueError, OSError):
            counts["refused"] += 1
        if sum(counts.values()) % 500 == 0 or sum(counts.values()) >= runs:
            tally.write_text(json.dumps(counts))

    options = {"runs": runs, "seed": seed + 1, "timeout": SECONDS, "rss_limit_mb": MEGABYTES}
    options |= {"max_len": 4096, "artifact_prefix": f"{folder}/failure-", "verbosity": 0}
    words = [f"-{option}={value}" for option, value in options.items()]
    atheris.Setup([name, *words, str(corpus)], one)
    atheris.Fuzz()


def carry_out(name, runs, seed):
    """Record of a target."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        code = _CODE.format(arguments=(name, runs, seed, folder))
        root = Path(__file__).parents[2]
        command = [sys.executable, "-W", "ignore", "-c", f"import sys, os; sys.path.insert(0, "
                   f"{str(root)!r}); os.chdir({folder!r}); {code}"]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True)
        counts = Path(folder, "counts.json")
        failures = sorted(Path(folder).glob("failure-*"))
        return {
            "target": name,
            "counts": json.loads(counts.read_text()) if counts.exists() else {},
            "inputs_that_reach_new_lines": len(list(Path(folder, "corpus").iterdir())),
            "seconds": round(time.monotonic() - begun, 1),
            "status": done.returncode,
            "failures": [base64.b64encode(path.read_bytes()).decode() for path in failures],
            "end": done.stderr.splitlines()[-25:] if done.returncode else [],
        }


def main():
    """Run all targets, print and write what came of them."""
    from benchmarks._results import Run

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=100_000, help="of all targets together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--into", type=Path, default=RESULTS, help="folder of the result")
    given = parser.parse_args()
    command = f"python -m tests.campaigns.guided --runs {given.runs} --seed {given.seed}"
    limits = {"seconds": SECONDS, "bytes": MEGABYTES * 2**20}
    run = Run("guided", given.into, command=command, seed=given.seed, limits=limits)
    for name in TARGETS:
        record = carry_out(name, given.runs // len(TARGETS), given.seed)
        run.add(record)
        print(json.dumps(record, indent=1), flush=True)
    run.finish()
    return any(record["status"] for record in run.records)


if __name__ == "__main__":
    sys.exit(main())
