"""DR+SCANN on the handwritten digits of scikit-learn, against multilayer perceptrons.

Training, validation and test data are separate. Every choice is made on the validation data; the
test data are used once per row of the table.

    python -m benchmarks.demo [--save | --into FOLDER]
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.callback import ProgressBar
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, PredefinedSplit, train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks import _results
from scann_sklearn import DimReducer, SCANNClassifier, energy_score
from scann_sklearn.inspection import ParetoFrontDisplay
from scann_sklearn.metrics import EnergyModel, connections_score, n_connections
from scann_sklearn.model_selection import SmallestWithinOneSE, dr_scann_grid

SEED = 0
LADDER = [(4,), (6,), (8,), (12,), (16,), (24,), (32,), (64,), (100,), (64, 32), (100, 50)]
BUDGETS = [100, 150, 200, 300, 500]
METHODS, RATIOS = ["pca", "factor_analysis", "sparse_rp"], [1, 2, 4]
SCORING = {"accuracy": "accuracy", "energy": energy_score, "size": connections_score}
FIGURE = Path("demo.png")
README_FIGURE = Path(__file__).parent.parent / "docs" / "images" / "demo.png"


def split_digits():
    """Training and validation data in one array, their split for the searches, test data."""
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=SEED)
    rows = np.arange(len(y))
    _, validation = train_test_split(rows, test_size=0.25, stratify=y, random_state=SEED)
    return X, y, PredefinedSplit(np.where(np.isin(rows, validation), 0, -1)), X_test, y_test


def grid_search(console, title, pipe, grid, cv, X, y):
    """Score every candidate on the validation data, with a progress bar."""
    console.print(f"\n[bold]{title}")
    search = GridSearchCV(pipe, grid, scoring=SCORING, cv=cv, refit=False)
    with warnings.catch_warnings():
        # scikit-learn's MLP stops at 200 epochs and says so; that is the setting that users have
        warnings.simplefilter("ignore", ConvergenceWarning)
        return search.set_callbacks(ProgressBar(max_propagation_depth=0)).fit(X, y)


def row(name, search, index, data):
    """Fit a candidate on training and validation data and test it."""
    X, y, _, X_test, y_test = data
    pipe = search.estimator.set_params(**search.cv_results_["params"][index])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        pipe.fit(X, y)
    last = pipe[-1]
    return {
        "model": name,
        "choice": _describe(search.cv_results_["params"][index]),
        "validation_accuracy": round(search.cv_results_["mean_test_accuracy"][index], 4),
        "test_accuracy": round(pipe.score(X_test, y_test), 4),
        "connections": n_connections(last),
        "energy": -energy_score(pipe),
        "energy_without_reduction": EnergyModel(include_reduction=False).energy(pipe),
    }


def _describe(params):
    """Parameters of a candidate in a few words."""
    short = {name.split("__")[-1]: value for name, value in params.items()}
    method, ratio = short.pop("method", None), short.pop("ratio", None)
    layers, size = short.pop("hidden_layer_sizes", None), short.pop("n_connections", None)
    words = [f"{method} ÷{ratio}" if method else "", f"{layers}" if layers else ""]
    return ", ".join(filter(None, [*words, f"≤ {size}" if size else ""]))


def run(console):
    """Search, choose on validation data, test; the rows of the table and what the figure shows."""
    data = split_digits()
    X, y, cv, *_ = data
    scaled = ("scale", StandardScaler())
    mlp = ("mlp", MLPClassifier(random_state=SEED))
    scann = ("scann", SCANNClassifier(random_state=SEED))
    reduce = ("reduce", DimReducer(random_state=SEED))

    ladder = {"mlp__hidden_layer_sizes": LADDER}
    perceptrons = grid_search(
        console, "MLPs, from small to large", Pipeline([scaled, mlp]), ladder, cv, X, y
    )
    accuracy = perceptrons.cv_results_["mean_test_accuracy"]
    best = int(np.argmax(accuracy))
    n_validation = int((cv.test_fold == 0).sum())
    tolerance = float(np.sqrt(accuracy[best] * (1 - accuracy[best]) / n_validation))
    console.print(
        f"Best MLP on validation: {LADDER[best]}, {accuracy[best]:.1%}. «smallest» is the smallest "
        f"that is at most one standard error ({tolerance:.1%}) below, the paper's most compressed; "
        "«best» has the highest validation accuracy."
    )
    layers = LADDER[best]
    reduced = grid_search(
        console,
        "DR: reduction, then a smaller MLP",
        Pipeline([reduce, mlp]),
        dr_scann_grid(METHODS, RATIOS[1:], layers, n_features=64, classifier="mlp"),
        cv, X, y,
    )  # fmt: skip
    alone = grid_search(
        console,
        "SCANN: synthesised networks",
        Pipeline([scann]),
        {"scann__n_connections": BUDGETS},
        cv, X, y,
    )  # fmt: skip
    grid = dr_scann_grid(METHODS, RATIOS, (100,), n_features=64)
    both = grid_search(
        console,
        "DR+SCANN: reduction, then a synthesised network",
        Pipeline([reduce, scann]),
        [{**part, "scann__n_connections": BUDGETS} for part in grid],
        cv, X, y,
    )  # fmt: skip

    rows = [row("best MLP", perceptrons, best, data)]
    floor = accuracy[best] - tolerance
    rows.append(row("smallest MLP", perceptrons, _smallest(perceptrons, floor), data))
    for name, search in {"DR": reduced, "SCANN": alone, "DR+SCANN": both}.items():
        results = search.cv_results_
        top = SmallestWithinOneSE("accuracy", "size", tolerance=0.0)(results)
        rows.append(row(f"{name}, best", search, top, data))
        rows.append(row(f"{name}, smallest", search, _smallest(search, floor), data))
    for record in rows:
        record["ratio"] = round(rows[0]["connections"] / record["connections"], 1)
    searches = {"MLP": perceptrons, "DR": reduced, "SCANN": alone, "DR+SCANN": both}
    return rows, {name: _front(search) for name, search in searches.items()}


def _smallest(search, floor):
    """Candidate of fewest connections that reaches a validation accuracy; else the best one."""
    accuracy = search.cv_results_["mean_test_accuracy"]
    size = -search.cv_results_["mean_test_size"]
    enough = accuracy >= min(floor, accuracy.max())
    return int(np.argmin(np.where(enough, size, np.inf)))


def _front(search):
    """Validation accuracy and energy of all candidates, and which of them none beats."""
    display = ParetoFrontDisplay.from_search(search)
    return {
        "accuracy": display.score.round(4).tolist(),
        "energy": display.cost.tolist(),
        "front": display.front.tolist(),
    }


def table(rows):
    """The rows as a table for the terminal."""
    result = Table(title="Handwritten digits: chosen on validation data, tested once")
    result.add_column("model")
    for heading in ("test", "connections", "fewer by", "energy", "without DR"):
        result.add_column(heading, justify="right", no_wrap=True)
    for r in rows:
        energies = (f"{r[k] * 1e9:.0f} nJ" for k in ("energy", "energy_without_reduction"))
        result.add_row(
            f"{r['model']}\n[dim]{r['choice']}", f"{r['test_accuracy']:.1%}",
            f"{r['connections']}", f"{r['ratio']:.1f}×", *energies,
        )  # fmt: skip
    return result


def figure(rows, fronts, path):
    """Accuracy against energy: candidates on validation data, and the rows on test data."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import PercentFormatter

    fig, axes = plt.subplots(
        1, 2, figsize=(9.2, 4.2), sharex=True, sharey=True, layout="constrained"
    )
    colors = {}
    for name, front in fronts.items():
        display = ParetoFrontDisplay(
            front["energy"], front["accuracy"], name=name, cost_name="energy", score_name="accuracy"
        ).plot(ax=axes[0])
        colors[name] = display.line_.get_color()
    axes[0].set(title="validation data: candidates and fronts")
    for r in rows:
        family = next(name for name in ("DR+SCANN", "SCANN", "MLP", "DR") if name in r["model"])
        style = {"mec": colors[family], "mfc": colors[family], "ms": 8}
        if "smallest" in r["model"]:  # a ring, as "best" and "smallest" may be the same model
            style = {"mec": colors[family], "mfc": "none", "ms": 13}
        axes[1].plot(r["energy"], r["test_accuracy"], "o", mew=1.6, ls="none", **style)
    for label, style in {
        "best": {"mfc": "0.3", "ms": 8},
        "smallest": {"mfc": "none", "ms": 13},
    }.items():
        axes[1].plot([], [], "o", mec="0.3", mew=1.6, label=label, **style)
    axes[1].set(title="test data: the rows of the table")
    axes[1].grid(alpha=0.25)
    for ax in axes:
        ax.legend(loc="lower right")
        ax.set_xlabel("Energy of one inference, reduction included")
    axes[0].set_ylim(0.9, 1.0)
    axes[0].yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    fig.savefig(path, dpi=160)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--save",
        action="store_true",
        help="replace the committed result file and the figure of the README",
    )
    where.add_argument("--into", metavar="FOLDER", help="folder for the result file and the figure")
    args = parser.parse_args()
    console = Console()
    start = time.perf_counter()
    rows, fronts = run(console)
    console.print(table(rows))
    path = Path(args.into, FIGURE) if args.into else FIGURE
    path.parent.mkdir(parents=True, exist_ok=True)
    figure(rows, fronts, path)
    seconds = time.perf_counter() - start
    console.print(f"Figure: {path}. The whole demo took {seconds:.0f} s.")
    if args.save or args.into:
        facts = {"seed": SEED, "seconds": round(seconds), "fronts": fronts}
        results = _results.Run("demo", args.into, **facts)
        results.records.extend(rows)
        results.finish()
    if args.save and not args.into:
        figure(rows, fronts, README_FIGURE)


if __name__ == "__main__":
    main()
