"""Ctrl-C keeps the best network so far, says so, and is raised again."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from scann_sklearn.network import _inference
from tests._optional import lack

from ._callbacks import Callback, Interrupt
from ._helpers import ROOT, run_python, short


@pytest.mark.parametrize(
    ("scheme", "engine"), [("A", "compiled"), ("B", "compiled"), ("B", "torch"), ("C", "compiled")]
)
@pytest.mark.parametrize("n", [1, 8, 20])  # in, at the end of and after the first phase
@pytest.mark.parametrize("n_connections", ["auto", 15])
def test_in_an_epoch(iris, capsys, scheme, engine, n, n_connections):
    X, y = iris
    classifier = short(scheme, n_connections=n_connections, engine=engine)
    callback = Interrupt(n)
    with pytest.raises(KeyboardInterrupt) as caught:
        classifier.set_callbacks(callback).fit(X, y)
    assert callback.teardowns == 1
    message = capsys.readouterr().err
    assert "interrupted" in message
    assert f"{n} epoch" in message
    assert any("interrupted" in note for note in caught.value.__notes__)
    assert_fitted(classifier, X, y)
    assert classifier.n_iter_ == n
    if n_connections == 15:
        assert classifier.n_connections_ <= 15


def assert_fitted(classifier, X, y):
    assert classifier.predict(X).shape == y.shape
    assert np.isfinite(classifier.predict_proba(X)).all()
    assert len(classifier.path_) > 0
    assert classifier.select(max_loss=0).n_connections_ == classifier.path_[-1].n_connections
    assert classifier.weights_.nnz == classifier.n_connections_
    assert len(classifier.history_) == classifier.n_iter_


def test_the_best_so_far_is_kept(digits):
    X, y = digits
    interrupted, whole = short(), short().fit(X, y)
    with pytest.raises(KeyboardInterrupt):
        interrupted.set_callbacks(Interrupt(30)).fit(X, y)
    done = [record["validation_score"] for record in whole.history_[:30]]
    assert interrupted.path_[-1].validation_score == max(filter(None, done))


def test_between_rounds(iris):
    classifier = short().set_callbacks(Interrupt(2, task_name="round"))
    with pytest.raises(KeyboardInterrupt):
        classifier.fit(*iris)
    assert_fitted(classifier, *iris)


@pytest.mark.parametrize("bound", ["auto", 15])
def test_before_the_first_epoch_ends(iris, bound):
    class Early(Callback):
        def on_fit_task_begin(self, estimator, context):
            if context.task_name == "round":
                raise KeyboardInterrupt

    classifier = short(n_connections=bound).set_callbacks(Early())
    with pytest.raises(KeyboardInterrupt):
        classifier.fit(*iris)
    assert_fitted(classifier, *iris)
    assert classifier.n_iter_ == 0


def test_while_a_checkpoint_is_scored(iris):
    calls = []

    def scorer(estimator, X, y):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return estimator.score(X, y)

    classifier = short(scoring=scorer)
    with pytest.raises(KeyboardInterrupt):
        classifier.fit(*iris)
    assert_fitted(classifier, *iris)


def test_the_fit_can_go_on(iris):
    classifier = short("C", n_connections=25, warm_start=True).set_callbacks(Interrupt(12))
    with pytest.raises(KeyboardInterrupt):
        classifier.fit(*iris)
    left = classifier.n_connections_
    classifier.set_callbacks().fit(*iris)
    assert classifier.history_[0]["n_connections"] == left
    assert classifier.n_connections_ <= 25


@pytest.mark.parametrize("bound", ["auto", 15])
def test_a_search_stops_too(iris, bound):
    callback = Interrupt(5)
    search = GridSearchCV(
        short(n_connections=bound).set_callbacks(callback), {"max_loss": [0, 0.1, 0.2]}, cv=3
    )
    with pytest.raises(KeyboardInterrupt):
        search.fit(*iris)
    assert callback.ended.count("epoch") == 5
    assert not hasattr(search, "best_estimator_")


LONG_FIT = """
import sys
from sklearn.datasets import load_digits
from scann_sklearn import SCANNClassifier, SchemeB

