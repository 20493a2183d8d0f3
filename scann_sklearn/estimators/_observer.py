"""What a fit reports: tasks of scikit-learn's callbacks, and lines on the screen."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from scann_sklearn.callbacks._state import SynthesisState
from scann_sklearn.estimators._fit import Fit
from scann_sklearn.estimators._fitted import fitted_attributes
from scann_sklearn.network._compile import compilation_announced
from scann_sklearn.synthesis._plan import Goal


class Observer:
    """Reports rounds and epochs to scikit-learn's callbacks and, if asked, prints them.

    Parameters
    ----------
    fit : Fit
        The fit to report on.
    context : sklearn.callback.CallbackContext
        Root of the estimator's tree of tasks, or the task of a fold.
    bound : int, default=None
        Most connections of the result.
    n_folds : int, default=0
        Number of folds that come before the fit of the network that is kept.
    fold : int, default=None
        Number of the fold that it reports on, if it is one.
    seconds_before : float, default=0.0
        What an earlier process has spent on a fit that goes on.
    """

    def __init__(
        self, fit: Fit, context, *, bound=None, n_folds=0, fold=None, seconds_before=0.0
    ) -> None:
        self.fit, self.context = fit, context
        self.goal, self.n_folds, self.number = Goal(bound), n_folds, fold
        self.verbose = fit.estimator.verbose
        self.seconds_before, self.stopped = seconds_before, False
        data = fit.train
        self.hook_data = {
            "estimator": fit.estimator,
            "X": lambda: data.X,
            "y": lambda: fit.head.answers(data.y),
        }

    def _attributes(self) -> dict[str, Any]:
        # data come as arrays to what is made of it: it knows no names of features
        model = self.fit.to_model(self.fit.latest())
        ahead = {"_extractor_": self.fit.extractor_of(model.network)}
        return fitted_attributes(model) | ahead | {"feature_names_in_": None}

    def _chosen(self) -> dict[str, Any]:
        fitted = vars(self.fit.estimator).items()
        return {n: value for n, value in fitted if n.endswith("_")} | {"feature_names_in_": None}

    @contextmanager
    def running(self) -> Iterator[None]:
        """The whole fit as a task; one that is interrupted doesn't end."""
        self.context.call_on_fit_task_begin(**self.hook_data)
        with compilation_announced(self._print_compilation) if self.verbose else nullcontext():
            yield
        self.context.call_on_fit_task_end(**self.hook_data, reconstruction_attributes=self._chosen)

    @contextmanager
    def fold(self, fit: Fit, number: int) -> Iterator[Observer]:
        """A fold of a cross-validation as a task; yields what reports on its rounds."""
        task = self.context.subcontext(task_name="fold", max_subtasks=None)
        about = {"n_folds": self.n_folds, "seconds_before": self.seconds_before}
        observer = Observer(fit, task, fold=number, **about)
        task.call_on_fit_task_begin(**observer.hook_data)
        yield observer
        task.call_on_fit_task_end(
            **observer.hook_data, reconstruction_attributes=observer._attributes
        )

    @contextmanager
    def round(self, number: int, epochs: int) -> Iterator[Observer]:
        """A round of the synthesis as a task with one subtask an epoch."""
        s = self.fit.synthesis
        self.n_rounds = s.scheme.n_rounds(s.view, self.goal)
        self.round_number, self.epochs, self.epochs_done = number, epochs, 0
        self.task = self.context.subcontext(task_name="round", max_subtasks=epochs)
        self.task.call_on_fit_task_begin(**self.hook_data)
        yield self
        state = self._tell(self.task, 1.0)
        if self.verbose:
            print(
                f"{state.phase}: {state.n_connections} connections, "
                f"{state.n_hidden} hidden neurons, validation score {s.last_score:.4f}",
                flush=True,
            )
        self.stopped = self.task.call_on_fit_task_end(
            **self.hook_data, reconstruction_attributes=self._attributes
        )

    def epoch_ends(self) -> bool:
        """Report an epoch; true if a callback asks to end the training phase."""
        epoch = self.task.subcontext(task_name="epoch")
        epoch.call_on_fit_task_begin(**self.hook_data)
        self.epochs_done += 1
        self._tell(epoch, self.epochs_done / self.epochs)
        return epoch.call_on_fit_task_end(
            **self.hook_data, reconstruction_attributes=self._attributes
        )

    def _tell(self, task, done: float) -> SynthesisState:
        """Give a task the state of the synthesis; `done` is the share of the round."""
        s = self.fit.synthesis
        best = max(s.frontier, key=lambda point: point.score, default=None)
        task.synthesis_state = SynthesisState(
            self.round_number,
            s.network.n_connections,
            s.network.n_hidden,
            best_score=None if best is None else best.score,
            best_n_connections=None if best is None else best.n_connections,
            share=self._share(done),
            fold=self.number,
            n_folds=self.n_folds,
            seconds_before=self.seconds_before,
        )
        return task.synthesis_state

    def _share(self, done: float) -> float | None:
        if self.n_rounds is None:
            return None
        of_run = min((self.round_number + done) / self.n_rounds, 1.0)
        before = self.n_folds if self.number is None else self.number
        return (before + of_run) / (self.n_folds + 1)

    @staticmethod
    def _print_compilation() -> None:
        print("compiling kernels, once for this installation …", flush=True)
