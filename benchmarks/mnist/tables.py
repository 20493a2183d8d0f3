"""Tables of the networks on MNIST, and what the records say of the goals."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from itertools import takewhile
from statistics import median

from benchmarks._records import Records
from benchmarks.mnist.__main__ import FIELDS, NAME
from benchmarks.mnist._fits import AS_PUBLISHED, DENSE, RECIPES
from benchmarks.mnist._networks import AREA_SHARES, NETWORKS
from benchmarks.mnist.in_c import codes

RECIPE_TITLES = {
    "plain": "plain images",
    "distorted": "distorted images",
    "teacher": "distorted images, teacher",
    "NeST": "distorted images, NeST",
    "NeST, few positions": "distorted images, NeST, few positions",
}
FLASH, RAM, ERROR_IN_C = 6 * 1024, 16 * 1024, 0.009  # the goal for a microcontroller
MULTIPLICATIONS_OF_NEST = 52_500  # of LeNet-5: 105K operations, each with a sum
NEAR = 1.5  # times more or fewer connections that a published network beside ours may have


def records(folder=None):
    """The committed records, or those of another folder, with what was measured in C."""
    found, measured = Records(NAME, FIELDS, folder), codes(folder)
    for key, record in found.found.items():
        record["in_c"] = measured.get(key)
    return found


def of(found, name, recipe, what):
    """Records of all seeds of a fit."""
    return [r for key, r in found.found.items() if (key[0], key[1], key[3]) == (name, recipe, what)]


def best_recipe(found, name, what):
    """The recipe of the lowest median validation error at a size; None without records.

    Of those with the most seeds: others are not to be compared with them yet.
    """
    able = {recipe: of(found, name, recipe, what) for recipe in RECIPES}
    most = max(map(len, able.values()))
    if most == 0:
        return None
    able = {recipe: rows for recipe, rows in able.items() if len(rows) == most}
    return min(able, key=lambda recipe: median(r["validation_error"] for r in able[recipe]))


def spread(values):
    """Median and range, in percent."""
    low, high = (f"{100 * f(values):.2f}" for f in (min, max))
    middle = f"{100 * median(values):.2f}"
    return middle if low == high else f"{middle} ({low}-{high})"


def mnist_rows(found=None):
    """Every size of every network with every recipe."""
    found = records() if found is None else found
    rows = []
    for name, network in NETWORKS.items():
        sizes = [DENSE, *(str(stage.connections) for stage in network.stages)]
        sizes += [f"{letter} as published" for letter in AS_PUBLISHED]
        for what in sizes:
            for recipe in RECIPES:
                if seeds := of(found, name, recipe, what):
                    rows.append(_row(network.title, what, recipe, seeds))
    headings = ["network", "connections", "trained with", "seeds"]
    return [*headings, "test error", "lowest seen", "validation"], rows


def _row(title, what, recipe, seeds):
    sizes = sorted(r["connections"] for r in seeds)
    return [
        title,
        f"{sizes[len(sizes) // 2]}{' (all)' if what == DENSE else ''}",
        what if "published" in what else _short(recipe),
        len(seeds),
        *(
            spread([r[key] for r in seeds])
            for key in ("test_error", "lowest_test_error", "validation_error")
        ),
    ]


def mnist_moves(found=None):
    """Median test errors of one size in one row, with all ways to train that were run."""
    found = records() if found is None else found
    rows = []
    for name, network in NETWORKS.items():
        for what in (DENSE, *(str(stage.connections) for stage in network.stages)):
            seeds = [of(found, name, recipe, what) for recipe in RECIPES]
            if sum(map(bool, seeds)) < 2:
                continue
            errors = [f"{100 * median(r['test_error'] for r in own):.2f}" if own else "–"
                      for own in seeds]  # fmt: skip
            rows.append([network.title, "all" if what == DENSE else what, *errors])
    return ["network", "connections", *map(_short, RECIPES)], rows


def mnist_pairs(found=None):
    """How far test errors with one recipe are from those with another, seed by seed."""
    found = records() if found is None else found
    rows = []
    for name, network in NETWORKS.items():
        for what in (DENSE, *(str(stage.connections) for stage in network.stages)):
            pairs = [("distorted", "plain"), ("teacher", "distorted"), ("NeST", "distorted")]
            cells = [_apart(found, name, what, *pair) for pair in pairs]
            if any(cell != "–" for cell in cells):
                rows.append([network.title, "all" if what == DENSE else what, *cells])
    titles = ("distorted less plain", "with a teacher less without", "NeST less scheme C")
    return ["network", "connections", *titles], rows


def _apart(found, name, what, recipe, other):
    """Median (range) in points over the seeds that have both, and their number."""
    errors, theirs = (
        {r["seed"]: 100 * r["test_error"] for r in of(found, name, way, what)}
        for way in (recipe, other)
    )
    apart = [error - theirs[seed] for seed, error in errors.items() if seed in theirs]
    if not apart:
        return "–"
    low, middle, high = (f"{f(apart):+.2f}" for f in (min, median, max))
    return f"{middle}, 1 seed" if len(apart) == 1 else f"{middle} ({low} to {high}), {len(apart)}"


def mnist_time(found=None):
    """Processor time of all fits of a network with a recipe and a seed."""
    found = records() if found is None else found
    rows = []
    for name, network in NETWORKS.items():
        sizes = [str(stage.connections) for stage in network.stages]
        ways = [(recipe, _short(recipe), [DENSE], sizes) for recipe in RECIPES]
        published = [f"{letter} as published" for letter in AS_PUBLISHED]
        ways.append(("plain", "A, B and C as published", [], published))
        for recipe, title, first, others in ways:
            if minutes := _minutes(found, name, recipe, others):
                of_first = _span(_minutes(found, name, recipe, first))
                rows.append([network.title, title, len(minutes), of_first, _span(minutes)])
    headings = ["network", "trained with", "seeds", "all connections, min", "the others, min"]
    return headings, rows


def _minutes(found, name, recipe, fits):
    """Minutes of fits that follow each other, up to the last that was run; a number for a seed.

    Of the seeds that have them all.
    """
    fits = list(takewhile(lambda what: of(found, name, recipe, what), fits))
    by_seed = {}
    for what in fits:
        for r in of(found, name, recipe, what):
            by_seed.setdefault(r["seed"], []).append(r["seconds"] / 60)
    return [sum(minutes) for minutes in by_seed.values() if len(minutes) == len(fits)]


def _span(minutes):
    """Median and range; a dash where there is nothing."""
    if not minutes:
        return "–"
    low, middle, high = (f"{f(minutes):.1f}" for f in (min, median, max))
    return middle if low == high else f"{middle} ({low}-{high})"


def _short(recipe):
    """Title of a recipe; all but plain images are distorted."""
    return RECIPE_TITLES[recipe].replace("distorted images, ", "")


def mnist_published():
    """What papers print."""
    rows = []
    for network in NETWORKS.values():
        for row in network.published:
            rows.append([network.title, row.connections, f"{100 * row.error:.2f}", row.source])
    return ["network", "connections", "test error, %", "published by"], rows


def mnist_short(found=None):
    """Each size, by the recipe that validation prefers, beside published networks of about it."""
    found = records() if found is None else found
    rows = []
    for network_name, network in NETWORKS.items():
        for stage in network.stages:
            what = str(stage.connections)
            recipe = best_recipe(found, network_name, what)
            if recipe is None:
                continue
            seeds = of(found, network_name, recipe, what)
            error = spread([r["test_error"] for r in seeds])
            near = [
                f"{100 * row.error:.2f} % with {row.connections} ({row.source})"
                for row in network.published
                if 1 / NEAR <= row.connections / stage.connections <= NEAR
            ]
            codes = [r["in_c"] for r in seeds if r["in_c"]]
            in_c = "–"
            if codes:
                errors = spread([code["test_error"] for code in codes])
                in_c = f"{errors} %, {max(code['flash'] for code in codes)} B"
            row = [network.title, stage.connections, len(seeds), f"{error} %", in_c]
            rows.append([*row, "; ".join(near) or "–"])
    headings = ["network", "connections", "seeds", "test error", "in C with int8: error, flash"]
    return [*headings, "published, of about that size"], rows


def mnist_reach(found=None):
    """The goals, and what is seen."""
    found = records() if found is None else found
    rows = []
    for name, network in NETWORKS.items():
        for goal in network.goals:
            what = str(goal.connections)
            if recipe := best_recipe(found, name, what):
                errors = [r["test_error"] for r in of(found, name, recipe, what)]
                text = f"{network.title}, {goal.connections} connections, {RECIPE_TITLES[recipe]}"
                met = median(errors) <= goal.error
                rows.append([text, f"≤ {100 * goal.error:.2f} %", f"{spread(errors)} %", _yes(met)])
    rows += [*_nest(found), *(row for row in (_deep(found), _in_c(found)) if row)]
    return ["what", "goal", "seen", "met"], rows


def _nest(found):
    """What the paper of NeST prints, against the same scheme here with no more connections."""
    for name, network in NETWORKS.items():
        for row in (row for row in network.published if row.source == "NeST"):
            sizes = [s.connections for s in network.stages if s.connections <= row.connections]
            for recipe in AREA_SHARES:
                seeds = of(found, name, recipe, str(max(sizes, default=0)))
                if not seeds:
                    continue
                errors = [r["test_error"] for r in seeds]
                text = f"{network.title}, {max(sizes)} connections, {RECIPE_TITLES[recipe]}"
                goal, seen = f"≤ {100 * row.error:.2f} %", f"{spread(errors)} %"
                met = median(errors) <= row.error
                if network.layers:
                    codes = [r["in_c"] for r in seeds if r["in_c"]]
                    products = median(code["macs"] for code in codes) if codes else None
                    goal += f", {MULTIPLICATIONS_OF_NEST} multiplications"
                    seen += f", {products:.0f}" if codes else ", not counted yet"
                    met = met and codes and products <= MULTIPLICATIONS_OF_NEST
                yield [f"{text}: as NeST's paper has", goal, seen, _yes(met)]


def _deep(found):
    """The deep perceptron against all its connections, the same training for both."""
    what = "300000"
    recipe = best_recipe(found, "ciresan", what)
    if recipe is None:
        return None
    origin = "plain" if recipe == "plain" else "distorted"
    dense, small = (
        median(r["test_error"] for r in of(found, "ciresan", *key))
        for key in ((origin, DENSE), (recipe, what))
    )
    text = "deep perceptron, 300000 connections, less all of them"
    return [text, "≤ 0.10 points", f"{100 * (small - dense):+.2f}", _yes(small - dense <= 0.001)]


def _in_c(found):
    """The most accurate kind of network that fits the goal for microcontrollers."""
    able = {}
    for key, record in found.found.items():
        code = record["in_c"]
        if code and code["flash"] <= FLASH and code["ram"] <= RAM:
            able.setdefault((key[0], key[1], key[3]), []).append(record)
    most = max(map(len, able.values()), default=0)
    able = {k: rows for k, rows in able.items() if len(rows) == most}
    if not able:
        return None
    best = min(able, key=lambda k: median(r["validation_error"] for r in able[k]))
    codes = [r["in_c"] for r in able[best]]
    error = median(c["test_error"] for c in codes)
    flash, ram = (max(c[k] for c in codes) for k in ("flash", "ram"))
    text = f"int8 C of {NETWORKS[best[0]].title}, {best[2]} connections"
    goal = f"≤ {100 * ERROR_IN_C:.2f} %, {FLASH} B of flash, {RAM} B of RAM"
    return [text, goal, f"{100 * error:.2f} %, {flash} B, {ram} B", _yes(error <= ERROR_IN_C)]


def mnist_in_c(found=None):
    """What networks take in C with integers of 8 bits, by the recipe that validation prefers."""
    found = records() if found is None else found
    rows = []
    for name, network in NETWORKS.items():
        for stage in network.stages:
            recipe = best_recipe(found, name, str(stage.connections))
            seeds = of(found, name, recipe, str(stage.connections)) if recipe else []
            codes = [r["in_c"] for r in seeds if r["in_c"]]
            if codes:
                largest = [max(c[k] for c in codes) for k in ("flash", "ram", "macs")]
                errors = spread([c["test_error"] for c in codes])
                own = [network.title, stage.connections, RECIPE_TITLES[recipe], len(codes)]
                rows.append([*own, errors, *largest])
    headings = ["network", "connections", "trained with", "seeds", "test error in int8, %"]
    return [*headings, "flash, B", "RAM, B", "multiplications"], rows


def _yes(met):
    return "yes" if met else "**no**"
