"""Prediction with NumPy alone, and what its files are guarded against."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import io
import json
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from scipy.sparse import csr_array
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline

from scann_sklearn import DimReducer
from scann_sklearn.export import SparseModel
from scann_sklearn.model._model_file import FORMAT, VERSION
from scann_sklearn.model._program import Program
from tests.classifier._helpers import run_python, short
from tests.export._classes import assert_same_classes

MODELS = Path(__file__).parent / "models"

PREDICT = """
import sys
import numpy as np
from scann_sklearn.export import SparseModel
model = SparseModel.load(sys.argv[1])
data = np.load(sys.argv[2])
assert np.array_equal(model.predict(data["X"]), data["y"])
assert np.abs(model.predict_proba(data["X"]) - data["p"]).max() < 1e-6
print(sorted({"torch", "skorch", "sklearn", "scipy", "numba", "pandas"} & set(sys.modules)))
"""


@pytest.fixture
def saved(iris_case, tmp_path):
    """File of a model, and its entries."""
    path = tmp_path / "model.npz"
    SparseModel.from_estimator(iris_case.model).save(path)
    with np.load(path) as arrays:
        return path, dict(arrays)


def test_same_predictions(case, tmp_path):
    path = tmp_path / "model.npz"
    first = SparseModel.from_estimator(case.model)
    first.save(path)
    for model in (first, SparseModel.load(path)):
        assert_same_classes(model.predict(case.X), case.model, case.X)
        probabilities = model.predict_proba(case.X)
        expected = case.model.predict_proba(case.X)
        assert probabilities.dtype == expected.dtype
        tolerance = 1e-9 if expected.dtype == np.float64 else 1e-5
        np.testing.assert_allclose(probabilities, expected, atol=tolerance)
        assert model.n_features_in_ == case.X.shape[1]
        np.testing.assert_array_equal(model.classes_, np.unique(case.y))
    assert repr(model) == repr(first)
    assert f"connections={model.n_connections_})" in repr(model)


def test_a_fresh_process_imports_numpy_only(case, tmp_path):
    SparseModel.from_estimator(case.model).save(tmp_path / "model.npz")
    y, p = case.model.predict(case.X), case.model.predict_proba(case.X)
    np.savez(tmp_path / "data.npz", X=case.X, y=y, p=p)
    assert run_python(PREDICT, tmp_path / "model.npz", tmp_path / "data.npz").strip() == "[]"


def test_many_rows_go_through_in_parts(iris_case):
    model = SparseModel.from_estimator(iris_case.model)
    X = np.tile(iris_case.X, (60, 1))
    np.testing.assert_allclose(
        model.predict_proba(X), np.tile(model.predict_proba(iris_case.X), (60, 1)), rtol=1e-12
    )


@pytest.mark.parametrize("name", ["model", "model.npz", "model.bin"])
def test_the_file_has_the_name_that_was_given(iris_case, tmp_path, name):
    SparseModel.from_estimator(iris_case.model).save(str(tmp_path / name))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    SparseModel.load(tmp_path / name)


def test_files_are_small(digits_case, tmp_path):
    SparseModel.from_estimator(digits_case.model).save(tmp_path / "model.npz")
    assert (tmp_path / "model.npz").stat().st_size < 12 * digits_case.model.n_connections_ + 5000


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (np.array(["a", "b", "c"], object), "U"),
        (np.array(["a", "größer", "c"]), "U"),
        (np.array([0.0, 1.0, 2.0]), "f"),
        (np.array([-1, 0, 2**40]), "i"),
    ],
)
def test_labels(tmp_path, labels, kind):
    X, y = load_iris(return_X_y=True)
    clf = short().fit(X, labels[y])
    SparseModel.from_estimator(clf).save(tmp_path / "model.npz")
    model = SparseModel.load(tmp_path / "model.npz")
    assert model.classes_.dtype.kind == kind
    assert model.predict(X).tolist() == clf.predict(X).tolist()


def test_bad_samples(iris_case):
    model = SparseModel.from_estimator(iris_case.model)
    with pytest.raises(ValueError, match=r"X of shape \(2, 3\) doesn't fit"):
        model.predict(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="X holds nan in row 0, feature 1"):
        model.predict_proba([[0, np.nan, 0, 0]])
    for X in (csr_array(np.eye(4)), [list("abcd")], np.ones((1, 4)) * 1j):
        with pytest.raises(ValueError, match="X is not a table of numbers"):
            model.predict(X)


def test_an_embedding_is_refused():
    X, y = load_iris(return_X_y=True)
    reducer = DimReducer("spectral_embedding", n_components=2, n_landmarks=20, random_state=0)
    with pytest.raises(ValueError, match="not an affine map"):
        SparseModel.from_estimator(make_pipeline(reducer, short()).fit(X, y))


# --------------------------------------------------------------------------- released formats


def test_every_version_has_a_file():
    versions = {int(path.stem.removeprefix("version_")) for path in MODELS.glob("version_*.npz")}
    assert versions == set(range(1, VERSION + 1))


@pytest.mark.parametrize("path", sorted(MODELS.glob("*.npz")), ids=lambda path: path.stem)
def test_files_of_all_versions_load(path):
    """They were written when the version was new and are never written again."""
    expected = json.loads(path.with_suffix(".json").read_text())
    model = SparseModel.load(path)
    answers = model.predict(expected["X"])
    if "p" not in expected:
        np.testing.assert_allclose(answers, expected["y"], rtol=1e-9)
    else:
        assert answers.tolist() == expected["y"]
        np.testing.assert_allclose(model.predict_proba(expected["X"]), expected["p"], atol=1e-9)


# ----------------------------------------------------------------------------- damaged files


def test_truncated_files(saved):
    path, _ = saved
    data = path.read_bytes()
    for length in (0, 1, 10, len(data) // 3, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:length])
        with pytest.raises(ValueError, match="not a model file of scann-sklearn, or is damaged"):
            SparseModel.load(path)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_changed_byte_is_an_error_or_changes_nothing(saved, data):
    """Checksums cover the arrays; bytes that nobody reads may differ."""
    path, _ = saved
    content = bytearray((path.parent / "model.npz").read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    changed = path.parent / "changed.npz"
    changed.write_bytes(content)
    try:
        model = SparseModel.load(changed)
    except ValueError:
        return
    original = SparseModel.load(path)
    X = load_iris().data
    np.testing.assert_array_equal(model.predict_proba(X), original.predict_proba(X))
    np.testing.assert_array_equal(model.classes_, original.classes_)


@pytest.mark.parametrize("content", [b"", b"\x80\x04N.", b"PK\x03\x04", b"<html></html>"])
def test_foreign_files(tmp_path, content):
    path = tmp_path / "foreign"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"foreign is not a model file of scann-sklearn"):
        SparseModel.load(path)


def test_other_archives_are_foreign(tmp_path):
    np.savez(tmp_path / "other.npz", X=np.zeros(3))
    with pytest.raises(ValueError, match="it doesn't name its format"):
        SparseModel.load(tmp_path / "other.npz")
    np.savez(tmp_path / "other.npz", format="another", version=1)
    with pytest.raises(ValueError, match="its format is 'another'"):
        SparseModel.load(tmp_path / "other.npz")


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        SparseModel.load(tmp_path / "nothing.npz")


class _Bomb:
    def __reduce__(self):
        return print, ("executed",)


def test_pickles_are_not_loaded(saved, capsys):
    path, arrays = saved
    np.savez(path, **arrays | {"classes": np.array([_Bomb(), _Bomb(), _Bomb()], object)})
    with pytest.raises(ValueError, match="[Oo]bject arrays cannot be loaded"):
        SparseModel.load(path)
    path.write_bytes(pickle.dumps(_Bomb()))
    with pytest.raises(ValueError, match="not a model file"):
        SparseModel.load(path)
    assert "executed" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 99}, "its format version is 99, .* reads versions up to 6: update it"),
        ({"version": "one"}, "its format version is 'one'"),
        ({"version": 0}, "its format version is 0"),
        ({"format": np.array([FORMAT])}, "its format is"),
        ({"more": 1}, r"missing or too many: \['more'\]"),
        ({"weights": None}, r"missing or too many: \['weights'\]"),
        ({"n_features": 2.5}, "n_features is 2.5"),
        ({"n_linear": -1}, "n_linear is -1"),
        ({"n_features": 1}, "inputs don't rise within the 1 features"),
        ({"biases": np.zeros(3)}, "These arrays are not a network"),
        ({"weights": np.array(["x"])}, "weights is of shape"),
        ({"classes": np.array([1j, 2j, 3j])}, "Class labels are of dtype complex128"),
    ],
)
def test_changed_entries(saved, change, message):
    path, arrays = saved
    arrays |= change
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    with pytest.raises(ValueError, match=message):
        SparseModel.load(path)


def test_compressed_archives_are_refused(saved):
    """A few kilobytes could unpack to any size."""
    path, arrays = saved
    np.savez_compressed(path, **arrays)
    with pytest.raises(ValueError, match="it is compressed"):
        SparseModel.load(path)


def test_an_array_that_claims_to_be_huge(saved):
    path, arrays = saved
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        stream, {"descr": "<f8", "fortran_order": False, "shape": (2**50,)}
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            entry = io.BytesIO()
            np.lib.format.write_array(entry, array)
            content = stream.getvalue() if name == "weights" else entry.getvalue()
            archive.writestr(f"{name}.npy", content)
    with pytest.raises(ValueError, match="or is damaged"):
        SparseModel.load(path)


@pytest.mark.parametrize(
    "header",
    [
        "((",
        "{1: 2, 'descr': '<f8'}",
        "{[]: 1}",
        "{'descr': (), 'fortran_order': False, 'shape': (2,)}",
        f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({2**70},)}}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (True,)}",
    ],
)
@pytest.mark.parametrize("entry", ["format", "weights"])
def test_headers_that_numpy_stumbles_over(saved, header, entry):
    path, _ = saved
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    start = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header))
    entries[f"{entry}.npy"] = start + header.encode() + bytes(16)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    with pytest.raises(ValueError, match="or is damaged"):
        SparseModel.load(path)


@pytest.mark.parametrize(
    "change",
    [
        {"indptr": [0, 2**15 - 1, -2, 2]},
        {"inputs": [2**62 + 5, -(2**62) - 10]},
        {"classes": [7]},
    ],
)
def test_numbers_that_would_overflow_and_too_few_classes(change):
    """Between neighbours of the first two the differences are positive, modulo 2^16 and 2^64."""
    arrays = {"inputs": [0, 2], "indptr": [0, 0, 0, 2], "sources": [0, 1], "classes": [0, 1]}
    types = {"indptr": np.int16}
    arrays = {k: np.array(v, types.get(k, np.int64)) for k, v in (arrays | change).items()}
    with pytest.raises(ValueError, match="These arrays are not a network"):
        Program(
            n_features=7, n_linear=0, n_outputs=1, weights=np.ones(2), biases=np.zeros(3), **arrays
        )


def test_labels_that_are_objects_are_not_saved(tmp_path):
    model = SparseModel.from_estimator(short().fit(*load_iris(return_X_y=True)))
    object.__setattr__(model._program, "classes", np.array([None, 1, "a"], object))
    with pytest.raises(TypeError, match="can't be written without pickle"):
        model.save(tmp_path / "model.npz")
    assert not (tmp_path / "model.npz").exists()
