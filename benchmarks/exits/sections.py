"""The authors' setting of SCAN against ours, on images: sections of convolutions with exits.

    python -m benchmarks.exits.sections [--data digits mnist] [--jobs 2] [--into FOLDER]

The same backbone of three sections is trained for about as many epochs by the same optimizer

* without exits: all sections, and a linear classifier (with one neuron beside it);
* as published: attention and bottlenecks ahead of dense classifiers, self-distillation with λ = 0.5
  and the feature term;
* with λ = 0, and with one pruned matrix for all exits in place of dense classifiers, each alone
  and both together;
* as here: pruned, λ = 0, and in place of attention and bottlenecks mean pooling, which multiplies
  nothing: what an exit reads of the pooled maps is left to the pruning.

Thresholds are those that cost no validation accuracy, searched exactly, and the best of those that
are the same for all exits. Results are those of the test data. Energy counts the multiplications of
convolutions. By default only the digits of scikit-learn are measured. Of MNIST 10 000 training
images, 5000 for validation and all test images are used, and the first and the last setting.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np
import torch
from sklearn.utils.parallel import delayed
from torch import nn

from benchmarks import _data, _options, _results
from benchmarks._markup import markdown
from scann_sklearn import EarlyExitClassifier, SCANNClassifier, SchemeB, SchemeC
from scann_sklearn._parallel import ParallelAsEnded
from scann_sklearn.metrics import EnergyModel
from scann_sklearn.metrics._energy import stage_operations
from scann_sklearn.model._model import model_of
from scann_sklearn.model._stages import Stage

NAME = "exit_sections"
BOUND, CONSTANT = 400, {"learning_rate_init": 0.005, "random_state": 0}
PUBLISHED = {"distillation": 0.5, "feature_distillation": 5e-7}
OURS = {"distillation": 0.0, "feature_distillation": 0.0}
SETTINGS = {
    "as published": ("attention", "dense", PUBLISHED),
    "attention, dense, λ = 0": ("attention", "dense", OURS),
    "attention, pruned, λ = 0.5": ("attention", "pruned", PUBLISHED),
    "attention, pruned, λ = 0": ("attention", "pruned", OURS),
    "as here: pooling, pruned, λ = 0": ("pooling", "pruned", OURS),
}
MAPS = (8, 16, 32)  # of each section
# Side of an image, images for training and validation, samples in a batch, seeds, settings, and
# epochs: in all, after each pruning, and rounds at the bound.
TASKS = {
    "digits": {"side": 8, "n": (None, None), "batch": 32, "seeds": 3, "settings": [*SETTINGS]},
    "mnist": {"side": 28, "n": (10_000, 5000), "batch": 64, "seeds": 3},
}
TASKS["digits"] |= {"epochs": (40, 1, 3)}
TASKS["mnist"] |= {"epochs": (34, 1, 2), "settings": [*SETTINGS][:: len(SETTINGS) - 1]}
_N_COMMON = 200  # thresholds that are tried for all exits together


def backbone(side, seed):
    """One convolution, two, and two more; that of larger images has a stride.

    Parameters
    ----------
    side : int
        Height and width of an image.
    seed : int
        Of the weights.

    Returns
    -------
    sections : list of torch.nn.Module
        The last ends in the mean of each map.
    """
    torch.manual_seed(seed)
    found, before = [], 1
    for number, n_maps in enumerate(MAPS):
        layers = [nn.MaxPool2d(2)] if number else []
        for stride in (1, 1) if number else (2 if side > 16 else 1,):
            layers += [nn.Conv2d(before, n_maps, 3, stride, padding=1, bias=False)]
            layers += [nn.BatchNorm2d(n_maps), nn.ReLU()]
            before = n_maps
        found.append(nn.Sequential(*layers))
    found[-1] = nn.Sequential(*found[-1], nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return found


def heads_of(kind):
    """What is ahead of the first two exits."""
    if kind == "attention":
        return "auto"
    return [nn.Sequential(nn.AdaptiveAvgPool2d(side), nn.Flatten()) for side in (4, 2)]


def images_of(data, seed):
    """Parts of a data set, as images with values up to 1."""
    task, parts = TASKS[data], _data.load(data, seed)
    shape = (-1, 1, task["side"], task["side"])
    scale = 16 if data == "digits" else 1
    found = []
    for rows, y in zip((parts.X_train, parts.X_val, parts.X_test), parts[1::2]):
        found += [(rows / scale).reshape(shape).astype(np.float32), y]
    for i, n in zip((0, 2), task["n"]):
        rows = np.random.default_rng(seed).permutation(len(found[i]))[:n]
        found[i : i + 2] = found[i][rows], found[i + 1][rows]
    return found


def scheme_of(data, heads, kind):
    """Scheme of about as many epochs in all as any other.

    Parameters
    ----------
    data : str
        Name in `TASKS`.
    heads : {"attention", "pooling"}
        Of the first two exits, which say how many connections there are at first.
    kind : {"dense", "pruned"}
        Whether these stay.

    Returns
    -------
    scheme : SchemeC or SchemeB
        Without pruning one phase, and an epoch at the end.
    """
    total, each, last = TASKS[data]["epochs"]
    if kind == "dense":
        return SchemeC(initial_epochs=total - 1, epochs=1, iterations=1, growth="none")
    widths = (MAPS[-1],) * 3 if heads == "attention" else (MAPS[0] * 16, MAPS[1] * 4, MAPS[2])
    size, rounds = int(0.8 * sum(np.cumsum(widths)) * 10), last
    while size > BOUND:  # the way down, see `SchemeC`
        rounds, size = rounds + 1, int(size * (0.8 if size > 500 else 0.9))
    initial = total - rounds * (each + 1)
    return SchemeC(initial_epochs=initial, epochs=each, growth_epochs=1, iterations=last)


def fit(estimator, parts):
    """Fit on the training part, and say how long it took."""
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        estimator.fit(*parts[:2], X_val=parts[2], y_val=parts[3])
    return round(time.process_time() - start, 1)


def measure(data, seed):
    """Records of all settings for a data set and seed.

    Parameters
    ----------
    data : str
        Name in `TASKS`.
    seed : int
        Draws training and validation part, and the weights of the backbone.

    Returns
    -------
    records : list of dict
        What each setting has come to.
    """
    torch.set_num_threads(1)
    task, parts = TASKS[data], images_of(data, seed)
    common = CONSTANT | {"batch_size": task["batch"], "random_state": seed}
    head, costs = {"data": data, "seed": seed, "n_samples": [len(y) for y in parts[1::2]]}, None
    records = []
    for setting in task["settings"]:
        heads, kind, shares = SETTINGS[setting]
        clf = EarlyExitClassifier(
            scheme_of(data, heads, kind),
            sections=backbone(task["side"], seed),
            exit_heads=heads_of(heads),
            hidden_layer_sizes=(),
            n_connections=BOUND if kind == "pruned" else 1.0,
            **shares,
            **common,
        )
        seconds = fit(clf, parts)
        costs = clf._extractor_.costs
        facts = {**head, "setting": setting, **shares, "seconds": seconds}
        records.append({**facts, **found(clf, parts)})
    whole = SCANNClassifier(
        SchemeB(**scheme_of(data, "", "dense").get_params()),
        hidden_layer_sizes=(1,),
        n_connections=1.0,
        feature_extractor=nn.Sequential(*backbone(task["side"], seed)),
        extractor_training="joint",
        **common,
    )
    seconds = fit(whole, parts)
    n_macs, n_features = sum(c.n_macs for c in costs), costs[-1].n_features
    meter = EnergyModel()
    modules = Stage(n_features, n_features, 0, n_macs=n_macs)
    facts = {"setting": "without exits", "seconds": seconds, "epochs": whole.n_iter_}
    facts |= {"connections": int(whole.n_connections_)}
    facts["test"] = round(float(whole.score(*parts[4:])), 5)
    facts["energy"] = meter.energy(whole) + meter.joules(stage_operations([modules], meter))
    return [*records, {**head, **facts}]


def found(clf, parts):
    """What a network with exits is worth on test data, at two choices of thresholds."""
    X_val, y_val, X_test, y_test = parts[2:]
    deepest = model_of(clf).head
    outputs = [_outputs(clf, X) for X in (X_val, X_test)]
    last = clf.classes_[deepest.inner.decide(deepest.parts(outputs[1])[-1])]
    return {
        "epochs": clf.n_iter_,
        "connections": int(clf.n_connections_),
        "energies": clf.exit_energies_.tolist(),
        "deepest": round(float(np.mean(last == y_test)), 5),
        "all": round(float(np.mean(_predicted(clf, outputs[1], 1.0)[0] == y_test)), 5),
        "searched": _worth(clf, outputs[1], clf.thresholds_, y_test),
        "common": _worth(clf, outputs[1], _common(clf, outputs[0], y_val), y_test),
    }


def _outputs(clf, X):
    """Outputs of all exits."""
    features = clf._extractor_.read(X.reshape(len(X), -1)).astype(clf.weights_.dtype)
    return model_of(clf).outputs(features)


def _predicted(clf, outputs, thresholds):
    """Classes and exits of samples whose outputs are known."""
    thresholds = np.broadcast_to(thresholds, clf.n_exits_ - 1)
    head = model_of(clf).head.with_thresholds(thresholds)
    return clf.classes_[head.decide(outputs)], head.exit_of(outputs)


def _common(clf, outputs, y):
    """The cheapest of equal thresholds that cost no validation accuracy."""
    floor = np.mean(_predicted(clf, outputs, 1.0)[0] == y)
    tried = np.linspace(0, 1, _N_COMMON + 1)
    good = [t for t in tried if np.mean(_predicted(clf, outputs, t)[0] == y) >= floor]
    return min(good, key=lambda t: clf.exit_energies_[_predicted(clf, outputs, t)[1]].mean())


def _worth(clf, outputs, thresholds, y):
    classes, exits = _predicted(clf, outputs, thresholds)
    return {
        "thresholds": np.broadcast_to(thresholds, clf.n_exits_ - 1).tolist(),
        "test": round(float(np.mean(classes == y)), 5),
        "energy": float(clf.exit_energies_[exits].mean()),
        "shares": np.round(np.bincount(exits, minlength=clf.n_exits_) / len(exits), 4).tolist(),
    }


def table(records):
    """A row for each data set and setting, means over seeds.

    Parameters
    ----------
    records : list of dict
        Content of the result file.

    Returns
    -------
    headings : list of str
    rows : list of list of str
    """
    headings = ["data, training images", "setting", "seeds", "connections", "deepest exit"]
    headings += ["all exits", "searched thresholds", "% that leave at each exit"]
    headings += ["less energy than without exits", "equal thresholds", "less energy"]
    rows = []
    for data in dict.fromkeys(r["data"] for r in records):
        own = [r for r in records if r["data"] == data]
        whole = [r for r in own if r["setting"] == "without exits"]
        title = "MNIST" if data == "mnist" else _data.TITLES[data]
        title += f", {whole[0]['n_samples'][0]}"
        energy, n = np.mean([r["energy"] for r in whole]), len(whole)
        size = round(np.mean([r["connections"] for r in whole]))
        seen = f"{_percent(whole, 'test')} at {1e6 * energy:.2f} µJ"
        rows.append([title, "without exits", n, size, seen, "", "", "", "", "", ""])
        for setting in TASKS[data]["settings"]:
            found = [r for r in own if r["setting"] == setting]
            size = round(np.mean([r["connections"] for r in found]))
            row = [title, setting, len(found), size]
            row += [_percent(found, "deepest"), _percent(found, "all")]
            for rule in ("searched", "common"):
                chosen = [r[rule] for r in found]
                mean = np.mean([c["energy"] for c in chosen])
                row.append(f"{_percent(chosen, 'test')} at {1e6 * mean:.2f} µJ")
                if rule == "searched":
                    shares = np.mean([c["shares"] for c in chosen], axis=0)
                    row.append(" / ".join(f"{100 * share:.0f}" for share in shares))
                row.append(f"{energy / mean:.2f}×")
            rows.append(row)
    if len({row[0] for row in rows}) == 1:  # it says nothing then
        headings, rows = headings[1:], [row[1:] for row in rows]
    return headings, rows


def _percent(records, name):
    """Mean accuracy, with its spread over seeds."""
    values = [100 * r[name] for r in records]
    return f"{np.mean(values):.1f} ± {np.std(values):.1f} %"


def committed():
    """Records of the result file."""
    return _results.load(NAME)["records"]


def exit_sections():
    """Settings of SCAN on images, of the result file."""
    return table(committed())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", nargs="+", choices=TASKS, default=["digits"])
    parser.add_argument("--jobs", type=int, default=2, help="number of processes")
    _options.add_into(parser, "the result")
    args = parser.parse_args()
    results = _results.Run(NAME, args.into, bound=BOUND, parameters=CONSTANT)
    there = _data.ready(args.data)
    tasks = [(data, seed) for data in there[::-1] for seed in range(TASKS[data]["seeds"])]
    for records in ParallelAsEnded(args.jobs)(delayed(measure)(*task) for task in tasks):
        results.add(*records)
        print(records[0]["data"], records[0]["seed"], sum(r["seconds"] for r in records), "s")
    results.records.sort(key=lambda r: (there.index(r["data"]), r["seed"]))
    print(f"{markdown(*table(results.records))}\n\n{results.finish()}")


if __name__ == "__main__":
    main()
