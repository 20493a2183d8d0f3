"""What users do with `checkpoint`: clones, folds, searches, callbacks, seeds of all kinds."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import io
import pickle
import shutil
from contextlib import redirect_stdout

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_validate

from scann_sklearn import SchemeB
from scann_sklearn.callbacks import SynthesisProgress, TimeBudget
from scann_sklearn.synthesis import Train
from tests.classifier._callbacks import Callback, Interrupt
from tests.classifier._helpers import short
from tests.classifier._modules import FEW, convolutions

from ._fits import fingerprint, make
from ._left import changed, leave, resumed


def test_without_a_seed_the_entropy_is_kept(tmp_path):
    first = leave(tmp_path, at=20, random_state=None)
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(first, other)
    estimator, X, y = make("B", checkpoint=tmp_path, random_state=None)
    with pytest.raises(KeyboardInterrupt):  # later, in the same fit
        estimator.set_callbacks(Interrupt(30)).fit(X, y)
    assert first.read_bytes() != (other / first.name).read_bytes()
    found = {fingerprint(resumed(folder, random_state=None)[0]) for folder in (tmp_path, other)}
    assert len(found) == 1
    assert found != {fingerprint(resumed(tmp_path, random_state=None)[0])}  # a new one


def test_instances_of_random_states_count_by_their_states(tmp_path):
    whole, X, y = make("B", random_state=np.random.RandomState(7))
    leave(tmp_path, random_state=np.random.RandomState(7))
    other = leave(tmp_path, random_state=np.random.RandomState(8))
    rng = np.random.RandomState(7)
    assert fingerprint(resumed(tmp_path, random_state=rng)[0]) == fingerprint(whole.fit(X, y))
    assert list(tmp_path.iterdir()) == [other]
    # it has moved on as it does in a fit that nobody interrupts
    assert rng.randint(2**31) == whole.random_state.randint(2**31)


def test_weights_and_validation_data_are_part_of_it(tmp_path):
    whole, X, y = make("B")
    weight = np.linspace(1, 2, len(y))
    data = [(), (weight,)]
    keywords = [{}, {"X_val": X[::3], "y_val": y[::3]}]
    keywords += [{**keywords[1], "sample_weight_val": weight[::3]}]
    left = {}
    for args in data:
        for number, given in enumerate(keywords):
            estimator = clone(whole).set_params(checkpoint=tmp_path)
            with pytest.raises(KeyboardInterrupt):
                estimator.set_callbacks(Interrupt(30)).fit(X, y, *args, **given)
            left[len(args), number] = set(tmp_path.iterdir())
    assert len(set(tmp_path.iterdir())) == 6
    for args in data:
        for given in keywords:
            expected = fingerprint(clone(whole).fit(X, y, *args, **given))
            estimator = clone(whole).set_params(checkpoint=tmp_path)
            assert fingerprint(estimator.fit(X, y, *args, **given)) == expected
    assert list(tmp_path.iterdir()) == []


def test_warm_start_goes_on_from_what_was_fitted(tmp_path):
    first, X, y = make("B", n_connections=40, warm_start=True)
    first.fit(X, y)

    def going_on(**more):
        copy = pickle.loads(pickle.dumps(first))
        return copy.set_params(n_connections=15, **more)

    expected = fingerprint(going_on().fit(X, y))
    estimator = going_on(checkpoint=tmp_path).set_callbacks(Interrupt(20))
    with pytest.raises(KeyboardInterrupt):
        estimator.fit(X, y)
    fresh, _, _ = make("B", n_connections=15, warm_start=True, checkpoint=tmp_path)
    fresh.fit(X, y)  # of its own: nothing was fitted before
    assert len(list(tmp_path.iterdir())) == 1
    assert fingerprint(going_on(checkpoint=tmp_path).fit(X, y)) == expected
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("training", ["frozen", "joint"])
def test_a_torch_module_ahead(tmp_path, training):
    X, y = FEW
    module = convolutions()[:3] if training == "joint" else convolutions()  # without dropout

    def fit(**more):
        estimator = short("C", n_connections=300, random_state=0, **more)
        estimator.set_params(feature_extractor=module, extractor_training=training)
        return estimator.set_params(scheme__epochs=2, scheme__initial_epochs=2)

    images = X.reshape(-1, 1, 8, 8)
    expected = fit().fit(images, y)
    with pytest.raises(KeyboardInterrupt):
        fit(checkpoint=tmp_path).set_callbacks(Interrupt(7)).fit(images, y)
    assert len(list(tmp_path.iterdir())) == 1
    estimator = fit(checkpoint=tmp_path).fit(images, y)
    assert fingerprint(estimator) == fingerprint(expected)
    for a, b in zip(
        estimator.feature_extractor_.state_dict().values(),
        expected.feature_extractor_.state_dict().values(),
        strict=True,
    ):
        assert torch.equal(a, b)


def test_parallel_folds_and_searches(tmp_path):
    whole, X, y = make("B", n_connections=30)
    kept = clone(whole).set_params(checkpoint=str(tmp_path))
    expected = cross_validate(whole, X, y, cv=4)["test_score"]
    found = cross_validate(kept, X, y, cv=4, n_jobs=2)["test_score"]
    np.testing.assert_array_equal(found, expected)
    grid = {"n_connections": [20, 30], "max_loss": [0, 0.1]}
    expected = GridSearchCV(whole, grid, cv=2).fit(X, y).cv_results_["mean_test_score"]
    search = GridSearchCV(kept, grid, cv=2, n_jobs=2)
    np.testing.assert_array_equal(search.fit(X, y).cv_results_["mean_test_score"], expected)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(KeyboardInterrupt):  # in its second fit
        search.set_params(n_jobs=None, estimator=kept.set_callbacks(Interrupt(150))).fit(X, y)
    assert len(list(tmp_path.iterdir())) == 1
    search.set_params(estimator=clone(kept).set_callbacks())
    np.testing.assert_array_equal(search.fit(X, y).cv_results_["mean_test_score"], expected)
    assert list(tmp_path.iterdir()) == []


def test_the_time_before_counts(tmp_path, capsys):
    path = leave(tmp_path)
    changed(path, lambda tree: tree.update(seconds=3600.0))
    estimator, X, y = make("B", checkpoint=tmp_path, verbose=True)
    counting = Callback()
    estimator.set_callbacks(TimeBudget(3000), counting).fit(X, y)
    assert counting.ended.count("round") == 1
    assert "the time is up, 36" in capsys.readouterr().out


def test_what_the_user_sees(tmp_path, capsys):
    path = leave(tmp_path)
    estimator, X, y = make("B", checkpoint=tmp_path, verbose=True)
    estimator.fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"5 rounds: resumed from {path}"
    assert lines[1].startswith("round 5: ")
    leave(tmp_path)
    with redirect_stdout(io.StringIO()):
        estimator.set_callbacks(SynthesisProgress(), Shows()).fit(X, y)
    assert Shows.seen > 0


class Shows(Callback):
    """Looks at the state that callbacks get."""

    seen = 0.0

    def on_fit_task_end(self, estimator, context):
        if context.task_name == "epoch":
            Shows.seen = context.synthesis_state.seconds_before


def test_the_note_of_an_interruption(tmp_path):
    estimator, X, y = make("B", checkpoint=tmp_path)
    with pytest.raises(KeyboardInterrupt) as caught:
        estimator.set_callbacks(Interrupt(30)).fit(X, y)
    (path,) = tmp_path.iterdir()
    words = f"The next fit with the same data and parameters goes on from {path}."
    assert caught.value.__notes__[-1] == words


def test_errors_leave_the_file_and_divergence_doesnt(tmp_path):
    calls = []

    class Breaks(Callback):
        def on_fit_task_end(self, estimator, context):
            super().on_fit_task_end(estimator, context)
            calls.append(1)
            if len(calls) == 40:
                raise RuntimeError("of the user's")

    estimator, X, y = make("B", checkpoint=tmp_path)
    with pytest.raises(RuntimeError, match="of the user's"):
        estimator.set_callbacks(Breaks()).fit(X, y)
    assert len(list(tmp_path.iterdir())) == 1
    assert fingerprint(resumed(tmp_path)[0]) == fingerprint(make("B")[0].fit(X, y))
    steep = estimator.set_callbacks().set_params(learning_rate_init=1e30, solver="sgd")
    with pytest.raises(ValueError, match="no longer finite"):
        steep.fit(X, y)
    assert list(tmp_path.iterdir()) == []


class Generator(SchemeB):
    """A scheme of the former kind."""

    def rounds(self, synthesis, n_connections):
        """One round."""
        yield [Train(1)]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"scoring": lambda estimator, X, y: 0.0}, "scoring is a lambda"),
        ({"scheme": Generator()}, "can't be used with Generator: it defines rounds"),
    ],
)
def test_what_cant_be_told_apart_is_refused(tmp_path, parameters, words):
    estimator, X, y = make("B", checkpoint=tmp_path / "new", **parameters)
    with pytest.raises(TypeError, match=r"checkpoint=.*can't be used") as caught:
        estimator.fit(X, y)
    assert words in str(caught.value)
    assert not (tmp_path / "new").exists()


def test_it_is_no_part_of_what_is_fitted(tmp_path):
    plain, X, y = make("B")
    estimator = clone(plain).set_params(checkpoint=tmp_path / "new")
    assert fingerprint(estimator.fit(X, y)) == fingerprint(plain.fit(X, y))
    assert set(vars(estimator)) == set(vars(plain))
    loaded = pickle.loads(pickle.dumps(estimator))
    assert fingerprint(loaded) == fingerprint(plain)
    assert list((tmp_path / "new").iterdir()) == []
