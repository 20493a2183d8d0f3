"""Searches on a cluster of Ray, whose backend gives results only when all jobs have ended."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
import time
from threading import Thread

import joblib
import pytest
from sklearn.base import clone

from scann_sklearn.callbacks import SynthesisProgress
from tests._optional import need
from tests.clusters._searches import DIGITS, SEARCHES, fitted, same_results, threads, where

# Its processes are children that nobody waits for, and it opens files that it leaves open.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings(
        "ignore::ResourceWarning",
        "ignore::pytest.PytestUnraisableExceptionWarning",
        "ignore::DeprecationWarning",
        "ignore::FutureWarning",
    ),
]
# What Ray needs to start a worker anew and give it what the one that died was at.
AGAIN = {"max_restarts": -1, "max_task_retries": -1}


@pytest.fixture(scope="module", autouse=True)
def cluster():
    need("ray")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "disabled")
        patch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        import ray
        from ray.util.joblib import register_ray

        register_ray()
        ray.init(num_cpus=2, include_dashboard=False, logging_level="error", log_to_driver=False)
        yield
        ray.shutdown()


def on_ray(**options):
    return joblib.parallel_config("ray", n_jobs=2, **options)


# Each search starts two processes anew, which load all that a fit needs.
@pytest.mark.parametrize(
    "name",
    ["grid", "compression", "steerage"],
)
def test_results_are_those_of_one_process(name):
    assert same_results(fitted(name, on_ray()), fitted(name))


def test_every_worker_computes_on_one_thread():
    with on_ray():
        seen = joblib.Parallel()(joblib.delayed(threads)(n) for n in range(40))
    assert os.getpid() not in {process for process, *_ in seen}
    assert {n for _, *numbers in seen for n in numbers} == {1}


def test_a_worker_that_dies_in_mid_search():
    import psutil

    killed = []

    def kill():
        while not killed:
            for process in psutil.Process().children(recursive=True):
                try:
                    busy = any("PoolActor.run_batch" in word for word in process.cmdline())
                except psutil.Error:
                    continue
                if busy and not killed:
                    process.kill()
                    killed.append(process.pid)
            time.sleep(0.01)

    thread = Thread(target=kill, daemon=True)
    thread.start()
    search = fitted("grid", on_ray(ray_remote_args=AGAIN))
    thread.join(timeout=60)
    assert not thread.is_alive()
    assert same_results(search, fitted("grid"))


def test_progress(capsys):
    search = clone(SEARCHES["grid"]).set_callbacks(SynthesisProgress())
    with on_ray():
        search.fit(*DIGITS)
    fits, chosen = capsys.readouterr().out.splitlines()
    assert "6 of 6 fits" in fits
    assert "chosen" in chosen


def test_a_benchmark(tmp_path):
    from benchmarks._records import Records, Task

    records = Records("some", ("number",), tmp_path)
    with on_ray():
        records.run([Task((str(n),), where, (n,)) for n in range(10)], None, "")
    assert [records[(str(n),)]["answer"] for n in range(10)] == [2 * n for n in range(10)]
    assert os.getpid() not in {record["process"] for record in records}
