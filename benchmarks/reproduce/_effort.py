"""What the reproduction tries for each data set and seed: everything, or a little as a test."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """What is tried.

    Parameters
    ----------
    layers : tuple of tuple of int
        Hidden layers of the MLPs among which the best is chosen.
    widths : tuple of int
        Of the single hidden layer of the MLPs among which the smallest is chosen.
    methods : tuple of str or None
        Reductions of Algorithm 1; None: all nine.
    settings : tuple of (str, str)
        Schemes and training of SCANN, see `benchmarks.reproduce._search`; each is tried with and
        without a teacher.
    reduced_settings : tuple of (str, str)
        The same for DR+SCANN.
    reductions : int
        Algorithm 1's reductions that DR+SCANN goes on with, after one quick synthesis on each.
    tries : int
        Fits that have to fail before a smaller network is given up.
    """

    layers: tuple
    widths: tuple
    methods: tuple | None
    settings: tuple
    reduced_settings: tuple
    reductions: int
    tries: int


FULL = Effort(
    layers=((50,), (100,), (200,), (400,), (100, 50), (200, 100), (400, 200), (200, 100, 50)),
    widths=(1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 100),
    methods=None,
    settings=(
        ("A", "fast"),
        ("B", "fast"),
        ("C 100", "fast"),
        ("C 60-60", "fast"),
        ("C 200-100", "long"),
    ),
    reduced_settings=(("A", "fast"), ("C 60-60", "fast")),
    reductions=1,
    tries=6,
)
QUICK = Effort(
    layers=((20,),),
    widths=(8, 20),
    methods=("pca",),
    settings=(("C 60-60", "fast"),),
    reduced_settings=(("C 60-60", "fast"),),
    reductions=1,
    tries=1,
)
