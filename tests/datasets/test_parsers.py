"""The parsers, on some lines and on the real files, partial ones too."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import gzip
from io import BytesIO

import numpy as np
import pytest

from scann_sklearn import datasets

from ._serving import unix_compressed

HAR_LINE = b" " + b" ".join([b" 2.8858451e-001"] * 561) + b"\r\n"
SAMPLES = {
    "pendigits": (b" 47,100," + b" 27," * 14 + b" 8\n", 16, 8),
    "satimage": (b"92 " * 36 + b"3 \n", 36, 3),
    "dna": (b"2 1:1 5:1 180:1 \n", 180, 2),
    "letter": (b"T,2" + b",8" * 15 + b"\n", 16, "T"),
    "musk": (b"MUSK-211,211_1+1,46" + b",-108" * 165 + b",1.\n", 166, 1),
    "epileptic_seizure": (
        b'"","X1"' + b',"X2"' * 177 + b',"y"\n"X21.V1.791"' + b",-35" * 178 + b",4\n",
        178,
        4,
    ),
    "sensorless_drive": (b"-3.0146e-07 " * 48 + b"11\n", 48, 11),
    "airfoil": (b"800\t0\t0.3048\t71.3\t0.00266337\t126.201\r\n", 5, 126.201),
    "gas_turbine": (
        b"AT" + b",AP" * 9 + b",NOX\n4.6" + b",1018.7" * 9 + b",8.25\n",
        9,
        [1018.7, 8.25],
    ),
}
REGRESSION = ("airfoil", "gas_turbine")


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("pack", [bytes, gzip.compress, unix_compressed])
def test_one_row(name, pack, tmp_path):
    content, n_features, label = SAMPLES[name]
    read = getattr(datasets, f"read_{name}")
    place = tmp_path / "file"
    place.write_bytes(pack(content))
    for file in (place, str(place), BytesIO(pack(content))):
        data, target, *groups = read(file)
        assert data.shape == (1, n_features)
        assert data.dtype == np.float64
        assert target.tolist() == [label]
        kind = "<U1" if name == "letter" else "f8" if name in REGRESSION else "i8"
        assert target.dtype == kind
        assert [group.shape for group in groups] == [(1,)] * len(groups)


def test_values():
    data, _ = datasets.read_dna(BytesIO(SAMPLES["dna"][0]))
    assert np.flatnonzero(data[0]).tolist() == [0, 4, 179]
    data, _, groups = datasets.read_musk(BytesIO(SAMPLES["musk"][0]))
    assert data[0, :2].tolist() == [46, -108]
    assert groups.tolist() == ["MUSK-211"]
    data, _, groups = datasets.read_epileptic_seizure(BytesIO(SAMPLES["epileptic_seizure"][0]))
    assert data[0, 0] == -35
    assert groups.tolist() == ["V1.791"]
    data, _ = datasets.read_gas_turbine(BytesIO(SAMPLES["gas_turbine"][0]))
    assert data.tolist() == [[4.6, *[1018.7] * 8]]


def test_runs_of_airfoil():
    """Rows that differ in nothing but the frequency are of one run."""
    rows = [(800, 0, 0.3, 71.3), (1000, 0, 0.3, 71.3), (800, 1.5, 0.3, 71.3), (800, 0, 0.3, 39.6)]
    line = b"%g\t%g\t%g\t%g\t0.002\t126.2\n"
    content = b"".join(line % row for row in [*rows, rows[0]])
    _, _, groups = datasets.read_airfoil(BytesIO(content))
    assert groups.dtype == np.int64
    assert groups[0] == groups[1] == groups[4]
    assert sorted({*groups.tolist()}) == [0, 1, 2]


@pytest.mark.parametrize("name", SAMPLES)
def test_empty(name):
    with pytest.raises(ValueError, match="empty"):
        getattr(datasets, f"read_{name}")(BytesIO(b"\n"))


def test_another_number_of_columns():
    with pytest.raises(ValueError, match="has 3 columns, expected 17"):
        datasets.read_pendigits(BytesIO(b"1,2,3\n"))


def test_a_cut_line():
    line = SAMPLES["sensorless_drive"][0]
    with pytest.raises(ValueError, match="columns"):
        datasets.read_sensorless_drive(BytesIO(line + line[:50]))


def test_har():
    data, target, groups = datasets.read_har(
        BytesIO(HAR_LINE * 2), BytesIO(b"5\n6\n"), BytesIO(b"1\n30\n")
    )
    assert data.shape == (2, 561)
    assert (data == 0.28858451).all()
    assert target.tolist() == [5, 6]
    assert groups.tolist() == [1, 30]
    with pytest.raises(ValueError, match="1 rows of features, 2 of labels and 2 of subjects"):
        datasets.read_har(BytesIO(HAR_LINE), BytesIO(b"5\n6\n"), BytesIO(b"1\n30\n"))


def test_idx():
    images = bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6])
    array = datasets.read_idx(BytesIO(gzip.compress(images)))
    assert array.dtype == np.uint8
    assert array.tolist() == [[[1, 2, 3]], [[4, 5, 6]]]
    with pytest.raises(ValueError, match=r"has 5 values, but its shape is \(2, 1, 3\)"):
        datasets.read_idx(BytesIO(images[:-1]))
    with pytest.raises(ValueError, match="IDX"):
        datasets.read_idx(BytesIO(b"<html></html>"))
    for cut in (images[:3], images[:9]):
        with pytest.raises(ValueError, match="not the start of an IDX file of bytes"):
            datasets.read_idx(BytesIO(cut))
    assert array.flags.writeable


@pytest.mark.parametrize(
    ("part", "n_rows", "classes"), [("subset2200", 2200, range(1, 12)), ("head5748", 5748, [1, 2])]
)
def test_part_of_sensorless_drive(real_file, part, n_rows, classes):
    data, target = datasets.read_sensorless_drive(
        real_file(f"sendrive/Sensorless_drive_diagnosis.{part}.txt")
    )
    assert data.shape == (n_rows, 48)
    assert np.unique(target).tolist() == list(classes)


def test_one_year_of_gas_turbine(real_file):
    data, target = datasets.read_gas_turbine(real_file("gas_turbine/gt_2011.csv"))
    assert data.shape == (7411, 9)
    assert data[:2, 0].tolist() == [4.5878, 4.2932]
    assert target[:2].tolist() == [[0.32663, 81.952], [0.44784, 82.377]]


def test_training_part_of_har(real_file):
    names = ("X_train", "y_train", "subject_train")
    data, target, groups = datasets.read_har(*(real_file(f"har/train/{n}.txt") for n in names))
    assert data.shape == (7352, 561)
    assert data.min() == -1
    assert data.max() == 1
    assert np.unique(target).tolist() == [1, 2, 3, 4, 5, 6]
    assert len(np.unique(groups)) == 21


@pytest.mark.parametrize("pack", [bytes, gzip.compress, unix_compressed])
def test_texts(pack):
    content = b"ham\tOk\tlar\r\nspam\t\xc2\xa3100 prize\x0bnow\x85\n".replace(b"\x85", b"\xc2\x85")
    data, target = datasets.read_sms_spam(BytesIO(pack(content)))
    assert data.tolist() == ["Ok\tlar", "£100 prize\x0bnow\x85"]
    assert target.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"ham\tOk\negg\tNo\n", r"has 'egg\\tNo' in row 1, not 'ham' or 'spam'"),
        (b"ham Ok\n", "has 'ham Ok' in row 0"),
        (b"ham\tOk\n\nham\tOk\n", "has '' in row 1"),
        (b"ham\t\xa3100\n", "is not a text in UTF-8"),
        (b"", "is empty"),
    ],
)
def test_what_is_no_text(content, match):
    with pytest.raises(ValueError, match=match):
        datasets.read_sms_spam(BytesIO(content))
