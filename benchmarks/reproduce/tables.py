"""Tables of the reproduction, from its records; `benchmarks.report` puts them into the docs."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections import Counter

import numpy as np

from benchmarks._data import FETCHERS, TITLES
from benchmarks._records import Records
from benchmarks.reproduce.uci import FIELDS

# Column of a record, row in it, what tables call it.
MODELS = {
    "best MLP": ("MLP", "best"),
    "smallest MLP": ("smallest MLP", "equal"),
    "smallest MLP -1 SE": ("smallest MLP", "one_se"),
    "DR": ("DR", "best"),
    "SCANN H.A.": ("SCANN", "best"),
    "SCANN M.C.": ("SCANN", "equal"),
    "SCANN M.C. -1 SE": ("SCANN", "one_se"),
    "DR+SCANN H.A.": ("DR+SCANN", "best"),
    "DR+SCANN M.C.": ("DR+SCANN", "equal"),
    "DR+SCANN M.C. -1 SE": ("DR+SCANN", "one_se"),
    "paper's setting M.C.": ("paper", "equal"),
}
COMPRESSED = [name for name in MODELS if "M.C." in name]
GOALS = {
    "pendigits": 200,
    "satimage": 80,
    "dna": 30,
    "sensorless": 120,
    "musk": 500,
    "seizure": 100,
    "har": 120,
    "letter": 4000,
}


def records():
    """The committed records."""
    return Records("uci", FIELDS)


def names(found):
    """Data sets that have records, in the paper's order."""
    there = {key[0] for key in found.found}
    return [name for name in TITLES if name in there]


def values(found, data, model, measure):
    """A measure of a model of the tables, for every seed.

    Parameters
    ----------
    found : Records
        The records.
    data : str
        Data set.
    model : str
        Name in `MODELS`.
    measure : str
        "test", "connections", "energy" and so on.

    Returns
    -------
    values : ndarray of shape (n_seeds,)
        In the order of the seeds.
    """
    column, row = MODELS[model]
    keys = sorted(key for key in found.found if key[0] == data and key[2] == column)
    return np.array([found[key][row][measure] for key in keys], dtype=float)


def geometric_mean(x):
    """Geometric mean of positive numbers."""
    return float(np.exp(np.mean(np.log(x))))


def compression(found, data, model, reference):
    """Connections of a reference over those of a model: geometric mean over seeds."""
    ours = values(found, data, model, "connections")
    return geometric_mean(values(found, data, reference, "connections") / ours)


def uci_data():
    """The paper's Table II, as far as there are records."""
    found = records()
    rows = []
    for name in FETCHERS:
        if name not in names(found):
            rows.append([TITLES[name], *["–"] * 5, "not run: the files were not available"])
            continue
        r = found[name, 0, "MLP"]
        rows.append([TITLES[name], *r["n_samples"], r["n_features"], r["scaling"], r["note"]])
    headings = ["data", "training", "validation", "test", "features", "scaling (seed 0)", "remark"]
    return headings, rows


def uci_accuracy():
    """Test accuracy, mean and standard deviation over seeds (Table VI)."""
    found = records()
    rows, means = [], []
    for name in names(found):
        cells, line = [], []
        for model in MODELS:
            x = 100 * values(found, name, model, "test")
            cells.append(f"{x.mean():.1f} ± {x.std():.1f}")
            line.append(x.mean())
        rows.append([TITLES[name], *cells])
        means.append(line)
    rows.append(["mean", *(f"{m:.2f}" for m in np.mean(means, axis=0))])
    return ["data", *MODELS], rows


def uci_size():
    """Connections (median over seeds) and compression (Table VII)."""
    found = records()
    models = ["best MLP", "smallest MLP", "smallest MLP -1 SE", "DR", *COMPRESSED]
    rows = []
    for name in names(found):
        medians = (np.median(values(found, name, m, "connections")) for m in models)
        rows.append([TITLES[name], *(f"{m:.0f}" for m in medians)])
    for reference in ("best MLP", "smallest MLP", "smallest MLP -1 SE"):
        means = [
            geometric_mean([compression(found, name, m, reference) for name in names(found)])
            for m in models
        ]
        rows.append([f"fewer than the {reference}, geometric mean", *(f"{m:.1f}×" for m in means)])
    return ["data", *models], rows


def uci_energy():
    """Energy in nJ, FLOPs and bytes, medians over seeds (Table VIII)."""
    found = records()
    models = ["best MLP", "smallest MLP", "SCANN M.C.", "DR+SCANN M.C."]
    rows = []
    for name in names(found):
        cells = []
        for model in models:
            energy, bare, flops, size = (
                np.median(values(found, name, model, measure))
                for measure in ("energy", "energy_without_reduction", "flops", "bytes")
            )
            text = f"{energy * 1e9:.3g} nJ"
            if model.startswith("DR"):
                text += f" ({bare * 1e9:.3g} without DR)"
            cells.append(f"{text}, {flops:.0f} FLOPs, {size:.0f} B")
        rows.append([TITLES[name], *cells])
    return ["data", *models], rows


