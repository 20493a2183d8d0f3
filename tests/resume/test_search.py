"""A search that was killed goes on from the fits that had ended."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import subprocess
import sys

import numpy as np
import pytest
from sklearn.model_selection import ShuffleSplit

from scann_sklearn.resume import _pace
from tests.classifier._helpers import ROOT, same_network
from tests.model_selection.test_steerage import IRIS, OURS, Table, scann, table

from ._left import changed

COUNTED = ("params", *OURS, "mean_test_score", "split0_test_score", "rank_test_score")
FITS: list = []
STOP_AT: list = []


class Counted(Table):
    """Counts its fits, of which one presses Ctrl-C."""

    def fit(self, X, y, sample_weight=None):
        super().fit(X, y, sample_weight)
        FITS.append((self.a, self.b))
        if len(FITS) in STOP_AT:
            raise KeyboardInterrupt
        return self


@pytest.fixture(autouse=True)
def _forget():
    FITS.clear()
    STOP_AT.clear()


def counted(**parameters):
    return table(**parameters).set_params(estimator=Counted())


def same(a, b):
    for name in COUNTED:
        np.testing.assert_array_equal(a.cv_results_[name], b.cv_results_[name])
    timeless = [[{**r, "seconds": 0} for r in search.history_] for search in (a, b)]
    return repr(timeless[0]) == repr(timeless[1]) and a.best_params_ == b.best_params_


@pytest.mark.parametrize("n", [1, 6, 13, 30, 33])  # the last one is the refit
def test_interrupted_in_any_round(tmp_path, n):
    whole = counted().fit(*IRIS)
    n_fits = len(FITS)
    FITS.clear()
    STOP_AT.append(n)
    with pytest.raises(KeyboardInterrupt):
        counted(checkpoint=tmp_path).fit(*IRIS)
    assert len(list(tmp_path.iterdir())) == (n > 1)
    STOP_AT.clear()
    search = counted(checkpoint=tmp_path).fit(*IRIS)
    assert len(FITS) == n_fits + 1  # the one that was interrupted
    assert same(search, whole)
    assert list(tmp_path.iterdir()) == []


def test_local_candidates_go_on_from_networks_that_are_fitted_again(tmp_path, capsys):
    whole = scann().fit(*IRIS)
    assert "local" in whole.cv_results_["stage"]

    real = type(whole)._carry_out_batch

    def stopped(self, journal, *rest):
        """Is interrupted before its last round."""
        if len(journal.trials) >= 8:
            raise KeyboardInterrupt
        real(self, journal, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(whole), "_carry_out_batch", stopped)
        with pytest.raises(KeyboardInterrupt):
            scann(checkpoint=tmp_path).fit(*IRIS)
    assert len(list(tmp_path.iterdir())) == 1
    search = scann(checkpoint=tmp_path, verbose=1)
    search.fit(*IRIS)
    assert "resumed from" in capsys.readouterr().out.splitlines()[0]
    assert same(search, whole)
    assert same_network(search.best_estimator_[-1], whole.best_estimator_[-1])
    assert list(tmp_path.iterdir()) == []


def test_splits_and_random_numbers_are_kept(tmp_path):
    given = {"random_state": None, "cv": ShuffleSplit(2), "checkpoint": tmp_path}
    STOP_AT.extend([10, 25])
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            counted(**given).fit(*IRIS)
        (path,) = tmp_path.iterdir()
    content = {}
    changed(path, lambda tree: content.update(tree["content"]))
    search = counted(**given).fit(*IRIS)
    assert len(FITS) == 33 + 2
    for (train, test), (a, b) in zip(search._journal.splits, content["splits"], strict=True):
        np.testing.assert_array_equal(train, a)
        np.testing.assert_array_equal(test, b)
    assert search._journal.seed == content["seed"]


def test_other_data_begin_anew(tmp_path):
    STOP_AT.append(20)
    with pytest.raises(KeyboardInterrupt):
        counted(checkpoint=tmp_path).fit(*IRIS)
    FITS.clear()
    STOP_AT.clear()
    counted(checkpoint=tmp_path).fit(IRIS[0] + 1, IRIS[1])
    assert len(FITS) == 33
    (path,) = tmp_path.iterdir()
    with pytest.raises(ValueError, match="X was float64 of shape .* and is others"):
        counted(checkpoint=path).fit(IRIS[0] + 1, IRIS[1])
    path.write_bytes(b"foreign")
    with pytest.raises(ValueError, match="is no checkpoint"):
        counted(checkpoint=tmp_path).fit(*IRIS)
    assert path.read_bytes() == b"foreign"


def test_the_time_before_counts(tmp_path):
    STOP_AT.append(20)
    with pytest.raises(KeyboardInterrupt):
        counted(checkpoint=tmp_path).fit(*IRIS)
    (path,) = tmp_path.iterdir()
    changed(path, lambda tree: tree.update(seconds=100.0))
    search = counted(checkpoint=tmp_path, time_budget=50.0).fit(*IRIS)
    assert len(search.history_) == 2  # those that had begun, and no more


CHILD = """
import sys
from scann_sklearn.resume import _pace
from tests.model_selection.test_steerage import IRIS, scann
from tests.resume._halting import Halting

_pace._TIMES = 0
sys.stdout = Halting(sys.stdout, 1)
scann(checkpoint=sys.argv[1], verbose=1, n_iter=6, n_local=0).fit(*IRIS)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_a_killed_process(tmp_path, capsys):
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.readline().startswith("round 0")
        process.kill()
        process.communicate()
    (path,) = tmp_path.glob("*.npz")
    search = scann(checkpoint=tmp_path, verbose=1, n_iter=6, n_local=0).fit(*IRIS)
    assert f"resumed from {path}" in capsys.readouterr().out
    assert same(search, scann(n_iter=6, n_local=0).fit(*IRIS))


def test_both_keep_in_one_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(_pace, "_TIMES", 0)
    search = scann(checkpoint=tmp_path, n_iter=5, n_local=1)
    search.set_params(estimator__scann__checkpoint=tmp_path)
    assert same(search.fit(*IRIS), scann(n_iter=5, n_local=1).fit(*IRIS))
    assert list(tmp_path.iterdir()) == []
