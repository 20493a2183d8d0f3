"""Searches on a cluster of Dask: the same results, also where a worker dies in the middle."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import joblib
import pytest
from sklearn.base import clone

from scann_sklearn.callbacks import SynthesisProgress
from scann_sklearn.model_selection import register_dask
from tests._optional import need
from tests.clusters._searches import DIGITS, SEARCHES, fitted, same_results, threads, where

# Threads of a cluster that is closed may leave a connection to the garbage collector.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::ResourceWarning")]


@pytest.fixture(scope="module")
def client():
    need("distributed")
    from distributed import Client, LocalCluster

    register_dask()
    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    )
    with cluster, Client(cluster) as client:
        client.wait_for_workers(2)
        yield client


@contextmanager
def another_worker(client, *, ahead="pass"):
    """One more worker, a process of its own that no nanny starts anew; and its address."""
    program = f"import sys; {ahead}; from distributed.cli.dask_worker import main; main()"
    words = [client.scheduler.address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    known = set(client.scheduler_info()["workers"])
    process = subprocess.Popen(
        [sys.executable, "-c", program, *words],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        client.wait_for_workers(len(known) + 1, timeout=60)
        yield process, (set(client.scheduler_info()["workers"]) - known).pop()
    finally:
        process.kill()
        process.wait()


def when(condition, action):
    """Act as soon as a condition holds, in a thread."""

    def watch():
        while not condition():
            time.sleep(0.005)
        action()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("name", SEARCHES)
def test_results_are_those_of_one_process(client, name):
    assert same_results(fitted(name, joblib.parallel_config("dask")), fitted(name))


def test_every_worker_computes_on_one_thread(client):
    with joblib.parallel_config("dask"):
        seen = joblib.Parallel()(joblib.delayed(threads)(n) for n in range(40))
    assert len({process for process, *_ in seen} - {os.getpid()}) == 2
    assert {n for _, *numbers in seen for n in numbers} == {1}


def test_X_is_sent_once(client, monkeypatch):
    sent, scatter = [], client.scatter

    def counted(data, *args, **kwargs):
        sent.append(data is DIGITS[0])
        return scatter(data, *args, **kwargs)

    monkeypatch.setattr(client, "scatter", counted)
    search = fitted("steerage", joblib.parallel_config("dask"))
    assert len(search.history_) >= 3  # rounds
    assert sum(sent) == 1


def test_a_worker_that_dies_in_mid_search(client):
    with another_worker(client) as (process, address):
        killer = when(lambda: client.processing().get(address), process.kill)
        search = fitted("steerage", joblib.parallel_config("dask"))
        killer.join(timeout=60)
        assert not killer.is_alive()
        assert process.wait() == -signal.SIGKILL
    assert same_results(search, fitted("steerage"))


@pytest.mark.parametrize("name", ["grid", "steerage"])
def test_a_worker_without_the_package(client, name):
    hidden = "sys.modules['scann_sklearn'] = None"  # an import is a ModuleNotFoundError
    with another_worker(client, ahead=hidden) as (_, address):
        there = joblib.parallel_config("dask", workers=[address])
        with pytest.raises(RuntimeError, match=r"The worker tcp.* can't import scann_sklearn \("):
            fitted(name, there)


def test_an_error_of_a_fit_is_raised_as_it_is(client):
    with pytest.raises(ValueError, match="n_connections=1 is too small"):
        fitted(
            "grid", joblib.parallel_config("dask"), param_grid={"scann__n_connections": [300, 1]}
        )


def test_progress(client, capsys):
    search = clone(SEARCHES["grid"]).set_callbacks(SynthesisProgress())
    with joblib.parallel_config("dask"):
        search.fit(*DIGITS)
    fits, chosen = capsys.readouterr().out.splitlines()
    assert "6 of 6 fits" in fits
    assert "chosen" in chosen


@pytest.mark.skipif("sys.platform == 'win32'", reason="SIGINT is not on this machine")
def test_an_interrupted_search_goes_on(client):
    search = clone(SEARCHES["steerage"]).set_params(warm_start=True)

    def some_are_done():
        batch = getattr(getattr(search, "_journal", None), "batch", [])
        return any(trial.outs for trial in batch)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        when(some_are_done, lambda: os.kill(os.getpid(), signal.SIGINT))
        with joblib.parallel_config("dask"), pytest.raises(KeyboardInterrupt) as raised:
            search.fit(*DIGITS)
        assert "single fits of other candidates are kept too" in raised.value.__notes__[0]
        with joblib.parallel_config("dask"):
            search.fit(*DIGITS)
    finally:
        signal.signal(signal.SIGINT, before)
    assert same_results(search, fitted("steerage"))


def test_a_benchmark(client, tmp_path):
    from benchmarks._records import Records, Task

    records = Records("some", ("number",), tmp_path)
    with joblib.parallel_config("dask"):
        records.run([Task((str(n),), where, (n,)) for n in range(6)], None, "")
    assert [records[(str(n),)]["answer"] for n in range(6)] == [2 * n for n in range(6)]
    assert os.getpid() not in {record["process"] for record in records}
