"""What the families do in one fit: networks of falling size from one start with one recipe."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod

from sklearn.base import clone

from benchmarks._perceptrons import Perceptron
from benchmarks.peers._points import targets_down
from benchmarks.uci._candidates import candidate
from scann_sklearn import SCANNClassifier, SchemeA, SchemeB, SchemeC, SchemeNeST

EPOCHS_CONTINUED = 136  # of a network that is continued with fewer connections
ROUNDS_CONTINUED = 8  # of those that prune and train in turns: 15 epochs each, 2 of growth
LONG = {"epochs": 40}


class Family(ABC):
    """Fits of one family to one data set.

    Parameters
    ----------
    parts : benchmarks._data.Parts
        The data; test data aren't looked at.
    recipes : Recipes
        How networks are trained.
    quick : bool, default=False
        Two starts and few epochs, as a test.
    """

    all_starts: tuple = ()
    large_starts: tuple = ()  # for data that need them

    def __init__(self, parts, recipes, quick=False):
        self.parts, self.recipes, self.quick = parts, recipes, quick

    @property
    def starts(self):
        """Names of the starts; recipes are chosen at the first."""
        return self.all_starts[:2] if self.quick else self.all_starts

    @property
    def recipe_names(self):
        """Recipes that are tried."""
        return self.recipes.names

    def epochs(self, n):
        """So many epochs, or a tenth."""
        return max(1, n // 10) if self.quick else n

    @abstractmethod
    def fit(self, start, recipe, seed):
        """Fit from a start with a recipe.

        Parameters
        ----------
        start : str
            One of `starts`.
        recipe : str
            One of the recipes.
        seed : int
            Decides the fit.

        Returns
        -------
        candidates : list of Candidate
            Networks of several sizes.
        epochs : int
            What was trained in all.
        """

    def _fitted(self, estimator, seed):
        """A fitted classifier, and its epochs; whatever a fit remarks is no news here."""
        p = self.parts
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            estimator.set_params(random_state=seed)
            estimator.fit(p.X_train, p.y_train, X_val=p.X_val, y_val=p.y_val)
        return estimator, len(estimator.history_)

    def candidates(self, estimator, start, recipe):
        """The networks of a fitted classifier's path."""
        found = []
        for point in estimator.path_:
            model = estimator.select(n_connections=point.n_connections)
            model.path_, model.history_ = [point], []  # the others would be carried along
            found.append(candidate(model, self.parts, start, recipe))
        return found


class SparseFamily(Family):
    """A family whose networks can be continued with fewer connections."""

    @abstractmethod
    def continued(self, parent, bound, seed):
        """Go on from a network to fewer connections.

        Parameters
        ----------
        parent : Candidate
            The network.
        bound : int
            Most connections.
        seed : int
            Decides the fit.

        Returns
        -------
        candidates, epochs
            As of `fit`.
        """

    def _going_on(self, parent, scheme, layers, bound):
        """Unfitted classifier that goes on from a network."""
        estimator = SCANNClassifier(
            scheme,
            hidden_layer_sizes=layers,
            n_connections=bound,
            warm_start=True,
            **self.recipes.parameters(parent.recipe),
        )
        own = estimator.get_params(deep=False)
        fitted = {k: v for k, v in vars(parent.model).items() if k not in own}
        vars(estimator).update(fitted)
        return estimator


class Growing(SparseFamily):
    """Fits of a scheme of this library, from a seed to ever fewer connections."""

    schemes: dict = {}  # start -> scheme, hidden layers
    large: dict = {}

    @property
    def all_starts(self):
        """Names of the starts."""
        return tuple(self.schemes)

    @property
    def large_starts(self):
        """Names of the large starts."""
        return tuple(self.large)

    def fit(self, start, recipe, seed):
        """See `Family`."""
        scheme, layers = self._scheme(start)
        scheme = self._as_quick(clone(scheme))
        estimator = SCANNClassifier(
            scheme, hidden_layer_sizes=layers, **self.recipes.parameters(recipe)
        )
        estimator, epochs = self._fitted(estimator, seed)
        return self.candidates(estimator, start, recipe), epochs

    def continued(self, parent, bound, seed):
        """See `SparseFamily`: rounds of the scheme at the bound."""
        scheme, layers = self._scheme(parent.start)
        rounds = self._as_quick(self._rounds(scheme))
        estimator = self._going_on(parent, rounds, layers, bound)
        estimator, epochs = self._fitted(estimator, seed)
        return self.candidates(estimator, parent.start, parent.recipe), epochs

    def _scheme(self, start):
        return (self.schemes | self.large)[start]

    def _rounds(self, scheme):
        """Scheme that goes on from a network of another."""
        kind = SchemeC if isinstance(scheme, SchemeC) else SchemeB
        return kind(growth=scheme.growth, initial_epochs=0, iterations=ROUNDS_CONTINUED)

    def _as_quick(self, scheme):
        given = scheme.get_params()
        lengths = {name: given[name] for name in ("initial_epochs", "epochs", "growth_epochs")}
        return scheme.set_params(**{k: n and self.epochs(n) for k, n in lengths.items()})


