"""How a family looks for accurate and for small networks: the same for all, in as many fits."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from itertools import product
from math import inf

from benchmarks.uci._candidates import Found, smallest

N_FITS = 48  # of a family, for a data set and a seed
RECIPES_KEPT = 2
STEPS = (0.85, 0.95)  # bounds of an attack, as shares of the smallest network
TRIES, PARENTS = 4, 3


class Search:
    """All fits of a family to one data set.

    Parameters
    ----------
    family : Family
        What a fit is.
    seed : int
        Decides all fits.
    n_fits : int, default=48
        How many there are.

    Attributes
    ----------
    found : Found
        The candidates, and what each fit took.
    """

    def __init__(self, family, seed, n_fits=N_FITS):
        self.family, self.seed, self.n_fits = family, seed, n_fits
        self.found = Found()

    @property
    def n_left(self):
        """Fits that may still be made."""
        return self.n_fits - len(self.found.fits)

    def fit(self, start, recipe):
        """One fit; the candidates that none of its own beats."""
        found, epochs = self.family.fit(start, recipe, self._next_seed())
        return self.found.add(found, epochs, start=start, recipe=recipe)

    def score(self, start, recipe):
        """Score of the best network of one fit."""
        return self.fit(start, recipe)[-1].score

    def _next_seed(self):
        return 1000 * self.seed + len(self.found.fits)

    def run(self, floors):
        """Every recipe from the first start, the best two from the others, then attacks.

        The best two are that with the smallest network at the lower score, and that with the
        highest score. Where the higher score isn't reached, large starts are tried before the
        attacks; fits that are left then go to the other recipes, and those that are left after
        that repeat the fit of the most accurate network with other random numbers.

        Parameters
        ----------
        floors : dict of str to float
            Scores whose smallest networks are looked for: "one_se" and "equal".

        Returns
        -------
        found : Found
            The candidates.
        """
        first, *others = self.family.starts
        tried = {recipe: self.fit(first, recipe) for recipe in self.family.recipe_names}
        kept, further = _ranked(tried, floors["one_se"])
        self._fit_all(product(others, kept))
        large = [] if self.found.smallest(floors["equal"]) else self.family.large_starts
        self._fit_all(product(large, kept))
        self._attack_both(floors)
        self._fit_all((start, recipe) for recipe, start in product(further, [*large, *others]))
        self._attack_until_used_up(floors)  # what these have reached
        return self.found

    def _attack_until_used_up(self, floors):
        """Attacks; fits that are left go to the most accurate setting with other random numbers."""
        self._attack_both(floors)
        while self.n_left > 0:
            self.fit(**self.found.best.facts)
            self._attack_both(floors)

    def _attack_both(self, floors):
        self.attack(floors["one_se"], self.n_left // 2)
        self.attack(floors["equal"], self.n_left)

    def _fit_all(self, pairs):
        for start, recipe in pairs:
            if self.n_left > 0:
                self.fit(start, recipe)

    def attack(self, floor, n_fits):
        """Look for networks that are smaller than the smallest at or above a score.

        It and its next larger neighbours on the frontier are continued, with a bound below the
        smallest: iterated local search.

        Parameters
        ----------
        floor : float
            The score.
        n_fits : int
            How many fits it may take.
        """
        steps, failures = list(STEPS), 0
        for _ in range(n_fits):
            best = self.found.smallest(floor)
            bound = 0 if best is None else int(steps[0] * best.connections)
            if best is None or bound < best.model.n_outputs_:
                return
            at = self.found.front.index(best)
            parents = self.found.front[at : at + PARENTS]
            self._continue(parents[failures % len(parents)], bound)
            reached = self.found.smallest(floor).connections <= bound
            failures = 0 if reached else failures + 1
            if failures == TRIES and len(steps) > 1:
                steps, failures = steps[1:], 0

    def _continue(self, parent, bound):
        facts = {**parent.facts, "from": parent.connections, "bound": bound}
        try:
            found, epochs = self.family.continued(parent, bound, self._next_seed())
        except ValueError as error:
            if "too small" not in str(error):
                raise
            found, epochs = [], 0  # no way to some output is left within the bound
        self.found.add(found, epochs, **facts)


def _ranked(tried, floor):
    """The two recipes to go on with, and the others."""
    by_size = sorted(tried, key=lambda recipe: merit(tried[recipe], floor))
    by_score = sorted(tried, key=lambda recipe: -tried[recipe][-1].score)
    order = list(dict.fromkeys([by_size[0], by_score[0], *by_size]))
    return order[:RECIPES_KEPT], order[RECIPES_KEPT:]


def merit(candidates, floor):
    """What sorts the better of two fits first: the smallest at a score, else the best."""
    least = smallest(candidates, floor)
    return (least.connections if least else inf, -candidates[-1].score)
