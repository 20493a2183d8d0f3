"""Ratios of two timings that alternate, so that a machine that slows down slows both."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import time

import numpy as np


def seconds(function):
    """Wall time of a call."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def compare(ours, peer, repeats):
    """Medians of both timings and of their ratios, pair by pair (above 1: ours is faster).

    Parameters
    ----------
    ours, peer : callable
        Return seconds.
    repeats : int
        Number of pairs, after one that isn't counted.
    """
    ours(), peer()
    pairs = np.array([(ours(), peer()) for _ in range(repeats)])
    ratios = pairs[:, 1] / pairs[:, 0]
    return {
        "ours_seconds": float(np.median(pairs[:, 0])),
        "peer_seconds": float(np.median(pairs[:, 1])),
        "times_faster": round(float(np.median(ratios)), 2),
        "lowest": round(float(ratios.min()), 2),
        "highest": round(float(ratios.max()), 2),
        "repeats": repeats,
    }
