"""Kill fits at random moments: ``python -m tests.campaigns.kill --count 200 --seed 0``.

Each case is a fit of `tests.resume._fits` that is killed by SIGKILL, one to five times, and
then left alone: it has to end with the network of a fit that nobody has killed, bit by bit. Some
write their file after every round, the rest as often as users' fits do. Then the same
with a full disk, with too little memory, and in a folder that is read-only. Files of other fits
lie in the same folder all the time, and have to stay as they are.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import argparse
import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

from scann_sklearn.resume import _pace
from tests.campaigns._forks import Fork
from tests.resume._fits import FITS, fingerprint, make

RESULTS = Path(__file__).parent / "results"
LONG = {"scheme__epochs": 12, "scheme__initial_epochs": 24}  # a second or more
MANY = {"hidden_layer_sizes": (300,)}
_EVERY_ROUND = 0


def fit(name, more, folder, every_round, limit=None):
    """Fingerprint of a fit, in a fork."""
    if every_round:
        _pace._TIMES = _EVERY_ROUND
    estimator, X, y = make(name, checkpoint=folder, **more)
    if limit is not None:
        with open("/proc/self/statm") as file:
            now = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + limit, now + limit))
    return fingerprint(estimator.fit(X, y))


def digests(folder):
    """What is in the files of a folder."""
    found = sorted(Path(folder).glob("*.npz"))
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


class Campaign:
    """Cases, drawn by a seed, and what came of them."""

    def __init__(self, seed):
        self.rng, self.known, self.records = random.Random(seed), {}, []

    def draw(self):
        """A case: name of the fit, its parameters, and whether every round is written."""
        name, every_round = self.rng.choice(sorted(FITS)), self.rng.random() < 0.6
        return name, {} if every_round or name == "user" else LONG, every_round

    def whole(self, name, more):
        """Fingerprint and seconds of a fit that nobody kills."""
        key = name, json.dumps(more)
        if key not in self.known:
            found = Fork(fit, name, more, None, False).result()
            self.known[key] = found["result"], found["seconds"]
        return self.known[key]

    def kill(self, folder, older):
        """Kill a fit, and let it end."""
        name, more, every_round = self.draw()
        expected, seconds = self.whole(name, more)
        n_kills, n_files = 0, 0
        for _ in range(self.rng.randint(1, 5)):
            moment = self.rng.uniform(0.1, 1) * seconds
            if not Fork(fit, name, more, folder, every_round).kill_after(moment):
                break  # it had ended
            n_kills += 1
            n_files += len(digests(folder)) > len(older)
        last = Fork(fit, name, more, folder, every_round).result()
        self.records.append(
            {
                "fault": "SIGKILL",
                "fit": name,
                "parameters": more,
                "every_round": every_round,
                "kills": n_kills,
                "kills_with_a_file": n_files,
                "bit_equal": last.get("result") == expected,
                "others_untouched": digests(folder) == older,
                **{key: last[key] for key in ("error", "traceback", "killed") if key in last},
            }
        )

    def out_of_memory(self, folder, older):
        """A fit that gets too little memory, and then enough."""
        name, _, _ = self.draw()
        more = MANY  # small fits find room in what the process has already
        expected, _ = self.whole(name, more)
        limit = int(2 ** self.rng.uniform(14, 24))
        first = Fork(fit, name, more, folder, True, limit).result()
        last = Fork(fit, name, more, folder, True).result()
        self.records.append(
            {
                "fault": "out of memory",
                "fit": name,
                "parameters": more,
                "limit": limit,
                "first": first.get("error", "killed" if "killed" in first else "ended"),
                "at": [line for line in first.get("traceback", []) if "File" in line][-1:],
                "bit_equal": last.get("result") == expected,
                "others_untouched": digests(folder) == older,
            }
        )

    def full_disk(self, folder):
        """A fit whose files have no place on the disk; one that was left before stays."""
        name, more, _ = self.draw()
        expected, seconds = self.whole(name, more)
        Fork(fit, name, more, folder, True).kill_after(0.7 * seconds)
        before = digests(folder)
        filler = Path(folder) / "filler"
        with filled(filler):
            second = Fork(fit, name, more, folder, True)
            killed = second.kill_after(self.rng.uniform(0, 0.5) * seconds)
            kept = all(digests(folder).get(name) is not None for name in before)
            full = Fork(fit, name, more, folder, True).result()
        self.records.append(
            {
                "fault": "full disk",
                "fit": name,
                "parameters": more,
                "killed": killed,
                "kept": kept or not killed,
                "warned": sum("can't be written" in words for words in full.get("warnings", [])),
                "bit_equal": full.get("result") == expected,
                "others_untouched": digests(folder) == {},
            }
        )

    def read_only(self, folder):
        """A folder that takes no files: an error, before there is a round."""
        name, more, _ = self.draw()
        found = Fork(fit, name, more, folder, True).result()
        self.records.append(
            {
                "fault": "read-only folder",
                "fit": name,
                "error": found.get("error", ""),
                "bit_equal": "can't be used" in found.get("error", ""),
                "others_untouched": True,
            }
        )


@contextmanager
def filled(path):
    """A file that takes all the place that is left."""
    try:
        with open(path, "wb", buffering=0) as file:
            for size in (2**12, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue
        yield
    finally:
        path.unlink()


@contextmanager
def mounted(*options):
    """A small file system in memory; None where only root may make one, and this isn't root."""
    if os.geteuid() != 0:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", folder]
        if subprocess.run(command, capture_output=True).returncode:
            yield None
            return
        try:
            yield folder
        finally:
            subprocess.run(["umount", folder], check=True)


