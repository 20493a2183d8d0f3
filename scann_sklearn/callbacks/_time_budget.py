"""A limit to the time of a fit."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from numbers import Real

from scann_sklearn._constraints import Interval
from scann_sklearn.callbacks._tasks import begins_estimator, upwards
from scann_sklearn.model._model import HoldsModel


@dataclass(frozen=True)
class TimeBudget:
    """Callback that ends a synthesis when its time is up.

    Every fit has the whole budget, in a search too: set it on the classifier or regressor itself.
    A phase of training ends with the epoch in which the time is up, and the synthesis with its
    round, whose other steps are trained for one epoch each. So a fit takes at least one round.

    The result is that of any fit: ``path_`` and ``history_`` hold what has been tried, and
    ``n_connections`` is kept. Where no network has come down to it in time, the last one is
    pruned to it and trained for a tenth of the epochs so far, which are short ones: a bound far
    below the seed needs time to be reached.

    Where small data are cross-validated, every fold and the final fit have an equal share of the
    budget, and those that need less leave the rest to the next.

    Parameters
    ----------
    seconds : float
        The budget. It is counted from the end of the checks and of a teacher's fit, by the clock of
        the system.

    See Also
    --------
    SynthesisProgress : Shows how far a fit is.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from scann_sklearn import SCANNClassifier
    >>> from scann_sklearn.callbacks import TimeBudget
    >>> clf = SCANNClassifier(n_connections=30, random_state=0)
    >>> clf = clf.set_callbacks(TimeBudget(seconds=60)).fit(
    ...     *load_iris(return_X_y=True)
    ... )
    >>> clf.n_connections_ <= 30
    True
    """

    seconds: float

    def __post_init__(self) -> None:
        if not Interval(Real, 0, None, closed="neither").is_satisfied_by(self.seconds):
            raise ValueError(f"seconds must be a finite number above 0, got {self.seconds!r}.")

    def setup(self, estimator, context) -> None:
        """Check that there is a synthesis to end.

        Parameters
        ----------
        estimator : estimator
            What is fitted.
        context : sklearn.callback.CallbackContext
            Its task.

        Raises
        ------
        TypeError
            If the estimator synthesises nothing.
        """
        if not isinstance(estimator, HoldsModel):
            raise TypeError(
                "TimeBudget ends the fits of SCANNClassifier and SCANNRegressor, got a "
                f"{type(estimator).__name__}: set it on the classifier or regressor inside."
            )

    def on_fit_task_begin(self, estimator, context) -> None:
        """Do nothing.

        Parameters
        ----------
        estimator : estimator
            What is fitted.
        context : sklearn.callback.CallbackContext
            The task that begins.
        """

    def on_fit_task_end(self, estimator, context) -> bool:
        """Say whether the time is up.

        Parameters
        ----------
        estimator : estimator
            What is fitted.
        context : sklearn.callback.CallbackContext
            The task that ends.

        Returns
        -------
        stop : bool
            Whether what the task belongs to ends.
        """
        state = getattr(context, "synthesis_state", None)
        if state is None:
            return False
        fit = next(task for task in upwards(context) if begins_estimator(task))
        elapsed = (datetime.now(UTC) - fit.init_time).total_seconds()
        done = state.n_folds if state.fold is None else state.fold
        limit = self.seconds * (done + 1) / (state.n_folds + 1)
        is_up = elapsed >= limit
        if is_up and context.task_name == "round" and estimator.verbose:
            print(f"{state.phase}: the time is up, {elapsed:.1f} s of {limit:.1f} s", flush=True)
        return is_up

    def teardown(self, estimator, context) -> None:
        """Do nothing.

        Parameters
        ----------
        estimator : estimator
            What was fitted.
        context : sklearn.callback.CallbackContext
            Its task.
        """
