"""What a fit leaves on the disk while it runs, and how another one goes on from there."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scann_sklearn.estimators._data import Part
from scann_sklearn.estimators._fit import Fit
from scann_sklearn.network._joint_network import JointNetwork
from scann_sklearn.network._network import Network
from scann_sklearn.resume._file import ResumeFile, damaged
from scann_sklearn.resume._identity import NO_PART_OF_RESULTS, identity_of
from scann_sklearn.resume._networks import tree_of_network
from scann_sklearn.resume._states import Progress, progress_of_tree, tree_of_progress
from scann_sklearn.synthesis._scheme import Scheme
from scann_sklearn.training._divergence import DivergenceError


@dataclass
class Keeper:
    """Keeps what the syntheses of a fit come to: those of folds by their numbers, then the last.

    Parameters
    ----------
    seed : int, numpy.random.RandomState, numpy.random.Generator or None
        The estimator's `random_state`.
    file : ResumeFile, default=None
        Where it is kept; None: nowhere.
    """

    seed: Any
    file: ResumeFile | None = None
    progress: dict[int, Progress] = field(default_factory=dict)
    seconds_before: float = 0.0

    def __post_init__(self) -> None:
        if self.file is None or self.file.content is None:
            return
        content = self.file.content
        try:
            found = content["fits"].items()
            self.progress = {int(n): progress_of_tree(tree) for n, tree in found}
            entropy = content["entropy"]
        except Exception as error:  # whatever damaged values lead to
            raise damaged(self.file.path, error) from error
        self.seed = entropy if self.seed is None else self.seed
        self.seconds_before = self.file.seconds_before

    def begin(self, run: Fit, n_folds: int) -> None:
        """Say what is gone on from, and count the time from now on.

        Parameters
        ----------
        run : Fit
            The fit of the network that is kept, the last one.
        n_folds : int
            Number of those before it.
        """
        if self.file is None:
            return
        self._entropy = run.streams.entropy
        self.file.begin()
        if run.taught is not None and n_folds not in self.progress:
            self.keep(n_folds, run)
        current = [n for n, progress in self.progress.items() if progress.memory is not None]
        if current and run.estimator.verbose:
            last = max(current)
            at = f"fold {last + 1}/{n_folds}, " if last < n_folds else "final, " * bool(n_folds)
            print(
                f"{at}{self.progress[last].n_rounds} rounds: resumed from {self.file.path}",
                flush=True,
            )

    def taught(self, number: int) -> np.ndarray | None:
        """Values of the targets of a fit, where a teacher has made them."""
        progress = self.progress.get(number)
        return None if progress is None else progress.taught

    def is_over(self, number: int) -> bool:
        """Whether the synthesis of a fit had ended."""
        return number in self.progress and self.progress[number].is_over

    def recall(self, number: int, run: Fit) -> Network | None:
        """Bring a fit to where it was.

        Parameters
        ----------
        number : int
            Of the fold, or the number of folds.
        run : Fit
            What goes on.

        Returns
        -------
        network : Network or None
            Where its synthesis goes on; None: it begins.

        Raises
        ------
        ValueError
            If what was kept doesn't fit.
        """
        progress = self.progress.get(number)
        if progress is None or progress.memory is None:
            return None
        assert self.file is not None
        try:
            memory = progress.memory
            for network in (memory.network, *(point.network for point in memory.frontier)):
                _check(network, run)
            run.streams.recall(progress.streams)
        except Exception as error:
            raise damaged(self.file.path, error) from error
        run.synthesis.recall(memory)
        return run.synthesis.network

    def keep(self, number: int, run: Fit, is_over: bool = False) -> None:
        """Keep what a fit has come to, after a round or at its end."""
        if self.file is None:
            return
        memory = None if run.synthesis.network is None else run.synthesis.memory
        self.progress[number] = Progress(run.taught, run.streams.states, memory, is_over)
        progress, entropy = dict(self.progress), self._entropy

        def content() -> dict[str, Any]:
            fits = {str(n): tree_of_progress(one) for n, one in progress.items()}
            return {"entropy": entropy, "fits": fits}

        self.file.offer(content, sum(one.n_bytes for one in progress.values()))


@contextmanager
def keeper_of(
    estimator: Any,
    data: Part,
    validation: Part | None,
    classes: Any,
    previous: Network | None,
) -> Iterator[Keeper]:
    """Keep a fit in the file that `checkpoint` means, and remove that when it has ended.

    Parameters
    ----------
    estimator : estimator
        Its parameters are valid.
    data, validation : Part or None
        The training data, and the validation data that the user gave.
    classes : ndarray
        Labels of the classes.
    previous : Network or None
        What the fit goes on from with `warm_start`.

    Yields
    ------
    keeper : Keeper
        One that keeps nothing where `checkpoint` is None.
    """
    if estimator.checkpoint is None:
        del data, validation  # nobody else may hold them
        yield Keeper(estimator.random_state)
        return
    kind, scheme = type(estimator), estimator.scheme
    if not isinstance(scheme, str) and type(scheme).rounds is not Scheme.rounds:
        raise TypeError(
            f"checkpoint={estimator.checkpoint!r} can't be used with {type(scheme).__name__}: it "
            "defines rounds, and what a generator remembers can't be saved. Define "
            "next_round(view, goal) instead."
        )
    given = estimator.get_params(deep=False)
    parameters = {name: value for name, value in given.items() if name not in NO_PART_OF_RESULTS}
    values = {"estimator": kind, **parameters, **_of_part("", data), "classes": classes}
    values |= {} if validation is None else _of_part("_val", validation)
    if previous is not None:
        extractor = estimator._extractor_
        values["the fitted network"] = tree_of_network(previous)
        values["the fitted module"] = None if extractor is None else extractor.module
    refusal = f"checkpoint={estimator.checkpoint!r} can't be used:"
    file = ResumeFile.open(estimator.checkpoint, identity_of(values, refusal))
    del data, validation, values
    with file.in_use(final=(DivergenceError,)):
        yield Keeper(estimator.random_state, file)


def _of_part(ending, part) -> dict[str, Any]:
    return {
        f"X{ending}": part.X,
        f"y{ending}": part.y,
        f"sample_weight{ending}": part.sample_weight,
    }


def _check(network, run) -> None:
    """Raise where a network isn't one of this fit: the compiled code trusts what it gets."""
    t, head = network.topology, run.head
    front = getattr(network, "front", None)
    found = (
        type(network) is JointNetwork,
        None if front is None else front.kinds,
        (len(t.exits or ()), t.exit_inputs),
        (network.n_inputs, t.n_outputs),
        network.weight.dtype,
    )
    expected = (
        run.joint is not None,
        None if run.front is None else run.front.kinds,
        (getattr(head, "n_exits", 0), getattr(run.problem.extractor, "ends", None)),
        (run.train.inputs.shape[1], head.n_outputs),
        run.objective.dtype,
    )
    if found != expected:
        raise ValueError(f"its {network!r} is no network of this fit")
    if not all(np.isfinite(values).all() for values in (network.weight, network.bias)):
        raise ValueError(f"its {network!r} has weights or biases that are not finite")
