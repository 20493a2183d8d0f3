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

    Set it on the classifier or regressor itself, inside of a search or pipeline too: each fit has
    the whole budget. The phase of training ends with the epoch in which the time is up. The
    synthesis ends with the current round, whose remaining steps are trained for one epoch each. A
    fit therefore takes at least one round.

    As after any other fit, ``path_`` and ``history_`` hold what has been tried, and the network
    has at most ``n_connections`` connections: if no network has become as small in time, the last
    one is pruned to this number and trained for a tenth of the epochs so far. A number far below
    that of the seed needs time to be reached well.

    If small data are cross-validated, each fold and the final synthesis get an equal share of the
    budget. What a fold does not need is left to the next ones.

    Parameters
    ----------
    seconds : float
        The budget in seconds of wall-clock time. It starts after the data have been checked and
        the teacher, if any, has been fitted.
        What an earlier process has spent on a fit that goes on from a
        `checkpoint` counts too.

    Raises
    ------
    ValueError
        If `seconds` is not a finite number above 0.

    See Also
    --------
    SynthesisProgress : Show the progress of a fit.

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
            The estimator that is fitted.
        context : sklearn.callback.CallbackContext
            The task of the fit.

        Raises
        ------
        TypeError
            If the estimator is not one that synthesises networks, such as a search or pipeline.
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
            The estimator that is fitted.
        context : sklearn.callback.CallbackContext
            The task that begins.
        """

    def on_fit_task_end(self, estimator, context) -> bool:
        """Decide whether the time is up.

        Parameters
        ----------
        estimator : estimator
            The estimator that is fitted.
        context : sklearn.callback.CallbackContext
            The task that ends.

        Returns
        -------
        stop : bool
            Whether to end the task that this one is a part of.
        """
        state = getattr(context, "synthesis_state", None)
        if state is None:
            return False
        fit = next(task for task in upwards(context) if begins_estimator(task))
        elapsed = state.seconds_before + (datetime.now(UTC) - fit.init_time).total_seconds()
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
            The estimator that was fitted.
        context : sklearn.callback.CallbackContext
            The task of the fit.
        """
