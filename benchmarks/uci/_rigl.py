"""RigL as a family: sparse training of constant size, with the recipes of the others."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from benchmarks._merit import as_classifier
from benchmarks.peers._rigl import Run
from benchmarks.uci._candidates import candidate
from benchmarks.uci._families import EPOCHS_CONTINUED, SparseFamily
from scann_sklearn import SCANNClassifier
from scann_sklearn.estimators._class_problem import distilled_targets
from scann_sklearn.estimators._data import Part
from scann_sklearn.estimators._scaling import InputScaling
from scann_sklearn.heads._classes import class_head
from scann_sklearn.model._model import model_of
from scann_sklearn.synthesis import prune_connections
from scann_sklearn.training._objective import Objective
from scann_sklearn.training._options import TrainingOptions

EPOCHS = 800  # of a fit: about the median of the paths of SCANN


class Rigl(SparseFamily):
    """One network of constant size from random connections: hidden layers and size."""

    shapes = {
        "100, 1000": ((100,), 1000),
        "100, 300": ((100,), 300),
        "free, 1000": ("free", 1000),
        "60-60, 3000": ((60, 60), 3000),
        "200-100, 10000": ((200, 100), 10_000),
        "400-200, 30000": ((400, 200), 30_000),
    }
    all_starts, large_starts = tuple(shapes)[:-1], tuple(shapes)[-1:]

    def fit(self, start, recipe, seed):
        """See `Family`."""
        kind, size = self.shapes[start]
        setup = _Setup(self.parts, self.recipes.parameters(recipe))
        run = Run(setup.objective, setup.options, size, seed)
        network = run.train(kind, self.epochs(EPOCHS))
        return [self._candidate(setup, network, start, recipe)], run.epochs

    def continued(self, parent, bound, seed):
        """See `SparseFamily`: pruned to the bound, then trained on with exchanges."""
        setup = _Setup(self.parts, self.recipes.parameters(parent.recipe))
        network = setup.scaling.unfold(model_of(parent.model).network)
        run = Run(setup.objective, setup.options, bound, seed)
        network = run.go_on(prune_connections(network, bound), self.epochs(EPOCHS_CONTINUED))
        return [self._candidate(setup, network, parent.start, parent.recipe)], run.epochs

    def _candidate(self, setup, network, start, recipe):
        folded = setup.scaling.fold(network, setup.options)
        return candidate(as_classifier(folded, setup.head.classes), self.parts, start, recipe)


class _Setup:
    """What a fit of `SCANNClassifier` with these parameters trains on."""

    def __init__(self, parts, parameters):
        classifier = SCANNClassifier(**parameters)
        X, classes = parts.X_train, np.unique(parts.y_train)
        y, ones = np.searchsorted(classes, parts.y_train), np.ones(len(X))
        self.head = head = class_head(classes)
        self.scaling = InputScaling.of(X, classifier.input_scaling, ones)
        said = y
        if classifier.teacher is not None:
            said = distilled_targets(classifier, head, Part(X, y, ones), classifier.teacher)
        smoothing = classifier.label_smoothing
        targets = head.targets(said, ones, smoothing, X.dtype, labels=y)
        self.objective = Objective(self.scaling.apply(X), targets, head)
        self.options = TrainingOptions.of(classifier, len(y), head.entropy(targets))
