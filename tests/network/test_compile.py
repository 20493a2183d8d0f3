"""What becomes of signals that come while a kernel runs or is compiled."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import signal
import sys
from contextlib import contextmanager
from types import FunctionType

import numpy as np
import pytest
from numba import config

from scann_sklearn.network import Topology, _edit, _inference
from scann_sklearn.network._compile import compilation_announced, interrupt_deferred, kernel

from ._nets import random_network, random_topology

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no timers")

NETWORK = random_network(random_topology(0, 100, 3, 0.5, n_hidden=50))
T = NETWORK.topology
X = np.random.default_rng(0).standard_normal((20_000, 100))
BIG = Topology.dense(2000, 10, n_hidden=1000)
COPIED = np.arange(1000) % 2 == 0
GRAPH = T.n_inputs, T.n_outputs, T.indptr, T.indices


class Stop(Exception):
    """What another handler raises."""


@contextmanager
def alarm(seconds, raised):
    """A signal whose handler raises."""

    def handler(*args):
        raise raised

    old = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


@contextmanager
def control_c(seconds):
    """Ctrl-C after a while."""
    old = signal.signal(signal.SIGALRM, lambda *args: signal.raise_signal(signal.SIGINT))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


@pytest.mark.parametrize("raised", [KeyboardInterrupt, Stop])
@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (_inference.activations, (X, *GRAPH[1:], NETWORK.weight, NETWORK.bias)),
        (_edit.duplicate_connections, (2000, 10, *BIG.csr, COPIED)),
    ],
    ids=["activations", "duplicate_connections"],
)
def test_an_interrupt_stays_one_while_a_kernel_returns_a_tuple(function, arguments, raised):
    function(*arguments)  # compiled by now
    for _ in range(3):
        with pytest.raises(raised), alarm(0.002, raised):
            function(*arguments)


def test_a_system_error_of_another_kind_stays_one():
    class Broken:
        @property
        def _numba_type_(self):
            raise SystemError("broken")

    with pytest.raises(SystemError, match="broken"):
        _edit.incoming_rms(Broken(), NETWORK.weight)


def sums(values):
    total, number = 0.0, 0
    for value in values:
        total += np.sqrt(value)
        number += 1
    return total, number


def fresh():
    """A kernel that isn't compiled."""
    # a name of its own has a cache of its own
    fresh.count += 1
    name = f"sums_{fresh.count}"
    function = FunctionType(sums.__code__, {"np": np}, name)
    function.__qualname__, function.__module__ = name, __name__
    return kernel(function)


fresh.count = 0


def call_forever(function, *arguments):
    while True:
        function(*arguments)


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setattr("numba.config.CACHE_DIR", str(tmp_path))
    return tmp_path


def test_an_interrupted_compilation_can_be_repeated(empty_cache):
    values = np.array([4.0, 9.0])
    for delay in np.linspace(0.001, 0.3, 12):
        function = fresh()
        with pytest.raises(KeyboardInterrupt), control_c(delay):
            call_forever(function, values)
        assert function(values) == (5.0, 2)
        assert function(values.astype(np.float32)) == (5.0, 2)


def test_an_interrupt_waits_for_the_end():
    done = []

    def work():
        with interrupt_deferred():
            signal.raise_signal(signal.SIGINT)
            done.append(1)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == [1]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_ignored_interrupt_stays_ignored():
    old = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupt_deferred():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, old)


def test_compilation_is_announced_once_and_loading_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))

    def plain(x):
        return x + 1

    said = []
    with compilation_announced(lambda: said.append("compiles")):
        first = kernel(plain)
        assert first(1) == 2
        assert first(1.0) == 2.0
    assert said == ["compiles"]
    with compilation_announced(lambda: said.append("again")):
        first(2)
        assert kernel(plain)(1) == 2  # from disk
    kernel(plain)(1j)  # nobody listens
    assert said == ["compiles"]
