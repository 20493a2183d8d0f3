"""The schemes as the paper prints them: what they do, told by their histories."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import pytest
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

from scann_sklearn import SCANNClassifier
from scann_sklearn.network import Topology
from scann_sklearn.synthesis import SchemeA, SchemeB, SchemeC
from scann_sklearn.synthesis._plan import Goal, View

from ._run import Observer, synthesise

X, Y = load_iris(return_X_y=True)
X = scale(X)
LAYERS = (6, 4)
PUBLISHED = {cls: cls.as_published(epochs=1, iterations=3) for cls in (SchemeA, SchemeB, SchemeC)}


@pytest.mark.parametrize("scheme", [SchemeA(pruning_ratio=None), PUBLISHED[SchemeB]])
def test_pruning_at_once_needs_a_bound(scheme):
    with pytest.raises(ValueError, match=r"pruning_ratio=None.*n_connections.*not 'auto'"):
        SCANNClassifier(scheme).fit(X, Y)


def sizes_of(scheme, n_connections):
    """Operations of the history with the connections that each left, in order."""
    clf = SCANNClassifier(
        scheme, hidden_layer_sizes=LAYERS, n_connections=n_connections, random_state=0
    ).fit(X, Y)
    found = [(r["round"], r["operation"], r["n_connections"]) for r in clf.history_]
    return [(operation, size) for _, operation, size in dict.fromkeys(found)], clf


def test_scheme_b_as_published_grows_back_to_its_start():
    sizes, clf = sizes_of(PUBLISHED[SchemeB], 20)
    full = Topology.dense(4, 3, n_hidden=10).n_connections
    growth = ("grow connections", int(0.9 * full))
    assert sizes[0] == ("train", full)
    assert sizes[2::2] == [growth, growth]
    assert [operation for operation, _ in sizes[1::2]] == ["prune connections"] * 3
    assert all(15 <= size <= 20 for _, size in sizes[1::2])
    hidden = [r["n_hidden"] for r in clf.history_ if r["operation"] == "grow connections"]
    assert hidden == [10, 10]  # all neurons are back


def test_scheme_c_as_published_grows_back_to_the_perceptron():
    sizes, clf = sizes_of(PUBLISHED[SchemeC], 20)
    full = 4 * 6 + 6 * 4 + 4 * 3
    assert sizes[0] == ("train", full)
    assert sizes[2::2] == [("grow connections", full)] * 2
    assert all(15 <= size <= 20 for _, size in sizes[1::2])
    assert clf.n_connections_ <= 20


@pytest.mark.parametrize("n_connections", ["auto", 12])
def test_scheme_a_as_published(n_connections):
    sizes, clf = sizes_of(PUBLISHED[SchemeA], n_connections)
    full = Topology.dense(4, 3, n_hidden=6).n_connections  # 60 % of ten neurons
    assert sizes[0] == ("train", full)
    assert sizes[1][0] == "prune connections"
    assert sizes[1][1] <= max(0.05 * full, 3)
    operations = [operation for operation, _ in sizes[2:]]
    one_round = ["grow connections", "grow neurons", "prune connections"]
    last = [] if n_connections == "auto" else ["prune connections"]
    assert operations == one_round * 3 + last
    assert n_connections == "auto" or clf.n_connections_ <= n_connections


@pytest.mark.parametrize("scheme", PUBLISHED.values(), ids=lambda s: type(s).__name__)
def test_the_progress_of_published_schemes(scheme):
    observer = Observer()
    synthesis = synthesise(scheme, X, Y, LAYERS, 20, observer)
    view = View(synthesis.network, LAYERS, tuple(synthesis.past))
    assert scheme.n_rounds(view, Goal(20)) == len(observer.rounds)
    assert scheme.next_round(view, Goal(20)) is None
