"""The file of a fit: locked, written seldom and whole, refused where it isn't in order."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import io
import os
import shutil
from contextlib import suppress
from functools import cache

import numpy as np
import pytest
from hypothesis import given, strategies as st

from scann_sklearn.resume import _pace
from scann_sklearn.resume._file import ResumeFile
from scann_sklearn.resume._identity import identity_of
from scann_sklearn.resume._pace import Pace
from scann_sklearn.resume._tree import packed, unpacked
from tests._disk import full_disk
from tests.classifier._callbacks import Stop

from ._fits import FITS, fingerprint, make
from ._left import changed, leave, resumed

ABOUT = identity_of({"a": 1}, "")


@cache
def expected(name="B"):
    estimator, X, y = make(name)
    return fingerprint(estimator.fit(X, y))


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    """A file that an interrupted fit has left, not to be changed."""
    return leave(tmp_path_factory.mktemp("left"))


@pytest.fixture
def path(left, tmp_path):
    """A copy of it."""
    return shutil.copy(left, tmp_path / left.name)


def tree_of(path):
    with open(path, "rb") as file:
        return unpacked(file.read())


def names(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def interrupt(file, content):
    """Use a file until somebody presses Ctrl-C."""
    file.offer(lambda: content, 0)
    with suppress(KeyboardInterrupt), file.in_use():
        raise KeyboardInterrupt


def test_two_at_once_have_two_files(tmp_path):
    first, second = (ResumeFile.open(tmp_path, ABOUT) for _ in range(2))
    assert first.path != second.path
    for file, number in ((first, 1), (second, 2)):
        interrupt(file, {"number": number})
    assert len(names(tmp_path)) == 2
    again, other = (ResumeFile.open(tmp_path, ABOUT) for _ in range(2))
    assert [file.content for file in (again, other)] == [{"number": 1}, {"number": 2}]
    with again.in_use():
        pass
    third = ResumeFile.open(tmp_path, ABOUT)
    assert third.content is None  # the second is still in use
    with other.in_use(), third.in_use():
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_was_left_comes_first(tmp_path):
    first, second = (ResumeFile.open(tmp_path, ABOUT) for _ in range(2))
    interrupt(second, {"of": "second"})
    with first.in_use():
        pass
    (tmp_path / f".{os.path.basename(second.path)[:-4]}.part").write_bytes(b"torn")
    last = ResumeFile.open(tmp_path, ABOUT)
    assert last.content == {"of": "second"}
    with last.in_use():
        pass
    assert list(tmp_path.iterdir()) == []


class Clock:
    """A clock that is set."""

    now = 0.0

    def __call__(self):
        return self.now


@given(
    st.lists(st.tuples(st.floats(0, 20), st.floats(0.001, 2), st.integers(0, 10**9)), max_size=60)
)
def test_writes_cost_a_fiftieth_of_the_time(steps):
    # rounds of some seconds, each offered to a disk that takes any time
    clock = Clock()
    pace, costs, last = Pace(clock), [], 0.0
    for seconds, cost, n_bytes in steps:
        clock.now += seconds
        if pace.is_due(n_bytes):
            assert clock.now - last >= 60 * max([0.01, *costs[-1:]])
            with pace.measured():
                clock.now += cost
            costs.append(cost)
            last = clock.now
    # what each write has cost, the fit has waited fifty times afterwards
    assert sum(costs[:-1]) <= 0.02 * clock.now


def test_short_fits_write_nothing(tmp_path):
    clock = Clock()
    file = ResumeFile.open(tmp_path, ABOUT)
    file._pace = Pace(clock)
    clock.now = 0.4
    file.offer(lambda: {"a": 1}, 0)
    assert names(tmp_path) == []
    clock.now = 0.6
    file.offer(lambda: {"a": 2}, 0)
    assert len(names(tmp_path)) == 1
    with file.in_use():
        pass


def test_a_full_disk_is_a_warning(path, monkeypatch):
    monkeypatch.setattr(_pace, "_TIMES", 0)
    with open(path, "rb") as file:
        before = file.read()
    with full_disk(500):
        estimator, found = resumed(path)
    (warning,) = [words for words in found if "can't be written" in words]
    assert str(path) in warning
    assert "File too large" in warning
    assert fingerprint(estimator) == expected()
    assert not os.path.exists(path)  # the fit has ended
    with open(path, "wb") as file:
        file.write(before)
    estimator, X, y = make("B", checkpoint=path)
    estimator.set_callbacks(Fails(3))
    monkeypatch.setattr(_pace, "_TIMES", 10**9)
    with full_disk(500), pytest.raises(KeyboardInterrupt) as caught:
        estimator.fit(X, y)
    assert any("can't be written" in note for note in caught.value.__notes__)
    with open(path, "rb") as file:
        assert file.read() == before


class Fails(Stop):
    """Ctrl-C in the n-th round."""

    def __init__(self, n):
        super().__init__("round", n)

    def on_fit_task_end(self, estimator, context):
        if super().on_fit_task_end(estimator, context):
            raise KeyboardInterrupt


def test_a_folder_that_cant_be_used_is_an_error_before_the_fit(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    estimator, X, y = make("B teacher", checkpoint=str(tmp_path / "file" / "folder"))
    estimator.set_params(teacher__n_estimators=0)  # its fit would be an error
    with pytest.raises(NotADirectoryError, match=r"checkpoint='.*folder' can't be used: Not a"):
        estimator.fit(X, y)
    estimator.set_params(checkpoint=str(tmp_path / "absent.npz"))
    with pytest.raises(FileNotFoundError, match="there is no such file; to begin, give a folder"):
        estimator.fit(X, y)


def test_a_name_that_no_file_can_have():
    with pytest.raises(ValueError, match=r"checkpoint='a\\x00b' can't be used: embedded null"):
        ResumeFile.open("a\0b", ABOUT)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_read_only_folder(tmp_path):
    user, folders = os.geteuid(), (tmp_path, *tmp_path.parents[:-2])
    before = [folder.stat().st_mode for folder in folders]
    tmp_path.chmod(0o500)
    if user == 0:  # root may write anywhere; whoever can't has to get there
        for folder, mode in zip(folders, (0o555, *(mode | 0o555 for mode in before[1:]))):
            folder.chmod(mode)
        os.seteuid(65534)
    try:
        with pytest.raises(PermissionError, match="can't be used: Permission denied"):
            ResumeFile.open(tmp_path, ABOUT)
    finally:
        os.seteuid(user)
        for folder, mode in zip(folders, before):
            folder.chmod(mode)


def refused(path, match, checkpoint=None):
    """The file is refused, and stays as it is."""
    with open(path, "rb") as file:
        before = file.read()
    estimator, X, y = make("B", checkpoint=path if checkpoint is None else checkpoint)
    with pytest.raises(ValueError, match=match) as caught:
        estimator.fit(X, y)
    assert str(path) in str(caught.value)
    with open(path, "rb") as file:
        assert file.read() == before


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("by_folder", [True, False])
def test_torn_files_are_refused(path, tmp_path, share, by_folder):
    size = os.path.getsize(path)
    os.truncate(path, int(share * size))
    refused(path, "it is damaged", tmp_path if by_folder else None)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x04N.", b"hello" * 1000])
def test_foreign_files_are_refused(path, tmp_path, content):
    with open(path, "wb") as file:
        file.write(content)
    refused(path, "is no checkpoint", tmp_path)


def test_nothing_is_unpickled(path):
    class Bad:
        def __reduce__(self):
            return (os.mkdir, (f"{path}.ran",))

    file = io.BytesIO()
    np.savez(
        file,
        allow_pickle=True,
        format=np.array("scann-sklearn checkpoint"),
        version=np.array(1),
        tree=np.array([Bad()], dtype=object),
    )
    with open(path, "wb") as target:
        target.write(file.getvalue())
    refused(path, "Object arrays cannot be loaded")
    assert not os.path.exists(f"{path}.ran")


def test_flipped_bits_are_found_or_change_nothing(left, tmp_path):
    content, rng = left.read_bytes(), np.random.default_rng(0)
    for place in rng.integers(len(content), size=25):
        flipped = bytearray(content)
        flipped[place] ^= 1 << int(rng.integers(8))
        (tmp_path / left.name).write_bytes(flipped)
        try:
            estimator, _ = resumed(tmp_path)
        except ValueError as refusal:
            found = str(refusal)
            os.unlink(tmp_path / left.name)
        else:
            found = fingerprint(estimator)
        assert found == expected() or "left as it is" in found


def _of_network(tree):
    return tree["content"]["fits"]["0"]["memory"]["network"]


def _widen(tree):
    _of_network(tree)["topology"]["n_inputs"] += 1


def _point_outside(tree):
    _of_network(tree)["topology"]["indices"][-1] = 10**6


def _drop_a_weight(tree):
    _of_network(tree)["weight"] = _of_network(tree)["weight"][:-1]


def _infinite(tree):
    _of_network(tree)["weight"][0] = np.inf


def _forget(tree):
    del tree["content"]["fits"]["0"]["streams"]["noise"]


def _teach_a_word(tree):
    tree["content"]["fits"]["0"]["taught"] = "word"


def _score_by_a_word(tree):
    tree["content"]["fits"]["0"]["memory"]["past"][0][2] = "word"


def _count_by_a_word(tree):
    tree["content"]["fits"]["0"]["memory"]["past"][0][0] = "word"


def _other_dtype(tree):
    network = _of_network(tree)
    for name in ("weight", "bias"):
        network[name] = network[name].astype(np.float32)
    network["moments"] = []


@pytest.mark.parametrize(
    "change",
    [
        _widen,
        _point_outside,
        _drop_a_weight,
        _infinite,
        _forget,
        _other_dtype,
        _teach_a_word,
        _score_by_a_word,
        _count_by_a_word,
    ],
)
def test_what_doesnt_fit_is_refused(path, change):
    changed(path, change)
    refused(path, "it is damaged")


def test_targets_of_a_teacher_that_dont_fit_are_refused(tmp_path):
    path = leave(tmp_path, "B teacher")
    changed(path, lambda tree: tree["content"]["fits"]["0"].update(taught=np.zeros((3, 2))))
    estimator, X, y = make("B teacher", checkpoint=tmp_path)
    with pytest.raises(ValueError, match=r"targets of a teacher that are float64 of shape \(3, 2"):
        estimator.fit(X, y)


def test_a_named_file_says_what_differs(path):
    estimator, X, y = make("B", checkpoint=path)
    with pytest.raises(ValueError, match="X was float64 of shape.* and is others") as caught:
        estimator.fit(X + 1, y)
    assert "y was" not in str(caught.value)
    estimator.set_params(tol=0.5)
    with pytest.raises(ValueError, match="of another fit: tol was 0.0001 and is 0.5. It was left"):
        estimator.fit(X, y)
    assert fingerprint(resumed(path)[0]) == expected()
    assert not os.path.exists(path)


def test_a_named_file_that_is_in_use(path):
    file = ResumeFile.open(path, tree_of(path)["identity"])
    estimator, X, y = make("B", checkpoint=path)
    with pytest.raises(BlockingIOError, match="another fit is using it"):
        estimator.fit(X, y)
    with file.in_use():
        pass


def test_another_version(path, tmp_path, monkeypatch):
    monkeypatch.setattr("scann_sklearn.resume._file.__version__", "99.0")
    refused(path, "scann_sklearn was .* and is 99.0")
    assert fingerprint(resumed(tmp_path)[0]) == expected()  # in a file of another name
    assert names(tmp_path) == [os.path.basename(path)]


def test_a_later_format(path):
    tree = tree_of(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scann_sklearn.resume._tree.VERSION", 2)
        content = packed(tree)
    with open(path, "wb") as file:
        file.write(content)
    refused(path, "reads versions up to 1: update it")


def test_another_processor_is_said(path):
    changed(path, lambda tree: tree["facts"].update(processor="abacus"))
    estimator, found = resumed(path)
    (warning,) = [words for words in found if "written elsewhere" in words]
    assert "processor was abacus and is" in warning
    assert fingerprint(estimator) == expected()


def test_trees_come_back_as_they_were():
    rng = np.random.default_rng(0)
    tree = {
        "a": [1, 2.5, None, True, "ü", float("inf"), 2**200],
        "b": {str(k): rng.integers(9, size=k).astype(d) for k, d in enumerate("bhilBfd?")},
        "c": np.zeros((3, 0, 2), np.float32),
    }
    back = unpacked(packed(tree))
    assert back["a"] == tree["a"]
    for name, array in (*tree["b"].items(), ("c", tree["c"])):
        other = back["c"] if name == "c" else back["b"][name]
        np.testing.assert_array_equal(other, array, strict=True)
    with pytest.raises(TypeError, match="can't hold a ndarray"):
        packed({"a": np.array([None])})


def test_all_fits_are_of_their_own(tmp_path):
    # what every one of them is about has another name
    found = {leave(tmp_path, name, at=20).name for name in ("B", "B sgd", "A", "C folds", "labels")}
    assert len(found) == 5
    assert set(FITS) > {"B", "A"}