def run(count, seed, minutes):
    """Carry out a campaign: `count` kills, and a few of each other fault."""
    end = time.monotonic() + 60 * minutes
    campaign, few = Campaign(seed), min(5, max(1, count // 10))
    for name in FITS:  # kernels are loaded here, once
        fit(name, {}, None, False)
    skipped = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(("B", "C folds")):  # files of others, which have to stay
            more = {"random_state": 100 + number}
            seconds = campaign.whole(name, more)[1]
            Fork(fit, name, more, folder, True).kill_after(0.7 * seconds)
        older = digests(folder)
        while (done := sum(r["kills"] for r in campaign.records)) < count:
            if time.monotonic() > end:
                skipped["SIGKILL"] = f"after {done} of {count} kills {minutes:g} minutes were over"
                break
            campaign.kill(folder, older)
            if len(campaign.records) % 10 == 0:
                print(f"{done} of {count} kills", flush=True)
        for _ in range(few):
            campaign.out_of_memory(folder, older)
    for what, options in (("full_disk", ["size=160k"]), ("read_only", ["size=1m", "ro"])):
        with mounted(*options) as folder:
            if folder is None:
                skipped[what] = "needs root, to mount a file system"
                continue
            for _ in range(few):
                getattr(campaign, what)(folder)
    return campaign.records, skipped


def main():
    """Run a campaign, print it and write its result."""
    from benchmarks._results import environment

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=200, help="number of kills")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=60, help="most time for the kills")
    parser.add_argument("--into", type=Path, default=RESULTS)
    given = parser.parse_args()
    records, skipped = run(given.count, given.seed, given.minutes)
    counts = {}
    for record in records:
        found = counts.setdefault(record["fault"], Counter())
        found["cases"] += 1
        for key in ("bit_equal", "others_untouched"):
            found[key] += record[key]
        for key in ("kills", "kills_with_a_file", "warned"):
            if key in record:
                found[key] += record[key]
    command = f"python -m tests.campaigns.kill --count {given.count} --seed {given.seed}"
    command += f" --minutes {given.minutes:g}" if skipped else ""
    result = {"command": command, "environment": environment(), "counts": counts}
    result |= {"skipped": skipped, "records": records}
    given.into.mkdir(parents=True, exist_ok=True)
    (given.into / f"kill_seed_{given.seed}.json").write_text(json.dumps(result, indent=1) + "\n")
    for fault, found in counts.items():
        print(f"{fault}: {dict(found)}")
    for what, why in skipped.items():
        print(f"{what}: skipped, {why}")
    sound = ("bit_equal", "others_untouched", "kept")
    bad = [r for r in records if not all(r.get(key, True) for key in sound)]
    print(json.dumps(bad, indent=1))
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
