"""The loaders: on the real files, and through their own addresses on a server of our own."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import hashlib
import importlib
from dataclasses import replace
from urllib.parse import urlsplit

import numpy as np
import pytest
from sklearn.utils import Bunch

from scann_sklearn import datasets
from scann_sklearn.datasets._fetch import fetch_files
from scann_sklearn.datasets._packed import decompress

from ._serving import move, serve

# samples, features, classes, train / validation / test, groups
TABLE = {
    "airfoil": (1503, 5, None, (918, 300, 285), 106),
    "dna": (3186, 180, 3, (1400, 600, 1186), None),
    "epileptic_seizure": (11500, 178, 2, (6560, 1620, 3320), 500),
    "gas_turbine": (36733, 9, None, (15039, 7152, 14542), 5),
    "har": (10299, 561, 6, (5881, 1471, 2947), 30),
    "letter": (20000, 16, 26, (10500, 4500, 5000), None),
    "mnist": (70000, 784, 10, (50000, 10000, 10000), None),
    "musk": (6598, 166, 2, (4100, 1000, 1498), 102),
    "pendigits": (10992, 16, 10, (5995, 1499, 3498), None),
    "satimage": (6435, 36, 6, (3104, 1331, 2000), None),
    "sensorless_drive": (58509, 48, 11, (40509, 9000, 9000), None),
    "smartphone_har_transitions": (10929, 561, 12, (6121, 1531, 3277), 30),
    "sms_spam": (5574, None, 2, (3636, 880, 1058), 5171),  # texts
}
# Lines that every file of the set has: of these nobody here has the whole, so they are made up.
GENERATED = ("har", "sensorless_drive", "smartphone_har_transitions")


def loader(name):
    return getattr(datasets, f"fetch_{name}")


def module(name):
    return importlib.import_module(f"scann_sklearn.datasets._{name}")


def lines(values):
    return b"".join(b"%d\n" % value for value in values)


def har_part(n_rows, n_classes, subjects):
    features = (b"  2.5000000e-001" * 561 + b"\r\n") * n_rows
    labels = lines(row % n_classes + 1 for row in range(n_rows))
    return features, labels, lines(subjects[row % len(subjects)] for row in range(n_rows))


def generated_contents(name):
    """Contents in the order of the loader's files, as many rows as the official ones."""
    if name == "sensorless_drive":
        line = b"1.5e-03 " * 48
        return [b"".join(line + b"%d\n" % label for label in range(1, 12) for _ in range(5319))]
    names = b"".join(b"%d name%d\n" % (i, i // 2) for i in range(561))
    n_rows, n_classes = ((7352, 2947), 6) if name == "har" else ((7767, 3162), 12)
    subjects = range(1, 22), range(22, 31)
    parts = [har_part(n, n_classes, of) for n, of in zip(n_rows, subjects, strict=True)]
    return [names, *parts[0], *parts[1]]


def real_contents(name, real_file):
    contents = []
    for file in module(name)._FILES:
        place = real_file(file.path)
        content = place.read_bytes()
        contents.append(content if place.name == file.path.split("/")[-1] else decompress(content))
    return contents


def check(bunch, name):
    n_samples, n_features, n_classes, parts, n_groups = TABLE[name]
    assert isinstance(bunch, Bunch)
    if n_features is None:
        assert bunch.data.shape == (n_samples,)
        assert {type(text) for text in bunch.data} == {str}
        n_features = 1
    else:
        assert bunch.data.shape == (n_samples, n_features)
        assert bunch.data.dtype == ("float32" if name == "mnist" else "float64")
    assert bunch.split.shape == (n_samples,)
    if n_classes is None:
        check_numbers(bunch)
    else:
        assert bunch.target.shape == (n_samples,)
        assert bunch.target.dtype.kind == ("U" if name == "letter" else "i")
        assert len(np.unique(bunch.target)) == len(bunch.target_names) == n_classes
    assert len(set(bunch.feature_names)) == len(bunch.feature_names) == n_features
    sizes = [np.sum(bunch.split == part) for part in ("train", "validation", "test")]
    assert tuple(sizes) == parts
    assert ("groups" in bunch) == (n_groups is not None)
    if n_groups:
        assert bunch.groups.shape == (n_samples,)
        assert len(np.unique(bunch.groups)) == n_groups
    assert bunch.frame is None
    for word in ("Source", "Licence", "[1]", str(n_samples)):
        assert word in bunch.DESCR
    assert "data_home" not in bunch.DESCR
    assert ">>>" not in bunch.DESCR


def check_numbers(bunch):
    """The targets of a regression."""
    assert bunch.target.dtype == "float64"
    assert len(bunch.target) == len(bunch.data)
    assert len(bunch.target_names) == (1 if bunch.target.ndim == 1 else bunch.target.shape[1])


@pytest.fixture(scope="module")
def real_bunch(real_file):
    """A function that loads a real data set once; skips where its files are absent."""
    loaded = {}

    def load(name):
        for file in module(name)._FILES:
            real_file(file.path)
        if name not in loaded:
            loaded[name] = loader(name)(download_if_missing=False)
        return loaded[name]

    return load


@pytest.mark.parametrize("name", TABLE)
def test_real_files(name, real_bunch):
    check(real_bunch(name), name)


REAL = [pytest.param(file, id=file.path) for name in TABLE for file in module(name)._FILES]


@pytest.mark.parametrize("file", REAL)
def test_each_real_file_has_its_published_identity(file, real_file):
    """Also the single files of those sets that are incomplete here."""
    real_file(file.path)
    fetch_files([file], download_if_missing=False)


@pytest.mark.parametrize("name", [name for name in TABLE if TABLE[name][2]])
def test_parts_are_stratified(name, real_bunch):
    bunch = real_bunch(name)
    for label in np.unique(bunch.target):
        here = bunch.target == label
        train, validation = (np.mean(here[bunch.split == p]) for p in ("train", "validation"))
        # DNA's validation rows are LIBSVM's, drawn without strata; of equal texts one is drawn.
        near = {"dna": 0.04, "sms_spam": 0.01}.get(name, 0.001)
        assert validation == pytest.approx(train, abs=near)


def test_official_test_sets_come_last(real_bunch):
    for name in ("dna", "gas_turbine", "letter", "mnist", "pendigits", "satimage"):
        split = real_bunch(name).split
        assert (split[-TABLE[name][3][2] :] == "test").all()


def test_known_values(real_bunch):
    assert real_bunch("pendigits").data[0, :4].tolist() == [47, 100, 27, 81]
    letters = real_bunch("letter")
    assert letters.target[:3].tolist() == ["T", "I", "D"]
    assert letters.data[0].tolist() == [2, 8, 3, 5, 1, 8, 13, 0, 6, 6, 10, 8, 0, 8, 0, 8]
    assert np.unique(real_bunch("satimage").target).tolist() == [1, 2, 3, 4, 5, 7]
    assert real_bunch("airfoil").data[0].tolist() == [800, 0, 0.3048, 71.3, 0.00266337]
    assert real_bunch("gas_turbine").target[0].tolist() == [0.32663, 81.952]
    assert real_bunch("musk").target.sum() == 1017
    assert real_bunch("epileptic_seizure").target.sum() == 2300
    mnist = real_bunch("mnist")
    assert mnist.target[:5].tolist() == [5, 0, 4, 1, 9]
    assert (mnist.data.min(), mnist.data.max()) == (0, 255)


# Drawn parts must never change, or results of different dates can't be compared.
DRAWN = {
    "airfoil": "ca712515cd261837",
    "epileptic_seizure": "7fdefe5a760414c0",
    "letter": "46a0e4a9558330e0",
    "mnist": "bfbae54540a17da2",
    "musk": "4b3eeb4b48952bbe",
    "pendigits": "99d5b33e7feffe00",
    "satimage": "fce2e1a7e57eaad5",
    "sms_spam": "541564f9cfef676d",
}


@pytest.mark.parametrize("name", DRAWN)
def test_parts_stay_the_same(name, real_bunch):
    split = real_bunch(name).split
    assert hashlib.sha256(" ".join(split).encode()).hexdigest()[:16] == DRAWN[name]


def test_splice_junctions_of_uci_are_the_rows_of_dna(real_bunch, real_file):
    """The names of the features: base and letter, T as zeros."""
    codes = {"A": [1, 0, 0], "C": [0, 1, 0], "G": [0, 0, 1], "T": [0, 0, 0]}
    sequences = set()
    for line in real_file("dna/splice.data").read_text().splitlines():
        label, _, bases = (word.strip() for word in line.split(","))
        if set(bases) <= set("ACGT"):  # a few have letters for ambiguous bases
            sequences.add((label, *(bit for base in bases for bit in codes[base])))
    dna = real_bunch("dna")
    labels = {1: "EI", 2: "IE", 3: "N"}
    found = [
        (labels[label], *row.astype(int)) in sequences
        for row, label in zip(dna.data, dna.target, strict=True)
    ]
    assert np.sum(found) == 3175
    assert dna.feature_names[:4] == ["base1_A", "base1_C", "base1_G", "base2_A"]


def test_recordings_have_23_seconds_of_one_kind(real_bunch):
    bunch = real_bunch("epileptic_seizure")
    _, recording, counts = np.unique(bunch.groups, return_inverse=True, return_counts=True)
    assert (counts == 23).all()
    assert set(np.bincount(recording, weights=bunch.target)) == {0, 23}


def test_runs_of_airfoil_are_in_one_part_each(real_bunch):
    bunch = real_bunch("airfoil")
    parts = {(run, part) for run, part in zip(bunch.groups, bunch.split, strict=True)}
    assert len(parts) == 106
    chords = bunch.data[:, bunch.feature_names.index("chord-length")]
    for part in ("train", "validation", "test"):
        assert len(np.unique(chords[bunch.split == part])) == 6


def test_equal_texts_are_in_one_part(real_bunch):
    bunch = real_bunch("sms_spam")
    assert bunch.target.sum() == 747
    assert bunch.data[1] == "Ok lar... Joking wif u oni..."
    parts = set(zip(bunch.data, bunch.split, strict=True))
    assert len(parts) == len(set(bunch.data)) == 5171
    framed = datasets.fetch_sms_spam(as_frame=True, download_if_missing=False)
    assert framed.data.tolist() == bunch.data.tolist()
    assert framed.frame.columns.tolist() == ["text", "target"]


def test_parts_of_gas_turbine_are_years(real_bunch):
    bunch = real_bunch("gas_turbine")
    assert (np.diff(bunch.groups) >= 0).all()
    years = {p: set(bunch.groups[bunch.split == p]) for p in ("train", "validation", "test")}
    assert years == {"train": {2011, 2012}, "validation": {2013}, "test": {2014, 2015}}


def test_ranges_that_the_documentation_tells(real_bunch):
    sound = real_bunch("airfoil").target
    assert (sound.min(), sound.max()) == (103.38, 140.987)
    turbine = real_bunch("gas_turbine")
    means = [turbine.target[turbine.split == part, 1].mean() for part in ("train", "test")]
    assert np.round(means).tolist() == [68, 60]


@pytest.mark.parametrize("name", ["airfoil", "dna", "letter", "musk"])
def test_return_X_y_and_as_frame(name, real_bunch):
    bunch = real_bunch(name)
    data, target = loader(name)(return_X_y=True, download_if_missing=False)
    np.testing.assert_array_equal(data, bunch.data)
    np.testing.assert_array_equal(target, bunch.target)
    framed = loader(name)(as_frame=True, download_if_missing=False)
    assert framed.data.columns.tolist() == bunch.feature_names
    assert framed.frame.shape == (len(data), data.shape[1] + 1)
    np.testing.assert_array_equal(framed.data, data)
    np.testing.assert_array_equal(framed.frame["target"], target)
    np.testing.assert_array_equal(framed.split, bunch.split)
    data, target = loader(name)(return_X_y=True, as_frame=True, download_if_missing=False)
    assert data.equals(framed.data)
    assert target.equals(framed.target)


def test_two_targets_as_frame(real_bunch):
    bunch = real_bunch("gas_turbine")
    framed = datasets.fetch_gas_turbine(as_frame=True, download_if_missing=False)
    assert framed.target.columns.tolist() == bunch.target_names == ["CO", "NOX"]
    assert framed.frame.columns.tolist() == [*bunch.feature_names, "CO", "NOX"]
    np.testing.assert_array_equal(framed.target, bunch.target)
    np.testing.assert_array_equal(framed.frame, np.hstack([bunch.data, bunch.target]))


ROUTES = [(name, number) for name in TABLE for number in range(len(module(name)._FILES[0].urls))]


@pytest.mark.parametrize(("name", "number"), ROUTES)
def test_download_by_each_address(name, number, server, empty_home, monkeypatch, real_file):
    """The server has the paths, archives and members that the loader's addresses name."""
    files = [move(file, server, [file.urls[number]]) for file in module(name)._FILES]
    if name in GENERATED:
        contents = generated_contents(name)
        files = [
            replace(file, sha256=hashlib.sha256(content).hexdigest(), n_bytes=len(content))
            for file, content in zip(files, contents, strict=True)
        ]
    else:
        contents = real_contents(name, real_file)
    serve(server, dict(zip(files, contents, strict=True)))
    monkeypatch.setattr(module(name), "_FILES", tuple(files))
    bunch = loader(name)()
    check(bunch, name)
    assert len(server.requests) == len({urlsplit(file.urls[0]).path for file in files})
    for file, content in zip(files, contents, strict=True):
        assert (empty_home / file.path).read_bytes() == content


@pytest.mark.parametrize("name", TABLE)
def test_nothing_there(name, empty_home):
    with pytest.raises(OSError, match="download_if_missing"):
        loader(name)(download_if_missing=False)
    assert not empty_home.exists()


def test_a_part_is_refused(tmp_path):
    part = tmp_path / "sendrive" / "Sensorless_drive_diagnosis.txt"
    part.parent.mkdir()
    part.write_bytes(generated_contents("sensorless_drive")[0])
    with pytest.raises(OSError, match=r"that of the official file is 9101c388.*read_\*"):
        datasets.fetch_sensorless_drive(data_home=tmp_path)
    data, _ = datasets.read_sensorless_drive(part)
    assert data.shape == (58509, 48)


@pytest.mark.parametrize("name", TABLE)
def test_each_file_has_one_identity(name):
    for file in module(name)._FILES:
        assert (len(file.sha256 or ""), len(file.git_blob or "")) in [(64, 0), (0, 40)]
