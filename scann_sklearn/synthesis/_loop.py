"""The synthesis loop (Algorithm 2): change the architecture, train, keep what is worth keeping."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import partial
from math import inf, nan
from typing import Any

import numpy as np

from scann_sklearn.synthesis._checks import check_step
from scann_sklearn.synthesis._operations import UnreachableOutputsError
from scann_sklearn.synthesis._plan import Goal, PastRound, View
from scann_sklearn.synthesis._record import Checkpoint, Frontier, Memory
from scann_sklearn.synthesis._scheme import Scheme
from scann_sklearn.synthesis._steps import Step

# A path to ever fewer connections ends when this many rounds in a row have lost this share of the
# best network's gain over a constant, for want of connections: see `_is_too_small`.
_LOSS_AT_END = 0.05
_ROUNDS_AT_END = 8


class Synthesis:
    """One run of Algorithm 2.

    Parameters
    ----------
    scheme : Scheme
        Where the network starts and how it changes.
    trainer : Trainer
        Trains a network for some epochs.
    score : callable
        Validation score of a network; greater is better.
    batch : callable
        Returns the GrowthBatch for an operation.
    hidden_layer_sizes : tuple of int
        As given to the estimator.
    training_score : callable
        Score of a network on the training data.
    constant_score : float, default=nan
        Validation score of the best constant prediction.
    n_maps : tuple of int, default=()
        Maps of each convolution of the estimator's `front_end`.

    Attributes
    ----------
    network : Network
        The network as the last step left it.
    frontier : Frontier
        The checkpoints that nothing dominates.
    history : list of dict
        One record an epoch.
    past : list of PastRound
        One record per round.
    """

    def __init__(
        self,
        scheme,
        trainer,
        score,
        batch,
        hidden_layer_sizes,
        *,
        training_score,
        constant_score=nan,
        n_maps=(),
    ) -> None:
        self.scheme = scheme
        self.trainer = trainer
        self.score = score
        self.batch = batch
        self.hidden_layer_sizes = hidden_layer_sizes
        self.n_maps = n_maps
        self.training_score = training_score
        self.network: Any = None  # a Network from the start of `run` on
        self.frontier = Frontier(constant_score)
        self.history: list[dict] = []
        self.past: list[PastRound] = []
        self.last_score = float("-inf")
        self.n_far_below = 0

    @property
    def memory(self) -> Memory:
        """What another synthesis needs to go on from here; it doesn't change any more."""
        return Memory(
            self.network,
            tuple(self.frontier),
            tuple(self.past),
            tuple(self.history),
            self.last_score,
            self.n_far_below,
        )

    def recall(self, memory: Memory) -> None:
        """Know what another synthesis knew after a round.

        Parameters
        ----------
        memory : Memory
            What `run` then goes on from, if it begins with the network of this memory.
        """
        self.network, self.last_score = memory.network, memory.last_score
        self.frontier.recall(memory.frontier)
        self.past, self.history = list(memory.past), [dict(record) for record in memory.history]
        self.n_far_below = memory.n_far_below

    def run(self, network, n_connections, observer, keep: Callable[[], None] | None = None) -> None:
        """Carry out the scheme's rounds.

        Parameters
        ----------
        network : Network
            Where to start.
        n_connections : int or None
            The bound; None: go on until the score has fallen far or outputs can't be reached.
        observer : Observer
            Told about rounds and epochs; may ask to stop.
        keep : callable, default=None
            Called after each round that another one may follow, when `memory` is whole.
        """
        self._check = partial(
            check_step,
            n_inputs=network.n_inputs,
            n_outputs=network.topology.n_outputs,
            dtype=network.weight.dtype,
        )
        self.network = network
        for number, steps in enumerate(self._rounds(Goal(n_connections)), len(self.past)):
            epochs = sum(step.epochs for step in steps)
            with observer.round(number, epochs) as task:
                try:
                    for step in steps:
                        self._carry_out(number, step, task)
                except UnreachableOutputsError:
                    # the end of a path; with a bound, only once it has been reached
                    sizes = [point.n_connections for point in self.frontier]
                    if n_connections is not None and min(sizes, default=inf) > n_connections:
                        raise
                    return
            self.past.append(PastRound.of(self.network, self.last_score))
            if task.stopped:
                return
            if n_connections is None:
                self.n_far_below = self.n_far_below + 1 if self._is_too_small() else 0
                if self.n_far_below == _ROUNDS_AT_END:
                    return
            if keep is not None:
                keep()

    @property
    def view(self) -> View:
        """What a scheme sees now."""
        return View(self.network, self.hidden_layer_sizes, tuple(self.past), self.n_maps)

    def _is_too_small(self) -> bool:
        """Whether the network is far below the best, on the training data too.

        One that is so on the validation data alone fits the data too well: with fewer connections
        it may become better again.
        """
        floor = self.frontier.best_score - _LOSS_AT_END * self.frontier.gain
        return self.last_score < floor and self.training_score(self.network) < floor

    def _rounds(self, goal) -> Iterator[list[Step]]:
        """The scheme's rounds, one after the other."""
        if type(self.scheme).rounds is not Scheme.rounds:
            warnings.warn(
                f"{type(self.scheme).__name__} defines rounds, which version 0.2 will not call any "
                "more: what a generator remembers can't be saved. Define next_round(view, goal) "
                "instead.",
                FutureWarning,
                stacklevel=2,
            )
            yield from self.scheme.rounds(self, goal.n_connections)
            return
        while True:
            steps = self.scheme.next_round(self.view, goal)
            if steps is None:
                return
            yield steps

    def carry_out(self, step: Step) -> None:
        """Carry out one more step when the rounds are over, unobserved.

        Parameters
        ----------
        step : Step
            Applied to `network`.
        """
        self._carry_out(len(self.past), step, _Unobserved())

    def _carry_out(self, number, step, task) -> None:
        self.network = self._check(step, step.apply(self.network, self.batch()))
        record = {"round": number, "operation": step.name}

        def on_epoch(epoch, loss, learning_rate) -> bool:
            self.history.append(
                record
                | {
                    "epoch": epoch,
                    "n_connections": self.network.n_connections,
                    "n_hidden": self.network.n_hidden,
                    "learning_rate": learning_rate,
                    "loss": loss,
                    "validation_score": None,
                }
            )
            return task.epoch_ends()

        self.network = self.trainer.train(self.network, step.epochs, on_epoch)
        self.checkpoint(self.network)
        if step.epochs:
            self.history[-1]["validation_score"] = self.last_score

    def checkpoint(self, network) -> None:
        """Score a network and offer it to the frontier.

        Parameters
        ----------
        network : Network
            A trained network.

        Raises
        ------
        DivergenceError
            If its outputs for the training data are not finite.
        """
        self.trainer.check(network)
        self.last_score = float(self.score(network))
        # growth may have left neurons that do nothing: the same function without them
        clean = network.without_moments().keep(np.ones(network.n_connections, dtype=bool))
        self.frontier.add(Checkpoint(clean, self.last_score))


class _Unobserved:
    """Task of an epoch that nobody watches."""

    def epoch_ends(self) -> bool:
        return False
