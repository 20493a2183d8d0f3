"""A save that fails leaves the older file; hostile model files take up no memory."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import contextlib
import struct
import tracemalloc
import zipfile
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from scann_sklearn.export import SparseModel, to_c, to_onnx
from tests._disk import full_disk


def _save(model, path):
    SparseModel.from_estimator(model).save(path)


@pytest.mark.parametrize("write", [_save, to_c, to_onnx])
def test_a_failed_save_leaves_the_older_file(iris_case, tmp_path, write):
    if write is to_onnx:
        pytest.importorskip("onnx")
    path = tmp_path / "model"
    write(iris_case.model, path)
    older = path.read_bytes()
    with full_disk(len(older) // 2), pytest.raises(OSError, match="File too large"):
        write(iris_case.model, path)
    assert path.read_bytes() == older
    assert [found.name for found in tmp_path.iterdir()] == ["model"]


# ------------------------------------------------------------------------------- hostile files


@pytest.fixture(scope="module")
def entries(iris_case, tmp_path_factory):
    """Entries of a model file by name."""
    path = tmp_path_factory.mktemp("models") / "model.npz"
    _save(iris_case.model, path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def npy(header, content=b"", version=(1, 0)):
    size = struct.pack("<H" if version == (1, 0) else "<I", len(header))
    return b"\x93NUMPY" + bytes(version) + size + header.encode("latin1") + content


def described(descr, shape, content=b"", fortran_order=False):
    header = {"descr": descr, "fortran_order": fortran_order, "shape": shape}
    return npy(repr(header), content)


def load(tmp_path, entries):
    """Load an archive of these entries; the error, and the bytes that it took."""
    path = tmp_path / "hostile.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries:
            archive.writestr(name, content)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"hostile\.npz") as info:
            SparseModel.load(path)
        return str(info.value), tracemalloc.get_traced_memory()[1] - path.stat().st_size
    finally:
        tracemalloc.stop()


HOSTILE = {
    "no bytes an item": described("|V0", (10**8,)),
    "no bytes a text": described("<U0", (10**8,)),
    "no bytes a row": described("<i8", (10**8, 0)),
    "many numbers": described("<i8", (10**8,)),
    "beyond any integer": described("<i8", (2**70,)),
    "negative": described("<i8", (-1, -1), bytes(8)),
    "a product that overflows": described("<i8", (2**32, 2**32), bytes(8)),
    "a field without bytes": described([("a", "V0")], (10**8,)),
    "a record": described([("a", "<i8")], (), bytes(8)),
    "an array an item": described(("<i8", (10**6,)), ()),
    "one in a row": described("<i8", (1,), bytes(8)),
    "a row in Fortran's order": described("<i8", (1,), bytes(8), fortran_order=True),
    "more bytes than it says": described("<i8", (), bytes(16)),
    "a long text": described("<U100000", (), "x".encode("utf-32-le") * 100_000),
    "a long header": npy("{" + " " * 60_000 + "}"),
    "a header of four gigabytes": npy("{}", version=(2, 0)).replace(b"\x02\0\0\0", b"\xff" * 4),
    "nested": npy("(" * 9000),
    "of a later version": npy("{}", version=(3, 0)),
}


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.parametrize("entry", ["n_features.npy", "sources.npy", "version.npy"])
def test_hostile_entries(entries, tmp_path, case, entry):
    message, n_bytes = load(tmp_path, (entries | {entry: HOSTILE[case]}).items())
    assert len(message) < 700
    assert n_bytes < 5_000_000


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_entries_that_occur_twice(entries, tmp_path):
    message, _ = load(tmp_path, [*entries.items(), ("format.npy", entries["format.npy"])])
    assert "occur twice" in message


def test_names_that_differ_in_the_ending_only(entries, tmp_path):
    message, _ = load(tmp_path, [*entries.items(), ("format", entries["format.npy"])])
    assert "occur twice" in message


def test_many_entries(entries, tmp_path):
    many = [(f"entry{i}", b"") for i in range(20_000)]
    message, n_bytes = load(tmp_path, [*entries.items(), *many])
    assert "many files" in message
    assert n_bytes < 5_000_000


def test_long_names(entries, tmp_path):
    message, _ = load(tmp_path, [*entries.items(), ("x" * 60_000, b"")])
    assert "missing or too many" in message
    assert len(message) < 500


def test_entries_that_share_their_bytes(entries, tmp_path):
    """Ten entries that are one, a megabyte long, would be ten megabytes."""
    big = described("<f8", (10**5,), bytes(8 * 10**5))
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("weights.npy", big)
        for name, content in entries.items():
            if name in ("format.npy", "version.npy"):
                archive.writestr(name, content)
        (shared, *_) = archive.infolist()
        for name in entries:
            if name not in archive.namelist():
                info = zipfile.ZipInfo(name)
                info.CRC, info.header_offset = shared.CRC, shared.header_offset
                info.file_size = info.compress_size = shared.file_size
                archive.filelist.append(info)
    path = tmp_path / "shared.npz"
    path.write_bytes(file.getvalue())
    with pytest.raises(ValueError, match="overlap"):
        SparseModel.load(path)


def test_numbers_that_are_no_characters(entries, tmp_path):
    classes = described("<U1", (3,), struct.pack("<3I", 97, 98, 0x110000))
    message, _ = load(tmp_path, (entries | {"classes.npy": classes}).items())
    assert "damaged" in message


_BYTES = st.tuples(st.integers(0, 2**16), st.binary(min_size=1, max_size=8))


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data(), st.lists(_BYTES, min_size=1, max_size=4))
def test_changed_headers_with_right_checksums(entries, tmp_path, data, edits):
    """zipfile's checksum notices any changed byte; here it is that of the changed entry."""
    name = data.draw(st.sampled_from(sorted(entries)))
    content = bytearray(entries[name])
    for at, new in edits:
        at %= len(content)
        content[at : at + len(new)] = new
    path = tmp_path / "changed.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for other, old in entries.items():
            archive.writestr(other, bytes(content) if other == name else old)
    with contextlib.suppress(ValueError):  # other weights or names make another valid model
        assert SparseModel.load(path).n_connections_ == SparseModel.load(path).n_connections_
