"""Damaged and hostile files: documented errors that name the file, and no flood of memory."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import contextlib
import gzip
import tracemalloc
import zipfile
from io import BytesIO

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from scann_sklearn import datasets
from scann_sklearn.datasets._fetch import DataFile, fetch_files
from scann_sklearn.datasets._packed import decompress

from ._serving import lzw_bomb, lzw_compressed, unix_compressed, zipped
from .test_parsers import HAR_LINE, REGRESSION, SAMPLES

ZEROS = bytes(20_000_000)
BOMB = lzw_bomb(7000)
CONTENT = b"1 2 3\n" * 1000


def read(name, content):
    return getattr(datasets, f"read_{name}")(BytesIO(content))


@contextlib.contextmanager
def little_memory(n_bytes=15_000_000):
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < n_bytes
    finally:
        tracemalloc.stop()


# ------------------------------------------------------------------------------------ archives


@pytest.mark.parametrize("widest", [10, 12, 16])
@pytest.mark.parametrize("n_symbols", [1, 3, 200])
def test_unix_compress(widest, n_symbols):
    content = np.random.default_rng(0).integers(n_symbols, size=40_000, dtype=np.uint8).tobytes()
    for cleared_after in (300, 10**9):
        packed = lzw_compressed(content, widest, cleared_after)
        assert decompress(packed) == content
        with pytest.raises(ValueError, match="can't be unpacked: it holds more than 39999 bytes"):
            decompress(packed, 39_999)


@pytest.mark.parametrize("packed", [gzip.compress(ZEROS), BOMB])
@pytest.mark.parametrize("suffix", [".gz", ".Z"])
def test_a_bomb_in_the_data_home(tmp_path, packed, suffix):
    place = tmp_path / f"table.txt{suffix}"
    place.write_bytes(packed)
    file = DataFile("table.txt", (), sha256="0" * 64, n_bytes=len(CONTENT) + len(packed))
    with little_memory(), pytest.raises(OSError, match=r"table\.txt.*holds more than"):
        fetch_files([file], tmp_path)
    place.rename(tmp_path / "table.txt")
    (tmp_path / "table.txt").write_bytes(ZEROS)
    with little_memory(), pytest.raises(OSError, match=r"table\.txt.*holds more than"):
        fetch_files([file], tmp_path)


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/a.zip#table.txt", zipped({"table.txt": ZEROS})),
        ("/a.zip#b.zip#table.txt", zipped({"b.zip": zipped({"table.txt": ZEROS})})),
        ("/table.txt.Z", BOMB),
        ("/a.zip#table.txt.Z", zipped({"table.txt.Z": BOMB})),
    ],
)
def test_a_bomb_from_a_server(server, tmp_path, address, page):
    server.pages[address.partition("#")[0]] = page
    file = DataFile("table.txt", (server.url + address,), sha256="0" * 64, n_bytes=10**6)
    with little_memory(), pytest.raises(OSError, match=r"'table\.txt'(.|\n)*holds more than"):
        fetch_files([file], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_other_methods_of_zip_are_refused(server, tmp_path):
    """bz2 and lzma unpack without a limit."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("table.txt", CONTENT)
    server.pages["/a.zip"] = buffer.getvalue()
    file = DataFile("table.txt", (server.url + "/a.zip#table.txt",), sha256="0" * 64)
    with pytest.raises(OSError, match="a method other than deflate"):
        fetch_files([file], tmp_path)


def test_a_bomb_for_a_parser(tmp_path):
    path = tmp_path / "pendigits.tra"
    path.write_bytes(gzip.compress(bytes(2**26 + 1)))
    with pytest.raises(ValueError, match=r"pendigits\.tra.*holds more than"):
        datasets.read_pendigits(path)


DAMAGED = {
    "cut": lambda packed: packed[:-9],
    "cut early": lambda packed: packed[:12],
    "header only": lambda packed: packed[:2],
    "a changed checksum": lambda packed: packed[:-8] + b"\0\0\0\0" + packed[-4:],
    "a changed block": lambda packed: packed[:12] + b"\xff\xff\xff" + packed[15:],
    "an unknown method": lambda packed: packed[:2] + b"\xff" + packed[3:],
    "more behind it": lambda packed: packed + b"more",
}


@pytest.mark.parametrize("damage", DAMAGED)
@pytest.mark.parametrize("pack", [gzip.compress, unix_compressed])
def test_damaged_archives(tmp_path, damage, pack):
    packed = DAMAGED[damage](pack(CONTENT))
    (tmp_path / "table.txt.gz").write_bytes(packed)
    file = DataFile("table.txt", (), sha256="0" * 64)
    with pytest.raises(OSError, match=r"table\.txt\.gz' can't be used"):
        fetch_files([file], tmp_path)
    with pytest.raises(ValueError, match=r"table\.txt\.gz"):
        datasets.read_satimage(tmp_path / "table.txt.gz")


# -------------------------------------------------------------------------------------- tables


