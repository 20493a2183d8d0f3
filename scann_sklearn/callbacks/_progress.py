"""A line of progress for every fit."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from contextlib import suppress
from threading import Lock
from time import monotonic
from typing import Any

from scann_sklearn._sklearn import check_rich_support, close_listener, open_listener, send
from scann_sklearn.callbacks._display import DISPLAY, Message
from scann_sklearn.callbacks._tasks import is_parallel, is_synthesis, key_of, upwards

_SENDING = Lock()
_SECONDS_BETWEEN_EPOCHS = 0.05  # more news than that nobody sees


class SynthesisProgress:
    """Callback that shows one line per fit, with its progress, network size and score.

    The line shows the phase, the completed share of the fit, the numbers of connections and hidden
    neurons of the current network, the best validation score so far with its number of
    connections, and the elapsed time. At the end of a fit it shows the chosen network. If
    ``n_connections="auto"``, a fit may end long before all rounds are done.

    Set it on the outermost estimator, like scikit-learn's :class:`~sklearn.callback.ProgressBar`.
    A search shows the number of completed fits, and below that one line per running fit, also for
    fits in other processes of this machine; fits on other machines show none. If the output is
    neither a terminal nor a notebook, the lines are printed once, at the end. Functions such as
    ``cross_val_score`` do not pass on callbacks: set on their estimator, the callback shows one
    line per fit.

    See Also
    --------
    TimeBudget : End a fit when its time is up.
    SynthesisState : The state of a synthesis that the line shows.

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
        """Start to show the outermost fit.

        Parameters
        ----------
        estimator : estimator
            The estimator that is fitted.
        context : sklearn.callback.CallbackContext
            The task of the fit.
        """
        self._listeners[context.root_uuid] = open_listener(DISPLAY.receive)
        DISPLAY.open(context.root_uuid)

    def on_fit_task_begin(self, estimator, context) -> None:
        """Show a line for each synthesis, and for tasks whose subtasks may run in parallel.

        Parameters
        ----------
        estimator : estimator
            The estimator that is fitted.
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
        """Update the lines.

        Parameters
        ----------
        estimator : estimator
            The estimator that is fitted.
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
        text = "resumed, " * (state.seconds_before > 0)
        text += f"{state.n_connections} connections, {state.n_hidden} hidden"
        if state.best_score is not None:
            text += f", best {state.best_score:.4g} at {state.best_n_connections}"
        fit = next(task for task in upwards(context) if is_synthesis(estimator, task))
        number = _number(context)
        name = f"{number} {state.phase}" if number else state.phase
        total = None if state.share is None else 1.0
        self._send(context, Message("update", key_of(fit), name, text, state.share, total))

    def teardown(self, estimator, context) -> None:
        """Stop updating the lines, also after an error.

        Parameters
        ----------
        estimator : estimator
            The estimator that was fitted.
        context : sklearn.callback.CallbackContext
            The task of the fit.
        """
        DISPLAY.close(context.root_uuid)
        close_listener(self._listeners.pop(context.root_uuid))

    def _send(self, context, message) -> None:
        # A fit on another machine goes on without a line; threads share the way to the screen.
        with suppress(OSError, EOFError), _SENDING:
            send(self._listeners[context.root_uuid], message)


def _number(context) -> str:
    """Which of several fits that may run at the same time it is a part of; empty: of none."""
    numbers = [task.task_id for task in upwards(context) if is_parallel(task.parent)]
    return f"  #{numbers[0] + 1}" if numbers else ""