X, y = load_digits(return_X_y=True)
bound = sys.argv[2] if sys.argv[2] == "auto" else int(sys.argv[2])
scheme = SchemeB(initial_epochs=2, epochs=200, iterations=1000)
classifier = SCANNClassifier(
    scheme, hidden_layer_sizes=(30,), engine=sys.argv[1], n_connections=bound, verbose=True
)
try:
    classifier.fit(X, y)
except KeyboardInterrupt:
    assert classifier.predict(X).shape == y.shape
    assert bound == "auto" or classifier.n_connections_ <= bound
    print("kept", classifier.n_connections_)
    raise
"""


@pytest.mark.parametrize(("engine", "bound"), [("compiled", "auto"), ("torch", 200)])
def test_a_real_signal(engine, bound):
    if sys.platform == "win32":
        lack("SIGINT")
    process = subprocess.Popen(
        [sys.executable, "-c", LONG_FIT, engine, str(bound)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline().startswith("round 0")
        time.sleep(0.3)  # into the next phase
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=600)
    finally:
        process.kill()
    assert "kept" in out
    assert "the fit was interrupted after" in err
    assert "validation score" in err
    assert "select takes another" in err
    assert "KeyboardInterrupt" in err
    assert process.returncode != 0


@pytest.fixture
def control_c_in_a_kernel(monkeypatch):
    """A signal that comes while the kernel of the second growth or pruning makes its tuple."""
    calls, real = [], _inference.activations

    def soon(*arguments):
        calls.append(1)
        if len(calls) == 2:
            signal.setitimer(signal.ITIMER_REAL, 1e-4)
        return real(*arguments)

    monkeypatch.setattr(_inference, "activations", soon)
    old = signal.signal(signal.SIGALRM, lambda *args: signal.raise_signal(signal.SIGINT))
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, old)


@pytest.mark.skipif(sys.platform == "win32", reason="has no timers")
@pytest.mark.usefixtures("control_c_in_a_kernel")
def test_a_signal_in_a_kernel_that_returns_a_tuple(digits):
    classifier = short(hidden_layer_sizes=(100,), n_connections=500)
    with pytest.raises(KeyboardInterrupt):
        classifier.fit(*digits)
    assert_fitted(classifier, *digits)


@pytest.mark.skipif(sys.platform == "win32", reason="has no timers")
@pytest.mark.usefixtures("control_c_in_a_kernel")
def test_a_signal_in_a_kernel_ends_a_search(digits):
    search = GridSearchCV(short(hidden_layer_sizes=(100,)), {"n_connections": [500, 400]}, cv=2)
    with pytest.raises(KeyboardInterrupt):
        search.fit(*digits)


RANDOM_MOMENTS = """
import random, signal, sys, time
from sklearn.datasets import load_digits
from tests.classifier._helpers import short

X, y = (part[:600] for part in load_digits(return_X_y=True))
signal.signal(signal.SIGALRM, lambda *args: signal.raise_signal(signal.SIGINT))
classifiers = [short("A"), short("B", n_connections=200)]
times = []
for classifier in classifiers:
    classifier.fit(X, y)  # compiles
    begin = time.perf_counter()
    classifier.fit(X, y)
    times.append(time.perf_counter() - begin)
moments, interrupts, kept = random.Random(0), 0, 0
for i in range(24):
    classifier = classifiers[i % 2]
    try:
        signal.setitimer(signal.ITIMER_REAL, moments.uniform(0.3, 1) * times[i % 2])
        classifier.fit(X, y)
        signal.setitimer(signal.ITIMER_REAL, 0)
    except KeyboardInterrupt:
        interrupts += 1
    if hasattr(classifier, "weights_"):  # on a busy machine it may come before there is a network
        classifier.predict(X)
        kept += 1
print(interrupts, kept)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no timers")
def test_real_signals_at_random_moments():
    interrupts, kept = map(int, run_python(RANDOM_MOMENTS).split())
    assert interrupts > 5
    assert kept > 12  # of 24


def test_before_there_is_a_network(iris, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("scann_sklearn.network._network.Network.initialize", interrupt)
    search = GridSearchCV(short(), {"n_connections": [15, 20]})
    with pytest.raises(KeyboardInterrupt):
        search.fit(*iris)
