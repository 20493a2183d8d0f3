"""Run every speed benchmark and write benchmarks/results/speed.json.

python -m benchmarks.speed [--repeats 5] [--into FOLDER]
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import sys

from benchmarks import _data, _options, _results
from benchmarks.speed import memory, prediction, training


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="number of measurements")
    _options.add_into(parser, "the result")
    args = parser.parse_args()
    if not _data.ready(["pendigits"]):
        sys.exit(1)
    results = _results.Run("speed", args.into)
    for measure in (training.measure, prediction.measure):
        for what, target, result in measure(args.repeats):
            met = result["times_faster"] >= target
            results.add({"what": what, "target": round(target, 3), "met": met, **result})
            print(
                f"{what}: {result['times_faster']}× ({result['lowest']}-{result['highest']}), "
                f"target {target:.2g}× {'met' if met else 'MISSED'}",
                flush=True,
            )
    peak = memory.measure()
    results.add(
        {
            "what": "peak memory of a fit of 784-2500-2000-1500-1000-500-10, gigabytes",
            "target": 3,
            "met": peak["peak_gigabytes"] <= 3,
            **peak,
        }
    )
    print(f"peak memory: {peak['peak_gigabytes']} GB, target 3 GB", flush=True)
    results.finish()


if __name__ == "__main__":
    main()
