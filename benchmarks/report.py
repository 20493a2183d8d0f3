"""Render the committed result files into README and docs.

    python -m benchmarks.report [--check]

Tables stand between the lines ``begin: NAME`` and ``end: NAME``. With ``--check`` nothing is
written; the exit status is 1 where a file is not up to date.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from benchmarks import _results, reliability
from benchmarks._data import FETCHERS
from benchmarks._markup import markdown, rest
from benchmarks.checkpoints import checkpoints
from benchmarks.clusters import tables as clusters
from benchmarks.cost.tables import cost, cost_against, cost_epochs
from benchmarks.deploy import exits as deploy_exits, tables as deploy, targets
from benchmarks.exits import sections as exit_sections, tables as exits
from benchmarks.large_heads import large_heads, large_heads_gpu
from benchmarks.mnist import tables as mnist
from benchmarks.one_fit import tables as one_fit
from benchmarks.peers import tables as peers
from benchmarks.regression import tables as regression
from benchmarks.searches import tables as searches
from benchmarks.searches.images import searches_images
from benchmarks.uci import energy, goals, headlines, tables as families

ROOT = Path(__file__).parent.parent
README, DOCS = ROOT / "README.md", ROOT / "docs" / "developer"


def demo():
    """Rows of the demo."""
    headings = ["model", "choice", "test accuracy", "connections", "fewer by", "energy"]
    headings.append("energy without reduction")
    rows = [
        [
            r["model"],
            r["choice"].replace("|", "/"),
            f"{r['test_accuracy']:.1%}",
            r["connections"],
            f"{r['ratio']:.1f}×",
            f"{r['energy'] * 1e9:.1f} nJ",
            f"{r['energy_without_reduction'] * 1e9:.1f} nJ",
        ]
        for r in _results.load("demo")["records"]
    ]
    return headings, rows


def speed():
    """Ratios against peers, and the peak memory."""
    rows = []
    for r in _results.load("speed")["records"]:
        if "times_faster" in r:
            seen = f"{r['times_faster']:.2f}× ({r['lowest']:.2f}-{r['highest']:.2f})"
            goal = f"{r['target']:.2f}×"
        else:
            seen, goal = f"{r['peak_gigabytes']:.2f} GB", f"{r['target']} GB"
        rows.append([r["what"], seen, goal, "yes" if r["met"] else "**no**"])
    return ["what", "times as fast, median (range)", "goal", "met"], rows


def accuracy():
    """Test accuracy of small networks."""
    rows = [
        [
            f"{r['data']}, at most {r['n_connections']} connections",
            f"{r['median']:.1%}",
            f"{r['lowest']:.1%}-{r['highest']:.1%}",
            f"{r['target']:.1%}",
            "yes" if r["met"] else "**no**",
        ]
        for r in _results.load("accuracy")["records"]
    ]
    n_seeds = len(_results.load("accuracy")["seeds"])
    median = f"test accuracy, median of {n_seeds} seeds"
    return ["data", median, "range", "goal", "met"], rows


def defaults():
    """Every option varied alone."""
    rows = [
        [
            r["option"],
            r["setting"] + (" (default)" if r["default"] else ""),
            f"{r['mean_accuracy']:.2%}",
            f"{_mean_of_complete(r['accuracy']):.2%}",
        ]
        for r in _results.load("defaults")["records"]
    ]
    return ["option", "setting", "mean over all data", "mean over the UCI sets"], rows


def _mean_of_complete(accuracy):
    """Mean over data sets from files of the mean over their bounds."""
    by_data = {}
    for name, value in accuracy.items():
        by_data.setdefault(name.split()[0], []).append(value)
    files = [name for name in by_data if name in FETCHERS]
    return sum(sum(by_data[n]) / len(by_data[n]) for n in files) / len(files)


def speed_maps():
    """Ratios of sparse convolutions against torch and sparseprop."""
    rows = [
        [
            r["what"],
            f"{r['times_faster']:.1f}× ({r['lowest']:.1f}-{r['highest']:.1f})",
            f"{r['target']}×",
            "yes" if r["met"] else "**no**",
        ]
        for r in _results.load("speed_maps")["records"]
    ]
    return ["what", "times as fast, median (range)", "goal", "met"], rows


_FRONTS = {
    "distorted": "convolutions, distorted images",
    "convolutions": "convolutions",
    "none": "none",
}


def images():
    """Accuracy of networks of images, and what they take in C."""
    rows = []
    for r in _results.load("images")["records"]:
        runs = r["runs"]
        low, high = (f([run["flash"] for run in runs]) for f in (min, max))
        ram = max(run["ram"] for run in runs)
        macs = sorted(run["macs"] for run in runs)[len(runs) // 2]
        rows.append(
            [
                r["data"],
                _FRONTS[r["front"]],
                r["bound"],
                len(runs),
                f"{r['median_accuracy']:.1%} ({r['lowest']:.1%}-{r['highest']:.1%})",
                f"{r['median_int8']:.1%}",
                f"{low}-{high} B" if low < high else f"{low} B",
                f"{ram} B",
                macs,
            ]
        )
    headings = ["data", "ahead of the neurons", "connections, at most", "seeds"]
    headings += ["test accuracy, median (range)", "in int8", "flash", "RAM", "multiplications"]
    return headings, rows


def reduction():
    """Seconds and memory of the nine reductions on 58 509 x 48 values."""
    rows = [
        [f"{r['method']}, ratio {r['ratio']}", f"{r['fit_seconds']:.2f} s",
         f"{r['transform_seconds']:.2f} s", f"{r['peak_gigabytes']:.2f} GB"]
        for r in _results.load("reduction")["records"]
    ]  # fmt: skip
    return ["method", "fit", "transform", "peak memory"], rows


PLACES = [
    (
        README,
        markdown,
        (
            demo,
            headlines.families_headline,
            headlines.families_short,
            mnist.mnist_short,
            regression.regression_short,
            deploy.deploy_short,
            speed,
            accuracy,
        ),
    ),
    (DOCS.parent / "index.rst", rest, (headlines.families_headline,)),
    (
        DOCS.parent / "user_guide" / "early_exit.rst",
        rest,
        (deploy_exits.deploy_exits, deploy_exits.deploy_exits_size),
    ),
    (DOCS / "defaults.rst", rest, (defaults, cost_epochs, accuracy)),
    (DOCS / "speed.rst", rest, (speed, speed_maps, reduction)),
    (
        DOCS.parent / "user_guide" / "more_than_one_machine.rst",
        rest,
        (clusters.clusters_killed, clusters.clusters_speed),
    ),
    (
        DOCS.parent / "user_guide" / "reliability.rst",
        rest,
        (
            reliability.hostile_cases,
            reliability.guided_inputs,
            reliability.faults_of_fits,
            clusters.clusters_killed,
            reliability.soak_memory,
            reliability.soak_course,
            reliability.versions,
            reliability.conformance,
        ),
    ),
    (DOCS.parent / "user_guide" / "resume.rst", rest, (checkpoints,)),
    (DOCS / "cost.rst", rest, (cost, cost_against)),
    (DOCS / "images.rst", rest, (images,)),
    (
        DOCS / "mnist.rst",
        rest,
        (
            mnist.mnist_reach,
            mnist.mnist_rows,
            mnist.mnist_moves,
            mnist.mnist_pairs,
            mnist.mnist_in_c,
            mnist.mnist_time,
            mnist.mnist_published,
        ),
    ),
    (DOCS / "large_heads.rst", rest, (large_heads, large_heads_gpu)),
    (
        DOCS / "early_exit_benchmark.rst",
        rest,
        (
            exits.exits_reach,
            exits.exits_energy,
            exits.exits_energy_one_se,
            exits.exits_distillation,
            exit_sections.exit_sections,
        ),
    ),
    (
        DOCS / "equal_effort.rst",
        rest,
        (
            families.families_data,
            families.families_compression,
            goals.families_reach,
            families.families_size,
            families.families_size_one_se,
            families.families_accuracy,
            families.families_best,
            energy.families_energy,
            families.families_effort,
        ),
    ),
    (
        DOCS / "searches.rst",
        rest,
        (
            searches.searches_reach,
            searches.searches_fits,
            searches.searches_time,
            searches.searches_test,
            searches_images,
        ),
    ),
    (
        DOCS / "peers.rst",
        rest,
        (peers.peers_reach, peers.peers_connections, peers.peers_ranks, peers.peers_bytes),
    ),
    (
        DOCS / "regression.rst",
        rest,
        (
            regression.regression_reach,
            regression.regression_compression,
            regression.regression_best,
            regression.regression_time,
        ),
    ),
    (
        DOCS / "one_fit.rst",
        rest,
        (
            one_fit.one_fit_goals,
            one_fit.one_fit_against,
            one_fit.one_fit_accuracy,
            one_fit.one_fit_chosen,
            one_fit.one_fit_tuning,
            one_fit.one_fit_automatic,
            one_fit.one_fit_others,
            one_fit.one_fit_reliability,
            one_fit.one_fit_timing,
        ),
    ),
    (
        DOCS / "deployment_benchmark.rst",
        rest,
        (
            deploy.deploy_short,
            deploy.deploy_reach,
            deploy.deploy_pendigits,
            deploy.deploy_satimage,
            deploy.deploy_dna,
            deploy.deploy_digits,
            targets.target_costs,
        ),
    ),
]


def rendered(path, render, tables):
    """Text of a file with its tables made anew."""
    text = path.read_text()
    for table in tables:
        name = table.__name__
        pattern = re.compile(rf"(begin: {name}\b[^\n]*\n).*?(\n[^\n]*end: {name}\b)", re.DOTALL)
        if not pattern.search(text):
            raise ValueError(f"{path.name} has no place for the table {name!r}.")
        content = render(*table())
        text = pattern.sub(lambda m, content=content: f"{m[1]}\n{content}\n{m[2]}", text)
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail if out of date")
    args = parser.parse_args()
    stale = []
    for path, render, tables in PLACES:
        text = rendered(path, render, tables)
        if text != path.read_text():
            stale.append(path.name)
            if not args.check:
                path.write_text(text)
    print("out of date: " + ", ".join(stale) if stale else "everything is up to date")
    sys.exit(bool(stale and args.check))


if __name__ == "__main__":
    main()
