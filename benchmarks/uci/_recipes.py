"""The recipes of training that every family tries, and the teacher that one of them has."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np
from sklearn.frozen import FrozenEstimator

from benchmarks._perceptrons import Remembered
from scann_sklearn import SCANNClassifier
from scann_sklearn.training._options import TrainingOptions

TEACHER = "teacher"
NAMES = ("plain", "decay", "smooth", "slow", TEACHER)
WITHOUT_TEACHER = NAMES[:-1]
_MORE_DECAY, _SMOOTHING, _SLOW = 4.0, 0.1, 0.005


class Recipes:
    """Parameters of `SCANNClassifier` by the name of a recipe.

    * plain: the defaults;
    * decay: four times their weight decay;
    * smooth: label smoothing 0.1;
    * slow: a learning rate of 0.005 in place of 0.02;
    * teacher: distillation from an ensemble of three of the best perceptrons.

    Parameters
    ----------
    parts : benchmarks._data.Parts
        The data.
    input_scaling : {"standard", "robust", "range"}
        The same for all.
    """

    def __init__(self, parts, input_scaling):
        n = len(parts.y_train)
        decay = TrainingOptions.of(SCANNClassifier(), n).weight_decay
        self.base = {"input_scaling": input_scaling}
        self.changes = {
            "plain": {},
            "decay": {"weight_decay": _MORE_DECAY * decay},
            "smooth": {"label_smoothing": _SMOOTHING},
            "slow": {"learning_rate_init": _SLOW},
        }

    def teach(self, teacher):
        """Add the recipe with a teacher.

        Parameters
        ----------
        teacher : Remembered
            What it said of the training samples.
        """
        self.changes[TEACHER] = {"teacher": FrozenEstimator(teacher)}

    @property
    def names(self):
        """The recipes that there are."""
        return tuple(self.changes)

    def parameters(self, name):
        """Parameters of the classifier."""
        return self.base | self.changes[name]


def remembered(members, parts):
    """What the mean of fitted classifiers says of the training samples.

    Parameters
    ----------
    members : list of classifier
        Fitted, of the same classes.
    parts : benchmarks._data.Parts
        The data.

    Returns
    -------
    teacher : Remembered
        Answers for the training samples in their order.
    """
    said = np.mean([member.predict_proba(parts.X_train) for member in members], axis=0)
    return Remembered(members[0].classes_, said)
