"""A campaign whose cases do all that none should do, to see that it is noticed."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import ctypes
import json
import os
import pickle
import sys
import time
from pathlib import Path

import numpy as np

from scann_sklearn.network import Topology
from tests.campaigns._campaign import Campaign
from tests.campaigns._children import run_children


def _crash():
    ctypes.string_at(0)


def _hang():
    while True:
        time.sleep(0.1)


def _eat():
    return bytearray(2**28)


def _end():
    os._exit(0)


def _answer_wrongly():
    raise AssertionError("1 is not 2")


def _execute():
    os.system("true")


def _unpickle():
    pickle.loads(pickle.dumps(len))


def _write():
    Path("/tmp/tests_of_scann_sklearn_outside").write_text("outside")


def _refuse():
    return Topology.dense(-1, 1)  # with a message


def _say_nothing():
    raise ValueError


def _accept():
    Path("inside").write_text("inside")


CASES = (
    _accept, _refuse, _say_nothing, _crash, _hang, _eat, _end, _answer_wrongly, _execute, _unpickle,
    _write, _accept,
)  # fmt: skip


class Misbehaving(Campaign):
    """Case i does the i-th thing."""

    name = "misbehaving"
    memory = 2**27

    def case(self, rng):
        """All cases draw the same number: their own is told apart by `run`."""
        return rng

    def run(self, case):
        """Do it."""
        number = next(n for n in range(len(CASES)) if _state(case) == _state_of(n))
        CASES[number]()


def _state(rng):
    return rng.bit_generator.state["state"]["state"]


def _state_of(number):
    return _state(np.random.default_rng([0, number]))


if __name__ == "__main__":
    found = run_children(Misbehaving(), 0, range(len(CASES)), seconds=float(sys.argv[1]))
    print(json.dumps([[number, word] for number, word, *_ in found]))