LABELS = ["nan", "inf", "3.7", "1e300", "99999999999999999999", "-", "x", ""]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("name", [name for name in SAMPLES if name not in REGRESSION])
def test_labels_that_are_none(name, label):
    content, _, right = SAMPLES[name]
    old = b"%d" % right if name != "letter" else b"T"
    head, tail = content.rsplit(old, 1) if name not in ("dna", "letter") else (b"", content[1:])
    with pytest.raises(ValueError, match="BytesIO"):
        read(name, content + head + label.encode() + tail)


@pytest.mark.parametrize("target", ["nan", "-inf", "1e999", "-", "x", "1.2.3", "", "?"])
@pytest.mark.parametrize("name", REGRESSION)
def test_targets_that_are_no_numbers(name, target):
    content = SAMPLES[name][0]
    line = content.splitlines()[-1]
    separator = b"\t" if name == "airfoil" else b","
    with pytest.raises(ValueError, match="BytesIO"):
        read(name, content + line.rpartition(separator)[0] + separator + target.encode() + b"\n")


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999"])
def test_values_that_are_no_numbers(value):
    for name, old in (
        ("pendigits", b" 27"),
        ("satimage", b"92"),
        ("sensorless_drive", b"-3.0146e-07"),
        ("airfoil", b"0.3048"),
    ):
        content = SAMPLES[name][0]
        with pytest.raises(
            ValueError, match=r"(nan|inf) in row 1, column \d, which is not a finite"
        ):
            read(name, content + content.replace(old, value.encode(), 1))
    for name, old in (
        ("letter", b",8"),
        ("musk", b",-108"),
        ("epileptic_seizure", b",-35"),
        ("gas_turbine", b",1018.7"),
    ):
        content = SAMPLES[name][0].replace(old, b"," + value.encode(), 1)
        with pytest.raises(
            ValueError, match=r"(nan|inf) in row 0, column \d, which is not a finite"
        ):
            read(name, content)
    har = HAR_LINE.replace(b"2.8858451e-001", value.encode(), 1)
    with pytest.raises(ValueError, match="in row 0, column 0"):
        datasets.read_har(BytesIO(har), BytesIO(b"5\n"), BytesIO(b"1\n"))
    with pytest.raises(ValueError, match="finite"):
        read("dna", b"2 1:1 5:" + value.encode() + b"\n")


@pytest.mark.parametrize("label", LABELS[:-1])
def test_labels_of_har(label):
    for files in ((label, "1"), ("5", label)):
        with pytest.raises(ValueError, match="BytesIO"):
            datasets.read_har(BytesIO(HAR_LINE), *(BytesIO(f"{text}\n".encode()) for text in files))


def test_the_row_of_a_wrong_label_is_told():
    content = SAMPLES["satimage"][0]
    with pytest.raises(ValueError, match=r"has the label 3.7 in row 2, not an integer"):
        read("satimage", content * 2 + content.replace(b"3 \n", b"3.7\n"))


def test_a_long_text_is_neither_kept_nor_quoted():
    rows = SAMPLES["letter"][0] * 2000
    with little_memory(30_000_000), pytest.raises(ValueError, match="not a table") as info:
        read("letter", rows + b"T" * 100_000 + SAMPLES["letter"][0][1:])
    assert len(str(info.value)) < 500


def test_a_long_word_is_not_quoted_by_others():
    """Its error would take forty times the memory."""
    for name in ("dna", "satimage", "musk"):
        content = SAMPLES[name][0] + bytes(10**7)
        with little_memory(25_000_000), pytest.raises(ValueError, match="a word of 100 bytes"):
            read(name, content)


def test_rows_without_values():
    with little_memory(), pytest.raises(ValueError, match="50000 rows with 0 values"):
        read("dna", b"1\n" * 50_000)


@pytest.mark.parametrize(
    "content",
    [
        bytes([0, 0, 8, 3]) + b"\xff" * 12,
        bytes([0, 0, 8, 3]) + bytes(4) + b"\xff" * 8,
        bytes([0, 0, 8, 200]) + b"\0\0\0\1" * 200 + b"x",
        bytes([0, 0, 8, 255]) + bytes(4 * 255),
    ],
)
def test_shapes_of_idx_files(content):
    with pytest.raises(ValueError, match="BytesIO") as info:
        read("idx", content)
    assert len(str(info.value)) < 500


PARSERS = [*SAMPLES, "idx"]
IDX = bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6])
EDITS = st.lists(
    st.tuples(st.integers(0, 2**16), st.integers(0, 3), st.binary(max_size=6)), max_size=4
)


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    st.sampled_from(PARSERS),
    st.sampled_from([bytes, gzip.compress, unix_compressed]),
    EDITS,
    EDITS,
    st.integers(0, 3),
)
def test_any_damage_is_a_value_error(name, pack, before, after, cut):
    """Edits before the packing get past its checksums."""
    content = IDX if name == "idx" else SAMPLES[name][0] * 3
    damaged = edited(pack(edited(content, before)), after)
    with contextlib.suppress(ValueError):
        read(name, damaged[: len(damaged) - cut])


def edited(content, edits):
    content = bytearray(content)
    for at, n_lost, new in edits:
        at %= len(content) + 1
        content[at : at + n_lost] = new
    return bytes(content)
