"""Families behind a reduction of the data: a perceptron (DR, Algorithm 1), and SCANN."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import replace
from itertools import product

from benchmarks.uci._dense import Dense, layers_of, name_of
from benchmarks.uci._families import Growing, SparseFamily
from benchmarks.uci._recipes import TEACHER
from benchmarks.uci._search import Search, merit
from scann_sklearn import DimReducer, SchemeA, SchemeB, SchemeC
from scann_sklearn.reduction._methods import METHODS

FIRST_RATIO, OTHER_RATIOS = 2.0, (1.0, 4.0)
KEPT, REDUCTIONS_KEPT = 3, 2  # reductions that other ratios are tried of; that are gone on with
SCALINGS = ("standard", "none")
RATIOS_OF_DR, RETRIED = (1.0, 2.0, 4.0, 8.0), 4  # with the other recipes


class Reductions:
    """Fitted reductions by name ("pca 2 standard"), and what they make of the data.

    The last word is the scaling of what networks read. Without one ("none") components that vary
    little have little influence.

    Parameters
    ----------
    parts : benchmarks._data.Parts
        The data.
    seed : int
        Of the reducers.
    quick : bool, default=False
        One method, as a test.
    """

    def __init__(self, parts, seed, quick=False):
        self.parts, self.seed, self.quick = parts, seed, quick
        self._fitted = {}

    @property
    def methods(self):
        """The nine methods."""
        names = [name for name, method in METHODS.items() if not method.is_diagonal]
        return names[:1] if self.quick else names

    def reducer(self, name):
        """The fitted reducer of a name."""
        return self._get(name)[0]

    def reduced(self, name):
        """What it makes of the data."""
        return self._get(name)[1]

    def _get(self, name):
        if name not in self._fitted:
            method, ratio, _ = name.split()
            p = self.parts
            reducer = DimReducer(method, ratio=float(ratio), random_state=self.seed)
            X_train = reducer.fit_transform(p.X_train)
            others = {n: reducer.transform(getattr(p, n)) for n in ("X_val", "X_test")}
            self._fitted[name] = reducer, p._replace(X_train=X_train, **others)
        return self._fitted[name]


class _Behind(SparseFamily):
    """Another family on reduced data; its starts name a reduction: "pca 2 standard | B 100".

    Parameters
    ----------
    reductions : Reductions
        The reductions.
    recipes : dict of str to Recipes
        How networks are trained, by the scaling of their inputs.
    quick : bool, default=False
        See `Family`.
    """

    inner: type

    def __init__(self, reductions, recipes, quick=False):
        super().__init__(reductions.parts, recipes["standard"], quick)
        self.reductions, self._recipes = reductions, recipes

    @property
    def all_starts(self):
        """Names of the starts behind a reduction."""
        return self.inner(self.parts, self.recipes, self.quick).starts

    def fit(self, start, recipe, seed):
        """See `Family`."""
        reduction, own = start.split(" | ")
        return self._named(reduction, *self._family(reduction).fit(own, recipe, seed))

    def continued(self, parent, bound, seed):
        """See `SparseFamily`."""
        reduction, own = parent.start.split(" | ")
        plain = replace(parent, start=own)
        return self._named(reduction, *self._family(reduction).continued(plain, bound, seed))

    def _family(self, reduction):
        scaling = reduction.split()[-1]
        return self.inner(self.reductions.reduced(reduction), self._recipes[scaling], self.quick)

    def _named(self, reduction, found, epochs):
        reducer = self.reductions.reducer(reduction)
        named = [replace(c, start=f"{reduction} | {c.start}", reducer=reducer) for c in found]
        return named, epochs


class ReducedDense(_Behind):
    """A dense network of reduced data."""

    inner = Dense


class _Behind100(Growing):
    """SCANN from the smaller starts."""

    schemes = {
        "C 60-60": (SchemeC(), (60, 60)),
        "B 100": (SchemeB(), (100,)),
        "A 100": (SchemeA(), (100,)),
        "C 100": (SchemeC(), (100,)),
    }


class ReducedSynthesis(_Behind):
    """SCANN of reduced data."""

    inner = _Behind100


class DimensionalityReduction(Search):
    """Algorithm 1 with as many fits as the others have.

    Every method at every ratio, the layers of the best perceptron divided by it; then the best few
    with the other recipes.
    """

    def run_behind(self, layers, recipe):
        """All fits.

        Parameters
        ----------
        layers : str
            Of the best perceptron.
        recipe : str
            Of the best perceptron.

        Returns
        -------
        found : Found
            The candidates.
        """
        family, scores = self.family, {}
        for ratio, method in product(RATIOS_OF_DR, family.reductions.methods):
            divided = name_of([max(1, round(n / ratio)) for n in layers_of(layers)])
            start = f"{method} {ratio:g} standard | {divided}"
            scores[start] = self.score(start, recipe)
        ranked = sorted(scores, key=scores.get, reverse=True)
        others = [name for name in family.recipe_names if name not in (recipe, TEACHER)]
        for start, other in product(ranked[:RETRIED], others):
            if self.n_left > 0:
                self.score(start, other)
        return self.found


class ReducedSearch(Search):
    """SCANN behind reductions that short syntheses have chosen, in as many fits as the others."""

    def run_behind(self, floors):
        """Choose reductions, fit behind the best two, attack.

        Parameters
        ----------
        floors : dict of str to float
            See `Search.run`.

        Returns
        -------
        found : Found
            The candidates.
        """
        kept = self._reductions(floors["one_se"])
        others = self.family.starts[1:]
        for reduction, start, recipe in product(kept, others, ("plain", TEACHER)):
            if self.n_left > 0:
                self.fit(f"{reduction} | {start}", recipe)
        self._attack_until_used_up(floors)
        return self.found

    def _reductions(self, floor):
        """Names of the best: methods at one ratio, then the best methods at others."""
        judge = self.family.starts[0]

        def judged(names):
            return {name: merit(self.fit(f"{name} | {judge}", "plain"), floor) for name in names}

        methods = self.family.reductions.methods
        merits = judged(f"{m} {FIRST_RATIO:g} {s}" for m, s in product(methods, SCALINGS))
        best = [name.split() for name in sorted(merits, key=merits.get)[:KEPT]]
        merits |= judged(f"{m} {r:g} {s}" for (m, _, s), r in product(best, OTHER_RATIOS))
        return sorted(merits, key=merits.get)[:REDUCTIONS_KEPT]
