"""Tables of the families, from their records; `benchmarks.report` puts them into the docs."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections import Counter

import numpy as np

from benchmarks._data import FETCHERS, TITLES
from benchmarks._network_files import read_network
from benchmarks._records import Records
from benchmarks.uci.__main__ import FIELDS, MODELS, NAME
from benchmarks.uci._columns import network_file

BEST, SMALLEST = ("dense", "best"), {"equal": ("dense", "equal"), "one_se": ("dense", "one_se")}
LABELS = {
    "dense": "smallest MLP",
    "one-shot": "one-shot pruning",
    "iterative": "iterative pruning",
    "RigL": "RigL",
    "SCANN": "SCANN",
    "NeST": "NeST",
    "default": "SCANN, one default fit",
    "as published": "SCANN as published",
    "DR": "DR, MLP",
    "DR+SCANN": "DR+SCANN",
}
RULES = {"equal": "as accurate", "one_se": "one standard error below"}
N_RESAMPLES = 2000


def records():
    """The committed records."""
    return Records(NAME, FIELDS)


def families(found):
    """Families with a whole seed, in the order of the tables."""
    return [family for family in LABELS if cells(found, family)]


def cells(found, family):
    """Data sets of the perceptrons, with the seeds that a family has records of for all of them.

    Means over different data sets can't be compared.
    """
    there = {key[:2] for key in found.found if key[2] == family}
    every = {data for data, _, other in found.found if other == "dense"}
    seeds = sorted({seed for _, seed in there})
    whole = [seed for seed in seeds if all((name, seed) in there for name in every)]
    return {name: whole for name in TITLES if name in every and whole}


def values(found, where, model, measure):
    """A measure of a model, for every seed of every data set.

    Parameters
    ----------
    found : Records
        The records.
    where : dict of str to list of int
        Seeds of each data set.
    model : tuple of (str, str)
        Family and rule.
    measure : str
        "test", "connections" and so on.

    Returns
    -------
    values : dict of str to ndarray of shape (n_seeds,)
        By data set.
    """
    family, rule = model
    return {
        name: np.array([found[name, seed, family][rule][measure] for seed in seeds], dtype=float)
        for name, seeds in where.items()
    }


def sizes(found, where, model, measure="connections"):
    """Connections of a model; of the best perceptron where the accuracy isn't reached.

    Whoever needs the accuracy takes the perceptron then.

    Parameters
    ----------
    found, where, model
        As for `values`.
    measure : str, default="connections"
        Another cost in their place, "energy" and so on.

    Returns
    -------
    sizes : dict of str to ndarray of shape (n_seeds,)
        By data set.
    """
    own, best = (values(found, where, m, measure) for m in (model, BEST))
    reached = values(found, where, model, "reached")
    return {name: np.where(reached[name], own[name], best[name]) for name in where}


def with_interval(per_data, middle=np.mean):
    """A mean over data sets of means over seeds, and its 95 % interval over seeds.

    Parameters
    ----------
    per_data : dict of str to ndarray of shape (n_seeds,)
        A number for each seed of each data set.
    middle : callable, default=numpy.mean
        What is made of the seeds of a data set, along the last axis.

    Returns
    -------
    mean, low, high : float
        For the interval seeds are drawn again within each data set.
    """
    rng = np.random.default_rng(0)
    again = [
        middle(x[rng.integers(len(x), size=(N_RESAMPLES, len(x)))], axis=-1)
        for x in per_data.values()
    ]
    low, high = np.quantile(np.mean(again, axis=0), (0.025, 0.975))
    return float(np.mean([middle(x) for x in per_data.values()])), float(low), float(high)


def compression(found, family, rule, reference):
    """How many times fewer connections, geometric mean with its interval, see `sizes`.

    Parameters
    ----------
    found : Records
        The records.
    family : str
        Whose smallest networks.
    rule : {"equal", "one_se"}
        What they reach.
    reference : tuple of (str, str)
        Family and rule of the networks they are compared with.

    Returns
    -------
    ratio, low, high : float
        See `with_interval`.
    """
    where = cells(found, family)
    return ratio(*(sizes(found, where, model) for model in (reference, (family, rule))))


def ratio(theirs, ours):
    """Geometric mean of ratios with its interval, see `with_interval`."""
    logs = {name: np.log(theirs[name] / ours[name]) for name in ours}
    return tuple(float(np.exp(x)) for x in with_interval(logs))


def gain(found, family, rule):
    """Points of test accuracy above the best perceptron, mean with its interval."""
    where = cells(found, family)
    ours, theirs = (values(found, where, m, "test") for m in ((family, rule), BEST))
    return with_interval({name: 100 * (ours[name] - theirs[name]) for name in where})


def families_data():
    """The data sets: their parts, features and classes, and what is special about them."""
    found = records()
    there = cells(found, "dense")
    folder = found.path.parent / MODELS
    rows = []
    for name, title in TITLES.items():
        if name in there:
            seed = there[name][0]
            record = found[name, seed, "dense"]
            network = read_network(network_file(folder, name, seed, *BEST))
            counts = [*record["n_samples"], record["n_features"], len(network.classes_)]
            rows.append([title, *counts, record["note"]])
        elif name in FETCHERS:
            rows.append([title, *["–"] * 5, "not run: the files were not available"])
    return ["data", "training", "validation", "test", "features", "classes", "remark"], rows


def families_compression():
    """Every family against the best and the smallest perceptron."""
    found = records()
    rows = []
    for family in families(found):
        where = cells(found, family)
        n_cells = f"{len(where)} × {min(map(len, where.values()))}"
        row = [LABELS[family], n_cells]
        for rule in RULES:
            references = (BEST, SMALLEST[rule])
            row += [as_ratio(compression(found, family, rule, other)) for other in references]
            row.append(as_points(gain(found, family, rule)))
        rows.append(row)
    what = (
        "fewer than the best MLP",
        "fewer than the smallest MLP",
        "test accuracy less the best's",
    )
    columns = [f"{heading}, {how}" for how in RULES.values() for heading in what]
    return ["family", "data sets × seeds", *columns], rows


def families_size():
    """Connections of the smallest networks as accurate as the best perceptron."""
    return _by_data("equal", "connections")


def families_size_one_se():
    """Connections of the smallest networks one standard error below."""
    return _by_data("one_se", "connections")


def families_accuracy():
    """Test accuracy of the smallest networks as accurate on validation data."""
    return _by_data("equal", "test")


def families_best():
    """Test accuracy of the most accurate networks on validation data."""
    return _by_data("best", "test")


def families_effort():
    """What each family took, and which recipes and starts it ended with."""
    found = records()
    rows = []
    for family in families(found):
        own = [found[n, seed, family] for n, s in cells(found, family).items() for seed in s]
        reached = sum(r["equal"]["reached"] for r in own)
        rows.append(
            [
                LABELS[family],
                f"{np.median([r['n_fits'] for r in own]):.0f}",
                f"{np.median([r['epochs'] for r in own]):.0f}",
                f"{sum(r['seconds'] for r in own) / 60:.0f} min",
                _counted(r["equal"]["recipe"] for r in own),
                _counted(r["equal"]["start"].replace(" | ", ", ") for r in own),
                f"{reached} of {len(own)}",
            ]
        )
    headings = ["family", "fits", "epochs", "processor time of all", "recipe", "start"]
    return [*headings, "reached the best MLP's accuracy"], rows


def _by_data(rule, measure):
    found = records()
    rows = []
    models = {"best MLP": BEST} | {LABELS[f]: (f, rule) for f in families(found)}
    if rule == "best":
        models.pop(LABELS["dense"], None)
    for name in cells(found, "dense"):
        row = [TITLES[name]]
        for family, own in models.values():
            seeds = cells(found, family).get(name)
            row.append("–" if not seeds else _cell(found, name, seeds, (family, own), measure))
        rows.append(row)
    return ["data", *models], rows


def _cell(found, name, seeds, model, measure):
    x = values(found, {name: seeds}, model, measure)[name]
    if measure == "test":
        return f"{100 * x.mean():.1f}" + f" ± {100 * x.std():.1f}" * (len(x) > 1)
    span = f" ({x.min():.0f}–{x.max():.0f})" * (len(x) > 1)
    return f"{np.median(x):.0f}{span}{missed(found, name, seeds, model)}"


def missed(found, name, seeds, model):
    """For how many seeds of a data set the accuracy isn't reached, in brackets; else nothing."""
    n_missed = sum(not found[name, seed, model[0]][model[1]]["reached"] for seed in seeds)
    if not n_missed:
        return ""
    return f" ({n_missed} not reached)" if len(seeds) > 1 else " (not reached)"


def as_ratio(interval):
    """A ratio, with its interval where there is one."""
    middle, low, high = (f"{x:.1f}" for x in interval)
    return f"{middle}×" + f" ({low}–{high})" * (low != high)


def as_points(interval):
    """A difference in points, with its interval where there is one."""
    middle, low, high = (f"{x:+.2f}" for x in interval)
    return middle + f" ({low} to {high})" * (low != high)


def _counted(choices):
    """Choices with how often they were made, the most frequent first."""
    counts = sorted(Counter(choices).items(), key=lambda pair: (-pair[1], pair[0]))
    return "; ".join(f"{choice} ({n})" for choice, n in counts)
