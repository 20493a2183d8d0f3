"""A line of progress for every fit."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from time import monotonic
from typing import Any

from scann_sklearn._sklearn import check_rich_support, close_listener, open_listener, send
from scann_sklearn.callbacks._display import DISPLAY, Message
from scann_sklearn.callbacks._tasks import is_parallel, is_synthesis, key_of, upwards

_SECONDS_BETWEEN_EPOCHS = 0.05  # more news than that nobody sees


class SynthesisProgress:
    """Callback that shows every fit as one line: how far it is, size and score.

    The line has the phase, the share of the fit that is done, connections and hidden neurons of the
    network as it is, the best validation score so far with its number of connections, and the
    time; at the end, the network that was chosen. Without a bound a fit may end long before all
    rounds are done, when fewer connections have become too few.

    Set it on the outermost estimator, as scikit-learn's :class:`~sklearn.callback.ProgressBar`: a
    search shows how many of its fits are done, and below that a line for each one that is running,
    in other processes too. Where the output is no terminal and no notebook, the lines are printed
    once, at the end. Functions such as ``cross_val_score`` pass on no callbacks: one that is set on
    their estimator shows a line for every fit.

    See Also
    --------
    TimeBudget : Ends a fit when its time is up.
    SynthesisState : What the line is made of.

    Notes
    -----
    This callback requires rich to be installed, and in notebooks ipywidgets.

    Examples
    --------
    >>> from scann_sklearn import SCANNClassifier
    >>> from scann_sklearn.callbacks import SynthesisProgress
    >>> clf = SCANNClassifier().set_callbacks(SynthesisProgress())
    """

    # scikit-learn passes callbacks that have this on to inner estimators; None: of any depth
    max_propagation_depth = None

    def __init__(self) -> None:
        check_rich_support("SynthesisProgress")
        self._listeners: dict[Any, Any] = {}  # by the outermost fit; for its other processes too
        self._last_epoch = 0.0

    def setup(self, estimator, context) -> None:
        """Begin to show the outermost fit.

        Parameters
        ----------
        estimator : estimator
            What is fitted.
        context : sklearn.callback.CallbackContext
            Its task.
        """
        self._listeners[context.root_uuid] = open_listener(DISPLAY.receive)
        DISPLAY.open(context.root_uuid)

    def on_fit_task_begin(self, estimator, context) -> None:
        """Show a line for a synthesis, and for tasks whose parts may run at the same time.

        Parameters
        ----------
        estimator : estimator
            What is fitted.
        context : sklearn.callback.CallbackContext
            The task that begins.
        """
        key = key_of(context)
        if is_synthesis(estimator, context):
            name = _number(context) or context.estimator_name
            self._send(context, Message("begin", key, name))
        elif is_parallel(context):
            name, total = context.task_name, context.max_subtasks
            self._send(context, Message("begin", key, name, f"0 of {total} fits", total=total))

    def on_fit_task_end(self, estimator, context) -> None:
        """Bring lines up to date.

        Parameters
        ----------
        estimator : estimator
            What is fitted.
        context : sklearn.callback.CallbackContext
            The task that ends.
        """
        key, state = key_of(context), getattr(context, "synthesis_state", None)
        if state is not None:
            self._report(estimator, context, state)
        elif is_synthesis(estimator, context):
            chosen = (
                f"{estimator.n_connections_} connections, {estimator.n_hidden_} hidden, "
                f"score {estimator.validation_score_:.4g}"
            )
            stays = not _number(context)
            self._send(context, Message("end", key, "chosen", chosen, 1.0, 1.0, stays))
        elif is_parallel(context):
            self._send(context, Message("end", key))
        if is_parallel(context.parent):
            self._send(context, Message("advance", key_of(context.parent)))

    def _report(self, estimator, context, state) -> None:
        if context.task_name == "epoch":
            if monotonic() < self._last_epoch + _SECONDS_BETWEEN_EPOCHS:
                return
            self._last_epoch = monotonic()
        text = f"{state.n_connections} connections, {state.n_hidden} hidden"
        if state.best_score is not None:
            text += f", best {state.best_score:.4g} at {state.best_n_connections}"
        fit = next(task for task in upwards(context) if is_synthesis(estimator, task))
        number = _number(context)
        name = f"{number} {state.phase}" if number else state.phase
        total = None if state.share is None else 1.0
        self._send(context, Message("update", key_of(fit), name, text, state.share, total))

    def teardown(self, estimator, context) -> None:
        """Leave the lines as they are, after an error too.

        Parameters
        ----------
        estimator : estimator
            What was fitted.
        context : sklearn.callback.CallbackContext
            Its task.
        """
        DISPLAY.close(context.root_uuid)
        close_listener(self._listeners.pop(context.root_uuid))

    def _send(self, context, message) -> None:
        send(self._listeners[context.root_uuid], message)


def _number(context) -> str:
    """Which of several fits that may run at the same time it is a part of; empty: of none."""
    numbers = [task.task_id for task in upwards(context) if is_parallel(task.parent)]
    return f"  #{numbers[0] + 1}" if numbers else ""