def uci_choices():
    """What validation chose, and how long it took."""
    found = records()
    rows = []
    for name in names(found):
        scann = _of(found, name, "SCANN")
        both = _of(found, name, "DR+SCANN")
        inputs = np.median([r["equal"]["inputs"] for r in scann])
        of_all = found[name, 0, "MLP"]["n_features"]
        rows.append(
            [
                TITLES[name],
                _counted(tuple(r["best"]["layers"]) for r in _of(found, name, "MLP")),
                _counted(r["equal"]["setting"] for r in scann),
                _counted(f"{r['equal']['method']} ÷{r['equal']['ratio']:g}" for r in both),
                f"{inputs:.0f} of {of_all}",
                f"{np.median([r['n_fits'] for r in scann]):.0f}",
                f"{np.median([r['relative_seconds'] for r in scann]):.0f}×",
            ]
        )
    headings = ["data", "best MLP", "SCANN M.C.", "reduction of DR+SCANN M.C.", "inputs read"]
    return [*headings, "fits of the search", "its time, in fits of the best MLP"], rows


def uci_reach():
    """Goals of the project and what was reached."""
    found = records()
    there = names(found)
    rows = []
    for reference, goal in (("best MLP", 150), ("smallest MLP", 5)):
        for suffix in ("", " -1 SE"):
            model = "SCANN M.C." + suffix
            if reference == "smallest MLP":
                reference += suffix
            seen = geometric_mean([compression(found, name, model, reference) for name in there])
            what = f"fewer connections than the {reference}, {model}, geometric mean"
            rows.append([what, f"≥ {goal}×", f"{seen:.1f}×", _met(seen >= goal)])
    for name in there:
        ours = {
            model: np.median(values(found, name, model, "connections")) for model in COMPRESSED[:4]
        }
        model = min(ours, key=lambda m: ours[m])
        what = f"connections on {TITLES[name]}, the smallest of all ({model})"
        rows.append(
            [what, f"≤ {GOALS[name]}", f"{ours[model]:.0f}", _met(ours[model] <= GOALS[name])]
        )
    for model in ("SCANN M.C.", "SCANN M.C. -1 SE"):
        loss = np.mean([_points(found, name, model) for name in there])
        what = f"test accuracy of {model} less that of the best MLP, mean over data sets"
        rows.append([what, "≥ -0.3 points", f"{loss:+.2f}", _met(loss >= -0.3)])
    better = sum(_points(found, name, "SCANN H.A.") > 0 for name in there)
    either = sum(
        max(_points(found, name, m) for m in ("SCANN H.A.", "DR+SCANN H.A.")) > 0 for name in there
    )
    what = "data sets where H.A. is above the best MLP, on the mean of the seeds"
    rows.append([f"{what} (SCANN alone; or DR+SCANN)", "all", f"{better}; {either} of {len(there)}",
                 _met(better == len(there))])  # fmt: skip
    for suffix in ("", " -1 SE"):
        ours, theirs = "DR+SCANN M.C." + suffix, "SCANN M.C." + suffix
        smaller = sum(compression(found, name, ours, theirs) > 1 for name in there)
        what = f"data sets where {ours} has fewer connections than {theirs}"
        rows.append([what, "≥ 5", f"{smaller} of {len(there)}", _met(smaller >= 5)])
        cheaper = sum(
            np.median(values(found, name, ours, "energy"))
            < np.median(values(found, name, theirs, "energy"))
            for name in there
        )
        what = "data sets where it needs less energy, the reduction counted"
        rows.append([what, "stated", f"{cheaper} of {len(there)}", ""])
    minutes = sum(r.get("seconds", 0) for r in found) / 60
    what = "processor time of the whole table (two processes share it)"
    rows.append([what, "≤ 120 min", f"{minutes:.0f} min", _met(minutes <= 120)])
    return ["what", "goal", "seen", "met"], rows


def uci_mnist():
    """MNIST, one seed."""
    headings = ["MNIST", "connections", "test accuracy", "energy", "bytes"]
    found = records().found
    if ("mnist", 0, "all") not in found:
        return headings, [["not run yet", *["–"] * 4]]
    r = found["mnist", 0, "all"]
    rows = [
        [what, row["connections"], f"{100 * row['test']:.2f} %", f"{row['energy'] * 1e9:.3g} nJ",
         row["bytes"]]
        for what, row in (
            ("MLP 784-300-100-10", r["MLP"]),
            ("scheme C, highest accuracy", r["best"]),
            ("scheme C, most compressed at the MLP's validation accuracy", r["equal"]),
            ("scheme C, one standard error below", r["one_se"]),
        )
    ]  # fmt: skip
    return headings, rows


def _of(found, data, column):
    keys = sorted(key for key in found.found if key[0] == data and key[2] == column)
    return [found[key] for key in keys]


def _points(found, name, model):
    """Test accuracy above that of the best MLP, in points."""
    ours, theirs = (values(found, name, m, "test").mean() for m in (model, "best MLP"))
    return 100 * (ours - theirs)


def _counted(choices):
    """Choices with how many seeds made them, the most frequent first."""
    counts = Counter(str(choice) for choice in choices)
    return "; ".join(f"{choice} ({n})" for choice, n in counts.most_common())


def _met(is_met):
    return "yes" if is_met else "**no**"
