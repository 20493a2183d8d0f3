"""Hostile input: ``python -m tests.campaigns.hostile [NAMES] --cases 100000 --seed 0``.

Cases of estimators, readers, parsers and generated code run in forks of this process. A case
follows from the seed and its number: ``--case 17`` runs one alone, in this process, with its
traceback. What was run is written down as it goes, so that a run that was interrupted goes on.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import argparse
import importlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks._results import environment
from scann_sklearn._files import write_file
from tests.campaigns._campaign import read_sources
from tests.campaigns._children import SECONDS, judged_warnings, run_children

RESULTS = Path(__file__).parent / "results"
NAMES = ("estimators", "readers", "parsers", "code")
_MOST_FAILURES = 200  # that are described


class Tally:
    """What came of the cases so far, in a file that is kept.

    Parameters
    ----------
    path : Path
        Of the result.
    facts : dict
        What the result says of the run.
    """

    def __init__(self, path, facts):
        self.path, self.facts = path, facts
        self.unfinished = path.with_suffix(".unfinished.json")
        self.content = {
            **facts, "done": 0, "seconds": 0.0, "longest": 0.0, "peak": 0,
            "counts": {}, "failures": [],
        }  # fmt: skip
        if self.unfinished.exists():
            left = json.loads(self.unfinished.read_text())
            if all(left[key] == facts[key] for key in facts):
                self.content = left
        self._begun, self._before = time.monotonic(), self.content["seconds"]

    def add(self, word, record, seconds, peak):
        """Count a case."""
        content = self.content
        content["done"] += 1
        content["counts"][word] = content["counts"].get(word, 0) + 1
        content["longest"] = max(content["longest"], round(seconds, 2))
        content["peak"] = max(content["peak"], peak)
        content["seconds"] = round(self._before + time.monotonic() - self._begun, 1)
        if word.startswith("failure") and len(content["failures"]) < _MOST_FAILURES:
            content["failures"].append(record)

    def write(self, path=None):
        """Keep what there is."""
        path = path or self.unfinished
        path.parent.mkdir(parents=True, exist_ok=True)
        counts = dict(sorted(self.content["counts"].items()))
        write_file(path, (json.dumps(self.content | {"counts": counts}, indent=1) + "\n").encode())

    def finish(self):
        """Replace the result."""
        self.write(self.path)
        self.unfinished.unlink(missing_ok=True)

    @property
    def n_failures(self):
        """Cases that were neither accepted nor refused as documented."""
        counts = self.content["counts"]
        return sum(n for word, n in counts.items() if word.startswith("failure"))


def campaign_of(name):
    """Make a campaign by its name."""
    return importlib.import_module(f"tests.campaigns.hostile_{name}").CAMPAIGN()


def carry_out(name, n_cases, seed, into, label=""):
    """Run the cases of a campaign; whether one of them failed."""
    campaign = campaign_of(name)
    read_sources()
    command = f"python -m tests.campaigns.hostile {name} --cases {n_cases} --seed {seed}"
    if os.environ.get("NUMBA_BOUNDSCHECK") == "1":
        command = f"NUMBA_BOUNDSCHECK=1 {command} --label {label}"
    facts = {
        "command": command,
        "campaign": name, "cases": n_cases, "seed": seed, "environment": environment(),
        "limits": {"seconds": SECONDS, "bytes": campaign.memory},
    }  # fmt: skip
    tally = Tally(Path(into) / f"hostile_{name}{label}.json", facts)
    with tempfile.TemporaryDirectory() as folder:
        with judged_warnings():
            campaign.prepare(Path(folder))
        told = time.monotonic()
        cases = run_children(campaign, seed, range(tally.content["done"], n_cases))
        try:
            for _, word, record, seconds, peak in cases:
                tally.add(word, record, seconds, peak)
                if time.monotonic() > told + 5:
                    told = time.monotonic()
                    tally.write()
                    done, n = tally.content["done"], tally.n_failures
                    print(f"{name}: {done} of {n_cases} cases, {n} failures", flush=True)
        finally:
            cases.close()
            tally.write()
    tally.finish()
    print(f"{name}: {n_cases} cases in {tally.content['seconds']:.0f} s")
    for word, n in sorted(tally.content["counts"].items()):
        print(f"  {n:7d} {word}")
    alike = {}
    for found in tally.content["failures"]:
        alike.setdefault(f"{found['what']}: {found.get('error', '')[:150]}", []).append(found)
    for what, found in alike.items():
        print(f"  {len(found):7d} {what} (--case {found[0]['case']})")
    return bool(tally.n_failures)


def run_alone(name, number, seed):
    """Run one case here, without limits."""
    campaign = campaign_of(name)
    with tempfile.TemporaryDirectory() as folder:
        with judged_warnings():
            campaign.prepare(Path(folder))
            campaign.begin()
        case = campaign.case(np.random.default_rng([seed, number]))
        print(repr(case)[:4000], flush=True)
        try:
            with judged_warnings():
                campaign.run(case)
            print("accepted")
        except BaseException as error:
            print(campaign.judge(error))
            raise


def main():
    """Run campaigns and write their results; a number of cases is divided among those named."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAMES")
    parser.add_argument("--cases", type=int, default=100_000, help="of all campaigns together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--case", type=int, help="run this one alone")
    parser.add_argument("--into", type=Path, default=RESULTS, help="folder of the results")
    parser.add_argument("--label", default="", help="end of the names of the results")
    given = parser.parse_args()
    names = given.names or NAMES
    if given.case is not None:
        run_alone(names[0], given.case, given.seed)
        return False
    shares = np.array([campaign_of(name).share for name in names])
    counts = np.ceil(given.cases * shares / shares.sum() - 1e-9).astype(int).tolist()
    failed = [
        name
        for name, n in zip(names, counts)
        if carry_out(name, n, given.seed, given.into, given.label)
    ]
    print("failures in " + ", ".join(failed) if failed else "no failures")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
