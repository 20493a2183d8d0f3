"""Our networks that are compared: the smallest that a search finds, and a default fit."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from joblib import delayed

from benchmarks._merit import score
from benchmarks.deploy._chosen import Chosen
from benchmarks.uci._families import Synthesis
from benchmarks.uci._recipes import Recipes
from benchmarks.uci._search import N_FITS, Search
from scann_sklearn import SCANNClassifier

BUDGET = 300  # connections of the default fits
QUICK_FITS = 8


def small(parallel, parts, floor, teacher, seeds, quick=False):
    """Our smallest network above the floor, of one search a seed; else the best one.

    Parameters
    ----------
    parallel : joblib.Parallel
        Carries out the searches.
    parts : benchmarks._data.Parts
        The data.
    floor : float
        Score to reach.
    teacher : classifier
        Fitted; the recipe that has one learns from it.
    seeds : sequence of int
        Decide one search each.
    quick : bool, default=False
        Few fits of few epochs without teacher, for a test.

    Returns
    -------
    chosen : Chosen
        `starts` has what each search found.
    """
    cells = (delayed(_searched)(parts, floor, teacher, seed, quick) for seed in seeds)
    smallest, best = zip(*parallel(cells))
    able = [c for c in smallest if c is not None]
    if able:
        found = min(able, key=lambda c: (c.connections, -c.score))
    else:
        found = max(best, key=lambda c: (c.score, -c.connections))
    sizes = [c and c.connections for c in smallest]
    setting = f"{found.connections} connections"
    return Chosen("small", setting, found.model, bool(able), starts=sizes)


def _searched(parts, floor, teacher, seed, quick):
    """Smallest candidate at the floor, None if there is none, and best candidate of a search."""
    recipes = Recipes(parts, "standard")
    if not quick:
        recipes.teach(teacher)
    search = Search(Synthesis(parts, recipes, quick), seed, QUICK_FITS if quick else N_FITS)
    found = search.run({"one_se": floor, "equal": floor})  # one floor here, not two
    return found.smallest(floor), found.best


def budget(parallel, parts, floor, seeds):
    """Our best default fit of at most `BUDGET` connections.

    Parameters
    ----------
    parallel, parts, floor, seeds
        As for `small`.

    Returns
    -------
    chosen : Chosen
        The fit of the highest score.
    """
    fits = parallel(delayed(_fit)(parts, seed) for seed in seeds)
    scored = [(score(fit.predict, parts), -fit.n_connections_, fit) for fit in fits]
    highest, _, best = max(scored, key=lambda s: s[:2])
    return Chosen("budget", f"{best.n_connections_} connections", best, highest >= floor)


def _fit(parts, seed):
    classifier = SCANNClassifier(n_connections=BUDGET, random_state=seed)
    return classifier.fit(parts.X_train, parts.y_train, X_val=parts.X_val, y_val=parts.y_val)
