"""Files of models, checkpoints and skops that were changed: a message, or a model that is safe."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import json
import pickle
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import skops.io
from sklearn.datasets import load_iris

from scann_sklearn.export import SparseModel, skops_trusted_types
from scann_sklearn.resume._tree import packed, unpacked
from tests.campaigns import _mutations as mutations
from tests.campaigns._campaign import Campaign
from tests.classifier._helpers import short
from tests.early_exit._helpers import short as short_exits
from tests.regressor._helpers import short_regressor
from tests.resume._fits import make
from tests.resume._left import leave

MODELS = Path(__file__).parents[1] / "export" / "models"
_LEFT = ("B", "A bound", "exits", "maps", "NeST", "B teacher")


@dataclass
class Case:
    """A file and who reads it."""

    reader: str
    name: str
    content: bytes

    def __repr__(self):
        return f"{self.reader} of {self.name}: {len(self.content)} bytes"


class Executes:
    """Writes a file when it is unpickled."""

    def __reduce__(self):
        return open, ("executed", "w")


class Readers(Campaign):
    """``SparseModel.load``, checkpoints, and skops with the documented list of types."""

    name = "readers"
    documented = (ValueError, OSError)
    refuses_in = ("skops",)
    passed_through = ("numpy", "scipy")
    share = 0.45
    memory = 2**30
    # zipfile opens nothing; kernels are loaded
    permitted = ("ctypes.dlopen", "code.__new__")

    def prepare(self, folder):
        """Make the files that are changed."""
        self.models = {path.name: path.read_bytes() for path in sorted(MODELS.glob("*.npz"))}
        self.left = {}
        for number, name in enumerate(_LEFT):
            place = folder / str(number)
            place.mkdir()
            path = leave(place, name, at=12)
            self.left[name] = path.name, path.read_bytes()
        X, y = load_iris(return_X_y=True)
        fits = {"classifier": short(), "exits": short_exits(), "regressor": short_regressor()}
        self.X = X
        self.skops = {name: skops.io.dumps(fit.fit(X, y)) for name, fit in fits.items()}
        self.entries = {
            name: mutations.entries_of(content)
            for name, content in (self.models | self.skops).items()
        }

    def case(self, rng):
        """A changed file."""
        reader = str(rng.choice(["model", "checkpoint", "skops"], p=[0.6, 0.2, 0.2]))
        if reader == "checkpoint":
            name = str(rng.choice(_LEFT))
            content = self.left[name][1]
            change = self._changed_checkpoint
        else:
            files = self.models if reader == "model" else self.skops
            name = str(rng.choice(list(files)))
            content, change = files[name], self._changed_archive
        kind = rng.random()
        if kind < 0.25:
            content = mutations.edit(content, rng)
        elif kind < 0.97:
            content = change(reader, name, content, rng)
        else:
            content = _foreign(rng)
        return Case(reader, name, content)

    def _changed_archive(self, reader, name, content, rng):
        entries = self.entries[name]
        if reader == "skops" and rng.random() < 0.7:
            entries = _changed_skops(entries, rng)
        else:
            entries = mutations.changed_entries(entries, rng)
        return mutations.archive_of(entries, rng)

    def _changed_checkpoint(self, reader, name, content, rng):
        if rng.random() < 0.3:
            return mutations.archive_of(
                mutations.changed_entries(mutations.entries_of(content), rng), rng
            )
        tree = unpacked(content)
        for _ in range(int(rng.integers(1, 3))):
            _change_tree(tree["content"] if rng.random() < 0.9 else tree, rng)
        try:
            return packed(tree)
        except (TypeError, ValueError):  # an array that no checkpoint can hold
            return content

    def run(self, case):
        """Read it, and use what was read."""
        try:
            getattr(self, f"_run_{case.reader}")(case)
        finally:
            for path in Path.cwd().iterdir():
                assert path.name != "executed", "something was executed"
                if path.is_file():
                    path.unlink()

    def _run_model(self, case):
        path = Path("model.npz")
        path.write_bytes(case.content)
        model = SparseModel.load(path)
        if model.n_features_in_ > 10**6:
            return
        rng = np.random.default_rng(0)
        X = rng.normal(size=(5, model.n_features_in_))
        with np.errstate(all="ignore"):  # the weights may be any
            model.predict(X)
            if model._program.kind != "values":
                model.predict_proba(X)

    def _run_checkpoint(self, case):
        path = Path(self.left[case.name][0])
        path.write_bytes(case.content)
        estimator, X, y = make(case.name, checkpoint=path)
        try:
            estimator.fit(X, y)
        except ValueError:
            assert path.read_bytes() == case.content, "a file that was refused has changed"
            raise
        estimator.predict(X)

    def _run_skops(self, case):
        estimator = skops.io.loads(case.content, trusted=skops_trusted_types())
        with np.errstate(all="ignore"):
            estimator.predict(self.X)
            estimator.select(n_connections=10**6).predict(self.X)


def _foreign(rng):
    """Content of something else."""
    kinds = [
        lambda: b"",
        lambda: rng.bytes(int(rng.integers(1, 4000))),
        lambda: pickle.dumps(Executes()),
        lambda: mutations.archive_of({"a.npy": pickle.dumps(Executes())}, rng),
        lambda: _saved(rng, a=np.array([Executes()], object)),
        lambda: _saved(rng, format=np.array("scann-sklearn model"), version=np.array(1)),
        lambda: _saved(rng, weights=rng.normal(size=9)),
        lambda: b"PK\5\6" + bytes(18),
    ]
    return kinds[rng.integers(len(kinds))]()


def _saved(rng, **arrays):
    stream = BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def _changed_skops(entries, rng):
    """Entries of a file of skops with another schema, or other arrays."""
    entries = dict(entries)
    if rng.random() < 0.5:
        names = [name for name in entries if name != "schema.json"]
        name = names[rng.integers(len(names))]
        return entries | {
            name: mutations.changed_entries({name: entries[name]}, rng).get(name, b"")
        }
    schema = json.loads(entries["schema.json"])
    for _ in range(int(rng.integers(1, 3))):
        _change_tree(schema, rng)
    return entries | {"schema.json": json.dumps(schema, default=str).encode()}


_VALUES = (
    None, True, -1, 0, 1, 10**6, 2**31, 2**63, 10**30, 0.5, -0.5, 1e308, "", "spam", "torch",
    "os", "system", "builtins", "eval", [], [0], {}, {"a": 1}, [[]], "../../x", "1" * 5000,
)  # fmt: skip


def _change_tree(tree, rng):
    """Change one value somewhere in dicts and lists."""
    place, key = None, None
    while isinstance(tree, dict | list) and len(tree):
        place = tree
        keys = list(tree) if isinstance(tree, dict) else range(len(tree))
        key = keys[rng.integers(len(keys))]
        tree = tree[key]
    if place is None:
        return
    kind = rng.integers(6)
    if isinstance(tree, np.ndarray) and kind <= 3:
        found = mutations.changed_array(tree, rng)
        place[key] = found if isinstance(found, np.ndarray) else np.asarray(found)
    elif isinstance(tree, int | float) and kind <= 2:
        place[key] = tree + int(rng.choice([-1, 1, 10**6, -(10**9)]))
    elif kind == 5:
        del place[key]
    else:
        place[key] = _VALUES[rng.integers(len(_VALUES))]


CAMPAIGN = Readers
