"""What a scheme sees when it says what comes next."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass

from scann_sklearn.network._network import Network


@dataclass(frozen=True)
class PastRound:
    """What a round left.

    Parameters
    ----------
    n_connections : int
        Number of connections.
    n_hidden : int
        Number of hidden neurons.
    score : float
        Validation score of the network.
    """

    n_connections: int
    n_hidden: int
    score: float

    @classmethod
    def of(cls, network: Network, score: float) -> PastRound:
        """Record of the network that a round left.

        Parameters
        ----------
        network : Network
            The network.
        score : float
            Its validation score.

        Returns
        -------
        past : PastRound
            The record.
        """
        return cls(network.n_connections, network.n_hidden, score)


@dataclass(frozen=True, eq=False)
class View:
    """The synthesis between two rounds.

    Parameters
    ----------
    network : Network
        The network as the last round left it, or the one to start from.
    hidden_layer_sizes : tuple of int
        As given to the estimator.
    past : tuple of PastRound
        A record of each round that has been carried out.
    n_maps : tuple of int, default=()
        Maps of each convolution of the estimator's `front_end`.
    """

    network: Network
    hidden_layer_sizes: tuple[int, ...]
    past: tuple[PastRound, ...] = ()
    n_maps: tuple[int, ...] = ()

    @property
    def number(self) -> int:
        """Number of the round that comes next, from 0 on."""
        return len(self.past)


@dataclass(frozen=True)
class Goal:
    """Where the synthesis should get to.

    Parameters
    ----------
    n_connections : int or None
        Most connections of the result. None: ever fewer; the loop says when it is enough.
    """

    n_connections: int | None
