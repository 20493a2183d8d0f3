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
    ladder : tuple of tuple of int
        Hidden layers of the MLPs among which the smallest is chosen.
    methods : tuple of str or None
        Reductions of Algorithm 1; None: all nine.
    settings : tuple of (str, str)
        Schemes and training, see `benchmarks.reproduce._search`; each is tried with and without a
        teacher.
    large_settings : tuple of (str, str)
        Slower ones that start from larger networks: DR+SCANN tries them where the others don't
        reach the accuracy of the best MLP, SCANN always.
    reductions : int
        Reductions that DR+SCANN tries these on, the best by a quick synthesis.
    tries : int
        Fits that have to fail before a smaller network is given up.
    """

    layers: tuple
    ladder: tuple
    methods: tuple | None
    settings: tuple
    large_settings: tuple
    reductions: int
    tries: int


FULL = Effort(
    layers=((50,), (100,), (200,), (400,), (100, 50), (200, 100), (400, 200), (200, 100, 50)),
    ladder=(
        *((n,) for n in (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 100)),
        *((n, n) for n in (8, 12, 16, 24, 32, 64)),
    ),
    methods=None,
    settings=(
        ("A", "fast"),
        ("B", "fast"),
        ("C 100", "fast"),
        ("C 60-60", "fast"),
    ),
    large_settings=(("C 200-100", "long"),),
    reductions=2,
    tries=6,
)
QUICK = Effort(
    layers=((20,),),
    ladder=((8,), (10, 10), (20,)),
    methods=("pca",),
    settings=(("C 60-60", "fast"),),
    large_settings=(),
    reductions=1,
    tries=1,
)
