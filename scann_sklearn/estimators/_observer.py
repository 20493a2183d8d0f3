"""What a fit reports: tasks of scikit-learn's callbacks, and lines on the screen."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from scann_sklearn.estimators._fit import Fit
from scann_sklearn.estimators._fitted import fitted_attributes


class Observer:
    """Reports rounds and epochs to scikit-learn's callbacks and, if asked, prints them.

    Parameters
    ----------
    fit : Fit
        The fit to report on.
    context : sklearn.callback.CallbackContext
        Root of the estimator's tree of tasks.
    """

    def __init__(self, fit: Fit, context) -> None:
        self.fit, self.context = fit, context
        self.stopped = False
        self.prefix = ""
        data = fit.train
        self.hook_data = {
            "estimator": fit.estimator,
            "X": data.X,
            "y": lambda: fit.head.answers(data.y),
        }

    def _attributes(self) -> dict[str, Any]:
        # data come as arrays to what is made of it: it knows no names of features
        model = self.fit.to_model(self.fit.latest())
        return fitted_attributes(model) | {"feature_names_in_": None}

    @contextmanager
    def running(self) -> Iterator[None]:
        """The whole fit as a task; one that is interrupted doesn't end."""
        self.context.call_on_fit_task_begin(**self.hook_data)
        yield
        self.context.call_on_fit_task_end(
            **self.hook_data,
            reconstruction_attributes=lambda: (
                {n: value for n, value in vars(self.fit.estimator).items() if n.endswith("_")}
                | {"feature_names_in_": None}
            ),
        )

    @contextmanager
    def fold(self, fit: Fit, number: int) -> Iterator[Observer]:
        """A fold of a cross-validation as a task; yields what reports on its rounds."""
        observer = Observer(fit, self.context.subcontext(task_name="fold", max_subtasks=None))
        observer.prefix = f"fold {number}, "
        with observer.running():
            yield observer

    @contextmanager
    def round(self, number: int, epochs: int) -> Iterator[Observer]:
        """A round of the synthesis as a task with one subtask an epoch."""
        self.stopped = False
        self.task = self.context.subcontext(task_name="round", max_subtasks=epochs)
        self.task.call_on_fit_task_begin(**self.hook_data)
        yield self
        self.stopped = self.task.call_on_fit_task_end(
            **self.hook_data, reconstruction_attributes=self._attributes
        )
        if self.fit.estimator.verbose:
            s = self.fit.synthesis
            print(
                f"{self.prefix}round {number}: {s.network.n_connections} connections, "
                f"{s.network.n_hidden} hidden neurons, validation score {s.last_score:.4f}",
                flush=True,
            )

    def epoch_ends(self) -> bool:
        """Report an epoch; true if a callback asks to end the training phase."""
        epoch = self.task.subcontext(task_name="epoch")
        epoch.call_on_fit_task_begin(**self.hook_data)
        return epoch.call_on_fit_task_end(
            **self.hook_data, reconstruction_attributes=self._attributes
        )
