"""The way down: how far steps go, and how long seeds are trained, by the number of connections."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest

from scann_sklearn.network import Network
from scann_sklearn.synthesis import PruneConnections, SchemeC, Train
from scann_sklearn.synthesis._plan import Goal, PastRound, View


@pytest.mark.parametrize(
    ("n_inputs", "epochs", "sizes"),
    [
        (400, 15, [20300, 10150, 5075, 3552, 2486]),  # dense seed of 40600: half, and half again
        (150, 38, [7800, 5460, 3821]),  # the first pruning drops half, 15600 being many
        (10, 60, [1280, 896, 627, 438, 372, 316]),  # from 500 on, half of the ratio
    ],
)
def test_steps_and_seeds_follow_the_size(n_inputs, epochs, sizes):
    scheme = SchemeC(growth="none", initial_pruning=0.2, pruning_ratio=0.3)
    topology = scheme.start(n_inputs, 6, (100,), None)
    network = Network.initialize(topology, np.random.default_rng(0))
    assert scheme.next_round(View(network, (100,)), Goal(None)) == [Train(epochs)]
    past = [PastRound(topology.n_connections, 100, 0.0)]
    for size in sizes:
        steps = scheme.next_round(View(network, (100,), tuple(past)), Goal(None))
        assert steps == [PruneConnections(size, "magnitude", 15)]
        past.append(PastRound(size, 100, 0.0))