class Synthesis(Growing):
    """SCANN: schemes A, B and C."""

    schemes = {
        "C 100": (SchemeC(), (100,)),
        "A 100": (SchemeA(), (100,)),
        "B 100": (SchemeB(), (100,)),
        "C 60-60": (SchemeC(), (60, 60)),
        "C 200-100, long": (SchemeC(**LONG), (200, 100)),
    }
    large = {"C 400-200, long": (SchemeC(**LONG), (400, 200))}


class Nest(Growing):
    """NeST: from a small seed up to layers, and down."""

    schemes = {
        "100": (SchemeNeST(), (100,)),
        "50": (SchemeNeST(), (50,)),
        "100-50": (SchemeNeST(), (100, 50)),
        "60-60": (SchemeNeST(), (60, 60)),
        "200-100, long": (SchemeNeST(**LONG), (200, 100)),
    }
    large = {"400-200, long": (SchemeNeST(**LONG), (400, 200))}

    def _rounds(self, scheme):
        return SchemeNeST(growth_iterations=0, initial_epochs=0, iterations=ROUNDS_CONTINUED)


class Iterative(Growing):
    """Iterative magnitude pruning: scheme C or B without growth."""

    schemes = {
        "100": (SchemeC(growth="none"), (100,)),
        "50": (SchemeC(growth="none"), (50,)),
        "free 100": (SchemeB(growth="none", initial_epochs=60), (100,)),
        "60-60": (SchemeC(growth="none"), (60, 60)),
        "200-100, long": (SchemeC(growth="none", **LONG), (200, 100)),
    }
    large = {"400-200, long": (SchemeC(growth="none", **LONG), (400, 200))}


class Published(SparseFamily):
    """The schemes as the paper prints them; every size is a fit of its own.

    They are trained by Adam at a constant rate, with the paper's weight decay, whatever the recipe.
    """

    schemes = {"C": SchemeC, "B": SchemeB, "A": SchemeA}
    all_starts = ("C 1000", "B 1000", "A 1000", "C 300", "B 300", "C 3000", "B 3000")
    layers, rate, weight_decay = (100,), 1e-3, 1e-4
    recipe_names = ("plain",)

    def fit(self, start, recipe, seed):
        """See `Family`."""
        scheme, size = start.split()
        return self._at(scheme, int(size), recipe, seed)

    def continued(self, parent, bound, seed):
        """See `SparseFamily`: the same scheme from its start on, to a smaller size."""
        return self._at(parent.start.split()[0], bound, parent.recipe, seed)

    def _at(self, scheme, size, recipe, seed):
        published = self.schemes[scheme].as_published()
        published.set_params(
            initial_epochs=self.epochs(published.initial_epochs),
            epochs=self.epochs(published.epochs),
        )
        estimator = SCANNClassifier(
            published,
            hidden_layer_sizes=self.layers,
            n_connections=size,
            learning_rate="constant",
            learning_rate_init=self.rate,
            weight_decay=self.weight_decay,
            input_scaling=self.recipes.base["input_scaling"],
        )
        estimator, epochs = self._fitted(estimator, seed)
        return self.candidates(estimator, f"{scheme} {size}", recipe), epochs


class OneShot(SparseFamily):
    """Magnitude pruning at once, from one trained dense network to each size."""

    shapes = {
        "100": (True, (100,), 60),
        "50": (True, (50,), 60),
        "free 100": (False, (100,), 60),
        "60-60": (True, (60, 60), 60),
        "200-100, long": (True, (200, 100), 120),
        "400-200, long": (True, (400, 200), 120),
    }
    all_starts, large_starts = tuple(shapes)[:-1], tuple(shapes)[-1:]
    LARGEST, RATIO = 20_000, 0.7

    def __init__(self, parts, recipes, quick=False):
        super().__init__(parts, recipes, quick)
        self.dense = {}

    def fit(self, start, recipe, seed):
        """See `Family`."""
        layered, layers, n_epochs = self.shapes[start]
        n_epochs = self.epochs(n_epochs)
        estimator = SCANNClassifier(
            Perceptron(epochs=n_epochs, layers=layered),
            hidden_layer_sizes=layers,
            **self.recipes.parameters(recipe),
        )
        estimator, epochs = self._fitted(estimator, seed)
        found = self.candidates(estimator, start, recipe)
        self.dense[start, recipe] = found[0]
        first = min(self.LARGEST, found[0].connections)
        for size in targets_down(first, ratio=self.RATIO):
            more, n = self._pruned(start, recipe, size, n_epochs, seed)
            found, epochs = [*found, *more], epochs + n
        return found, epochs

    def continued(self, parent, bound, seed):
        """See `SparseFamily`: once more from the dense network that the parent comes from."""
        n_epochs = self.epochs(EPOCHS_CONTINUED)
        return self._pruned(parent.start, parent.recipe, bound, n_epochs, seed)

    def _pruned(self, start, recipe, size, n_epochs, seed):
        layered, layers, _ = self.shapes[start]
        once = {"pruning_ratio": None, "growth": "none", "iterations": 1, "initial_epochs": 0}
        scheme = (SchemeC if layered else SchemeB)(**once, epochs=n_epochs)
        estimator = self._going_on(self.dense[start, recipe], scheme, layers, size)
        estimator, epochs = self._fitted(estimator, seed)
        return self.candidates(estimator, start, recipe), epochs
