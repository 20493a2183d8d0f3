"""The networks, what papers print of them, and how they are made smaller here."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from scann_sklearn import AffineDistortion, Conv2d, ConvFrontEnd, MaxPool2d, SchemeC, SchemeNeST

# Recipes with the scheme of NeST, and the share of the positions that convolutions compute.
AREA_SHARES = {"NeST": 0.5, "NeST, few positions": 0.2}
DISTORTION = AffineDistortion(rotation=12, scale=0.15, shear=0.15, shift=2)


class Published(NamedTuple):
    """A row of a paper; errors are shares of the test images."""

    connections: int
    error: float
    source: str


class Goal(NamedTuple):
    """Which test error is aimed at with at most so many connections."""

    connections: int
    error: float


class Stage(NamedTuple):
    """From the last network to a smaller one: rounds on the way, rounds at the bound, a last one.

    Parameters
    ----------
    connections : int
        The bound.
    epochs : int
        After each pruning; one after each growth.
    iterations : int
        Rounds at the bound, the last one included.
    final_epochs : int
        After the last pruning.
    """

    connections: int
    epochs: int
    iterations: int
    final_epochs: int

    @property
    def scheme(self):
        """Scheme C that goes on from a fitted network."""
        return SchemeC(
            initial_epochs=0,
            initial_pruning=0.2,
            epochs=self.epochs,
            growth_epochs=1,
            iterations=self.iterations,
            final_epochs=self.final_epochs,
        )

    def nest(self, area_share, from_seed):
        """The scheme of NeST, from its seed or from a fitted network."""
        return SchemeNeST(
            growth_iterations=4 if from_seed else 0,
            initial_epochs=5 if from_seed else 0,
            area_share=area_share,
            epochs=self.epochs,
            growth_epochs=1,
            iterations=self.iterations,
            final_epochs=self.final_epochs,
        )


@dataclass(frozen=True)
class Network:
    """An architecture to start from.

    Parameters
    ----------
    title : str
        What tables call it.
    hidden : tuple of int
        Hidden layers.
    dense_epochs : int
        Training of all connections: one phase, the learning rate falls to zero.
    stages : tuple of Stage
        Each goes on from the network of the one before, the first from the dense one.
    layers : tuple of Conv2d and MaxPool2d
        What is ahead of the hidden layers.
    published, goals : tuple of Published, of Goal
        What it is compared with.
    shape : tuple of int
        Channels, height and width of an image.
    """

    title: str
    hidden: tuple
    dense_epochs: int
    stages: tuple
    layers: tuple = ()
    published: tuple = ()
    goals: tuple = ()
    shape: tuple = (1, 28, 28)

    def front_end(self, distortion):
        """What is ahead of the hidden layers; None where there is nothing."""
        if not self.layers and distortion is None:
            return None
        return ConvFrontEnd(list(self.layers), self.shape, augment=distortion)


NETWORKS = {
    "lenet-5": Network(
        "LeNet-5",
        (500,),
        15,
        (
            Stage(40_000, 3, 2, 10),
            Stage(9_300, 4, 3, 15),
            Stage(4_300, 5, 3, 20),
            Stage(1_500, 6, 4, 30),
            Stage(1_400, 6, 4, 30),
        ),
        (Conv2d(20, 5), MaxPool2d(2), Conv2d(50, 5), MaxPool2d(2)),
        (
            Published(184_600, 0.0068, "SCANN, scheme A"),
            Published(19_300, 0.0072, "SCANN, scheme B"),
            Published(9_300, 0.0072, "SCANN, scheme C"),
            Published(40_000, 0.0064, "Sparse Momentum"),
            Published(21_500, 0.0069, "Sparse Momentum"),
            Published(5_800, 0.0077, "NeST"),
            Published(1_540, 0.0075, "variational dropout (contested)"),
            Published(1_450, 0.0091, "OLMP"),
        ),
        (
            Goal(40_000, 0.0060),
            Goal(9_300, 0.0065),
            Goal(4_300, 0.0072),
            Goal(1_500, 0.0090),
            Goal(1_400, 0.0075),
        ),
    ),
    "lenet-300-100": Network(
        "LeNet-300-100",
        (300, 100),
        30,
        (Stage(7_800, 8, 4, 40), Stage(3_800, 10, 4, 60), Stage(3_000, 10, 4, 60)),
        (),
        (
            Published(7_800, 0.0129, "NeST"),
            Published(3_800, 0.0158, "NeST"),
            Published(6_300, 0.0144, "RigL+, best seen"),
            Published(3_070, 0.0157, "RigL+, best seen"),
        ),
        (Goal(7_800, 0.0129), Goal(3_800, 0.0150), Goal(3_000, 0.0140)),
    ),
    "ciresan": Network(
        "deep perceptron",
        (2500, 2000, 1500, 1000, 500),
        30,
        (Stage(600_000, 2, 1, 6), Stage(300_000, 3, 2, 10), Stage(100_000, 4, 2, 15)),
        (),
        (Published(12_000_000, 0.0035, "Ciresan et al."), Published(600_000, 0.0035, "SCANN")),
    ),
    "small": Network(
        "8-16-24 filters",
        (30,),
        40,
        (Stage(4_000, 8, 3, 40), Stage(2_000, 8, 3, 40), Stage(1_000, 8, 3, 40)),
        (
            *(Conv2d(8, 3, padding=1), MaxPool2d(2)),
            *(Conv2d(16, 3), MaxPool2d(2)),
            *(Conv2d(24, 3), MaxPool2d(2)),
        ),
    ),
}
