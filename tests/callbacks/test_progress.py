"""One line for every fit: on a terminal, in a file, in a search, after an interruption."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import io
import pickle
import re
import sys
import time

import pytest
import rich
import skops.io
from rich.console import Console
from sklearn.callback import ProgressBar
from sklearn.datasets import load_digits, load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from scann_sklearn import DimReducer, SCANNRegressor
from scann_sklearn._sklearn import close_listener
from scann_sklearn.callbacks import SynthesisProgress, SynthesisState, TimeBudget
from scann_sklearn.callbacks._display import DISPLAY
from scann_sklearn.export import skops_trusted_types
from scann_sklearn.model_selection import CompressionSearchCV
from tests.classifier._callbacks import Callback, Interrupt
from tests.classifier._helpers import same_network, short

IRIS = load_iris(return_X_y=True)
DIGITS = tuple(part[:600] for part in load_digits(return_X_y=True))


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    assert not DISPLAY._fits
    assert not DISPLAY._lines


@pytest.fixture
def terminal(monkeypatch):
    """What a terminal of 100 columns gets, its codes removed."""
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    monkeypatch.setattr(rich, "get_console", lambda: console)
    return lambda: re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", console.file.getvalue())


class States(Callback):
    """Remembers what the contexts of epochs and rounds tell."""

    def __init__(self):
        super().__init__()
        self.seen = {"epoch": [], "round": [], "fold": [], "fit": []}

    def on_fit_task_end(self, estimator, context):
        self.seen[context.task_name].append(getattr(context, "synthesis_state", None))


def states_of(classifier, data):
    callback = States()
    classifier.set_callbacks(callback).fit(*data)
    return callback.seen


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
def test_states_of_a_fit_with_a_bound(scheme):
    classifier = short(scheme, n_connections=30)
    seen = states_of(classifier, IRIS)
    epochs, rounds = seen["epoch"], seen["round"]
    history = classifier.history_
    assert [s.n_connections for s in epochs] == [record["n_connections"] for record in history]
    assert [s.n_hidden for s in epochs] == [record["n_hidden"] for record in history]
    assert [s.round for s in rounds] == list(range(history[-1]["round"] + 1))
    assert epochs[0].best_score is epochs[0].best_n_connections is None
    assert rounds[-1].best_score == classifier.path_[-1].validation_score
    assert rounds[-1].best_n_connections == classifier.path_[-1].n_connections
    assert rounds[-1].share == 1
    assert seen["fit"] == [None]
    if scheme not in ("A", "NeST"):  # where growth ends is known when it ends
        shares = [s.share for s in epochs]
        assert shares == sorted(shares)
    assert {(s.fold, s.n_folds) for s in epochs} == {(None, 0)}
    assert rounds[0].phase == "round 0"


def test_states_of_a_cross_validated_fit():
    seen = states_of(short(validation_fraction="auto"), IRIS)
    rounds = seen["round"]
    assert {s.n_folds for s in rounds} == {5}
    assert list(dict.fromkeys(s.fold for s in rounds)) == [0, 1, 2, 3, 4, None]
    assert {rounds[0].phase, rounds[-1].phase} <= {
        "fold 1/5, round 0",
        f"final, round {rounds[-1].round}",
    }
    assert all(s.share <= (6 if s.fold is None else s.fold + 1) / 6 for s in rounds)
    assert len(seen["fold"]) == 5


def test_the_estimator_at_the_end_of_a_fold():
    scores = []

    class Reader(Callback):
        def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator=None):
            if context.task_name == "fold":
                scores.append(fitted_estimator.score(X, y))

    short(validation_fraction="auto").set_callbacks(Reader()).fit(*IRIS)
    assert len(scores) == 5
    assert max(scores) > 0.5


def test_states_are_plain():
    state = SynthesisState(3, 20, 5, 0.9, 25, None, fold=None, n_folds=0)
    assert pickle.loads(pickle.dumps(state)) == state
    assert state.phase == "round 3"


def test_a_line_in_a_file(capsys):
    classifier = short(n_connections=30).set_callbacks(SynthesisProgress()).fit(*IRIS)
    line, *others = capsys.readouterr().out.splitlines()
    assert others == []
    assert line.startswith("chosen")
    assert "100%" in line
    text = f"{classifier.n_connections_} connections, {classifier.n_hidden_} hidden, score "
    assert text in line
    assert "\x1b" not in line


def test_a_line_on_a_terminal(terminal):
    classifier = short(n_connections=30, hidden_layer_sizes=(100, 100))
    classifier.set_params(scheme__initial_epochs=40)  # long enough to be seen
    classifier.set_callbacks(SynthesisProgress()).fit(*DIGITS)
    shown = terminal()
    elapsed = r"0:\d\d:\d\d"  # minutes where kernels have to be compiled first
    size = r"\d+ connections, \d+ hidden"
    # which epochs are seen depends on the machine; the end of a round knows a best score
    assert re.search(rf"round \d+ +\S*━.* +\d+% {size}(, best 0\.\d+ at \d+)? +{elapsed}", shown)
    assert re.search(rf"chosen +━+ 100% {size}, score 0\.\d+ +{elapsed}", shown)
    assert max(map(len, re.split(r"[\r\n]", shown))) <= 100


def test_a_regressor(capsys):
    SCANNRegressor(short().scheme, hidden_layer_sizes=(5,), n_connections=10).set_callbacks(
        SynthesisProgress()
    ).fit(*IRIS)
    assert "chosen" in capsys.readouterr().out


def test_a_scheme_that_knows_no_number_of_rounds(capsys, monkeypatch):
    classifier = short(n_connections=30)
    monkeypatch.setattr(type(classifier.scheme), "n_rounds", lambda self, view, goal: None)
    seen = states_of(classifier, IRIS)
    assert {s.share for s in seen["round"]} == {None}
    classifier.set_callbacks(SynthesisProgress()).fit(*IRIS)
    assert "100%" in capsys.readouterr().out


def test_it_changes_nothing():
    with_it = short().set_callbacks(SynthesisProgress()).fit(*IRIS)
    assert same_network(with_it, short().fit(*IRIS))


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_a_search(capsys, n_jobs):
    pipe = Pipeline([("scale", StandardScaler()), ("scann", short())])
    grid = {"scann__n_connections": [20, 40, 60]}
    search = GridSearchCV(pipe, grid, cv=2, n_jobs=n_jobs, error_score="raise")
    search.set_callbacks(SynthesisProgress()).fit(*IRIS)
    fits, chosen = capsys.readouterr().out.splitlines()
    assert re.match(r"search +━+ 100% 6 of 6 fits +0:", fits)
    assert chosen.startswith("chosen")


class Slow(Callback):
    """Rounds take longer than a terminal waits until it shows the next picture."""

    def on_fit_task_end(self, estimator, context):
        if context.task_name == "round":
            time.sleep(0.15)


def test_lines_of_a_search_on_a_terminal(terminal):
    classifier = short().set_callbacks(Slow())
    search = GridSearchCV(classifier, {"n_connections": [100, 200]}, cv=2)
    search.set_callbacks(SynthesisProgress()).fit(*DIGITS)
    shown = terminal()
    assert re.search(r"  #\d round \d+ .* connections", shown)
    assert re.search(r"search .* [123] of 4 fits", shown)


class Elsewhere(SynthesisProgress):
    """Nobody can reach it, as on another machine."""

    def setup(self, estimator, context):
        super().setup(estimator, context)
        close_listener(self._listeners[context.root_uuid])


def test_a_fit_that_cant_reach_the_screen_goes_on(capsys):
    classifier = short(n_connections=30).set_callbacks(Elsewhere()).fit(*IRIS)
    assert same_network(classifier, short(n_connections=30).fit(*IRIS))
    assert "chosen" not in capsys.readouterr().out


@pytest.mark.filterwarnings("ignore:\\n1 fits failed:sklearn.exceptions.FitFailedWarning")
@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
def test_fits_that_fail_leave_no_line(capsys):
    class Fails(Callback):
        def on_fit_task_end(self, estimator, context):
            super().on_fit_task_end(estimator, context)
            if len(self.ended) == 10:
                raise ValueError("failed")

    classifier = short().set_callbacks(Fails())
    search = GridSearchCV(classifier, {"n_connections": [20, 30]}, cv=2)
    search.set_callbacks(SynthesisProgress()).fit(*IRIS)
    fits, chosen = capsys.readouterr().out.splitlines()
    assert "3 of 4 fits" in fits
    assert chosen.startswith("chosen")


def test_a_compression_search(capsys):
    pipe = Pipeline([("reduce", DimReducer(random_state=0)), ("scann", short(n_connections=20))])
    search = CompressionSearchCV(pipe, methods="pca", ratios=[1, 2], cv=2, max_drop=None)
    search.set_callbacks(SynthesisProgress()).fit(*IRIS)
    first, second, chosen = capsys.readouterr().out.splitlines()
    assert re.match(r"ratio 1 +━+ 100% 4 of 4 fits", first)
    assert re.match(r"ratio 2 +━+ 100% 2 of 2 fits", second)
    assert chosen.startswith("chosen")


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_functions_that_pass_on_no_callbacks(capfd, n_jobs):
    classifier = short(n_connections=30).set_callbacks(SynthesisProgress())
    cross_val_score(classifier, *IRIS, cv=3, n_jobs=n_jobs, error_score="raise")
    sys.stdout.flush()
    lines = capfd.readouterr().out.splitlines()
    if n_jobs is None:  # pytest doesn't always see what other processes print
        assert [line[:6] for line in lines] == ["chosen"] * 3


def test_fits_in_threads_share_the_screen(capsys):
    classifier = short(n_connections=30).set_callbacks(SynthesisProgress())
    from joblib import parallel_config

    with parallel_config("threading"):
        cross_val_score(classifier, *IRIS, cv=4, n_jobs=2, error_score="raise")
    lines = capsys.readouterr().out.splitlines()
    assert [line[:6] for line in lines] == ["chosen"] * 4


def test_together_with_scikit_learns_bars(capsys):
    classifier = short(n_connections=30)
    classifier.set_callbacks(SynthesisProgress(), ProgressBar()).fit(*IRIS)
    assert "chosen" in capsys.readouterr().out


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
@pytest.mark.parametrize("in_search", [False, True])
def test_an_end_before_the_end(terminal, error, in_search):
    class Broken(Interrupt):
        def on_fit_task_end(self, estimator, context):
            try:
                super().on_fit_task_end(estimator, context)
            except KeyboardInterrupt:
                raise error from None

    progress, broken = SynthesisProgress(), Broken(10)
    estimator = short(n_connections=30).set_callbacks(broken)
    if in_search:
        estimator = GridSearchCV(estimator, {"max_loss": [0.0, 0.1]}, cv=2, error_score="raise")
        estimator.set_callbacks(progress)
    else:
        estimator.set_callbacks(broken, progress)
    with pytest.raises(error):
        estimator.fit(*IRIS)
    assert progress._listeners == {}
    assert "connections" in terminal()
    assert "chosen" not in terminal()
    broken.n = -1
    estimator.fit(*IRIS)
    assert "chosen" in terminal()


def test_inside_of_a_search_it_is_refused():
    search = GridSearchCV(short().set_callbacks(SynthesisProgress()), {"max_loss": [0.1]}, cv=2)
    with pytest.raises(TypeError, match="Register them directly on the meta-estimator"):
        search.set_params(error_score="raise").fit(*IRIS)


def test_without_rich(monkeypatch):
    monkeypatch.setitem(sys.modules, "rich", None)
    with pytest.raises(ImportError, match="SynthesisProgress requires rich"):
        SynthesisProgress()


def test_pickling():
    progress = SynthesisProgress()
    assert isinstance(pickle.loads(pickle.dumps(progress)), SynthesisProgress)


def test_fitted_estimators_are_saved_with_their_callbacks():
    classifier = short(n_connections=30).set_callbacks(SynthesisProgress(), TimeBudget(60))
    classifier.fit(*IRIS)
    loaded = skops.io.loads(skops.io.dumps(classifier), trusted=skops_trusted_types())
    assert same_network(loaded, classifier)
    assert same_network(loaded.fit(*IRIS), classifier)
