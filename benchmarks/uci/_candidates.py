"""Networks that a family has found, and what its fits took."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from sklearn.pipeline import Pipeline

from benchmarks._merit import as_classifier, score
from scann_sklearn.model._model import model_of
from scann_sklearn.network import Network

LARGE = 10_000  # connections above which weights are rounded before anything is measured


@dataclass(frozen=True)
class Candidate:
    """A network and how it was made.

    Parameters
    ----------
    model : SCANNClassifier
        Fitted, at this network.
    score : float
        What it is chosen by, see `benchmarks._merit.score`.
    start, recipe : str
        How it was made.
    reducer : DimReducer, default=None
        What is ahead of the network.
    """

    model: object
    score: float
    start: str
    recipe: str
    reducer: object = None

    @property
    def whole(self):
        """The network with the reduction ahead of it."""
        if self.reducer is None:
            return self.model
        return Pipeline([("reduce", self.reducer), ("scann", self.model)])

    @property
    def connections(self):
        """Number of connections."""
        return int(self.model.n_connections_)

    @property
    def facts(self):
        """What a record says of how it was made."""
        return {"start": self.start, "recipe": self.recipe}


@dataclass
class Found:
    """Everything that one family has found for a data set and a seed.

    Parameters
    ----------
    front : list of Candidate
        Those that none beats in both connections and score, ascending in both.
    fits : list of dict
        What each fit was, took and found.
    """

    front: list = field(default_factory=list)
    fits: list = field(default_factory=list)

    def add(self, candidates, epochs, **facts):
        """Add what a fit has found, and say what it took.

        Parameters
        ----------
        candidates : list of Candidate
            Its networks.
        epochs : int
            What it was trained.
        **facts
            What else the record says of the fit.

        Returns
        -------
        candidates : list of Candidate
            The same, those that none of them beats.
        """
        own = non_dominated(candidates)
        self.front = non_dominated([*self.front, *own])
        points = [[c.connections, round(c.score, 5)] for c in own]
        self.fits.append({**facts, "epochs": epochs, "points": points})
        return own

    def smallest(self, floor):
        """Candidate of fewest connections with that score, None if there is none."""
        return smallest(self.front, floor)

    @property
    def best(self):
        """Candidate of the highest score, of fewest connections among equals."""
        return self.front[-1]


def candidate(model, parts, start, recipe):
    """A fitted classifier as a candidate; large ones with weights of 11 bits, as half precision.

    Parameters
    ----------
    model : SCANNClassifier
        Fitted.
    parts : benchmarks._data.Parts
        The data.
    start, recipe : str
        How it was made.

    Returns
    -------
    candidate : Candidate
        With its score.
    """
    if model.n_connections_ > LARGE:
        network = model_of(model).network
        rounded = [rounded_to_half(a) for a in (network.weight, network.bias)]
        model = as_classifier(Network(network.topology, *rounded), model.classes_)
        model.path_, model.history_ = [], []
    return Candidate(model, score(model.predict, parts), start, recipe)


def rounded_to_half(values):
    """Numbers with as many bits as half precision has, and the range of their own type.

    The weights of features of small scale are beyond the largest number of half precision.
    """
    mantissa, exponent = np.frexp(values)
    return np.ldexp(np.round(mantissa * 2**11) / 2**11, exponent).astype(values.dtype)


def non_dominated(candidates):
    """Those that none beats in both connections and score, ascending in both."""
    kept = []
    for one in sorted(candidates, key=lambda c: (c.connections, -c.score)):
        if not kept or one.score > kept[-1].score:
            kept.append(one)
    return kept


def smallest(front, floor):
    """The first candidate of an ascending list with that score, None if there is none."""
    return next((one for one in front if one.score >= floor), None)
