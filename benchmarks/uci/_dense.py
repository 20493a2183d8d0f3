"""Dense perceptrons: the most accurate, the teacher of the others, the smallest as accurate."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from itertools import pairwise, product

from benchmarks._merit import tolerance
from benchmarks._perceptrons import Perceptron
from benchmarks.uci._families import Family
from benchmarks.uci._recipes import TEACHER, remembered
from benchmarks.uci._search import RECIPES_KEPT, Search
from scann_sklearn import SCANNClassifier

EPOCHS = 100  # of a fit
TEACHERS, TAUGHT = 3, 4  # members of the ensemble; architectures that learn from it
LADDER = (
    *((n,) for n in (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64)),
    *((n, n) for n in (8, 12, 16, 24, 32, 64)),
)


class Dense(Family):
    """One dense network a fit."""

    all_starts = ("100", "50", "200", "400", "100-50", "200-100", "400-200", "200-100-50")

    def fit(self, start, recipe, seed):
        """See `Family`."""
        estimator, epochs = self.fitted(start, recipe, seed)
        return self.candidates(estimator, start, recipe), epochs

    def fitted(self, start, recipe, seed):
        """A fitted perceptron with so many neurons in its layers, and its epochs."""
        parameters = self.recipes.parameters(recipe)
        scheme = Perceptron(epochs=self.epochs(EPOCHS))
        estimator = SCANNClassifier(scheme, hidden_layer_sizes=layers_of(start), **parameters)
        return self._fitted(estimator, seed)


class DenseSearch(Search):
    """The fits of dense perceptrons, as many as of any other family."""

    def run_dense(self):
        """Choose architecture and recipe, teach, and look for the smallest as accurate.

        Returns
        -------
        found : Found
            The candidates.
        teacher : Remembered
            Three of the best perceptron without a teacher.
        floors : dict of str to float
            Score of the best of all ("equal"), and a standard error less ("one_se").
        """
        first, *others = self.family.starts
        recipes = self.family.recipe_names
        scores = {(first, recipe): self.score(first, recipe) for recipe in recipes}
        kept = sorted(scores, key=scores.get, reverse=True)[:RECIPES_KEPT]
        for start, (_, recipe) in product(others, kept):
            scores[start, recipe] = self.score(start, recipe)
        ranked = sorted(scores, key=scores.get, reverse=True)
        teacher = self._teach(*ranked[0])
        self.family.recipes.teach(teacher)
        for start in list(dict.fromkeys(start for start, _ in ranked))[:TAUGHT]:
            scores[start, TEACHER] = self.score(start, TEACHER)
        ranked = sorted(scores, key=scores.get, reverse=True)
        recipes = list(dict.fromkeys(recipe for _, recipe in ranked))[:RECIPES_KEPT]
        best, n_validation = self.found.best.score, len(self.family.parts.y_val)
        floors = {"equal": best, "one_se": best - tolerance(best, n_validation)}
        for floor in floors.values():
            self._bisect(floor, recipes)
        for floor, share in zip(floors.values(), (self.n_left // 2, None)):
            self._step_down(floor, recipes, self.n_left if share is None else share)
        return self.found, teacher, floors

    def _teach(self, start, recipe):
        members = []
        for _ in range(TEACHERS):
            model, epochs = self.family.fitted(start, recipe, self._next_seed())
            candidates = self.family.candidates(model, start, recipe)
            self.found.add(candidates, epochs, start=start, recipe=recipe, member=True)
            members.append(model)
        return remembered(members, self.family.parts)

    def _rungs(self):
        """Architectures of the ladder, the smallest first."""
        size = {name_of(layers): self._size(layers) for layers in LADDER}
        return sorted(size, key=size.get)

    def _size(self, layers):
        parts, model = self.family.parts, self.found.best.model
        return sum(a * b for a, b in pairwise([parts.X_train.shape[1], *layers, model.n_outputs_]))

    def _bisect(self, floor, recipes):
        """Halve the ladder until the smallest that reaches the score is found."""
        rungs = self._rungs()
        low, high = -1, len(rungs)
        while high - low > 1 and self.n_left >= len(recipes):
            middle = (low + high) // 2
            reached = any(self.score(rungs[middle], recipe) >= floor for recipe in recipes)
            low, high = (low, middle) if reached else (middle, high)

    def _step_down(self, floor, recipes, n_fits):
        """Try the rungs below the smallest again, with other weights."""
        for i in range(n_fits):
            least = self.found.smallest(floor).connections
            below = [r for r in self._rungs() if self._size(layers_of(r)) < least]
            if not below:
                return
            turn, recipe = divmod(i, len(recipes))
            self.score(below[-1 - turn % min(2, len(below))], recipes[recipe])


def layers_of(name):
    """Neurons of the hidden layers, of a name."""
    return tuple(map(int, name.split("-")))


def name_of(layers):
    """Name of hidden layers."""
    return "-".join(map(str, layers))
