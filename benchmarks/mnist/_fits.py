"""The fits of one architecture: dense, then from each network to a smaller one.

What a fit leaves for the next is a pickle in the folder ``work``; its record and its network are
kept beside the others.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import time
import warnings
from pathlib import Path

import joblib
import numpy as np
from sklearn.frozen import FrozenEstimator

from benchmarks import _data
from benchmarks._network_files import write_network
from benchmarks._perceptrons import Perceptron
from benchmarks.mnist._networks import AREA_SHARES, DISTORTION, NETWORKS, Stage
from scann_sklearn import SCANNClassifier, SchemeA, SchemeB, SchemeC

# plain images; distorted ones; those, and the answers of the dense small network; distorted images
# and the scheme of NeST from its seed, in place of scheme C from the dense network
RECIPES = ("plain", "distorted", "teacher", *AREA_SHARES)
WITH_DENSE = ("plain", "distorted")
TEACHER = ("small", "distorted")
DENSE = "dense"
# The published schemes, with fewer rounds and epochs than published: see the docs.
AS_PUBLISHED = {"A": (SchemeA, 184_600), "B": (SchemeB, 19_300), "C": (SchemeC, 9_300)}
PUBLISHED_EPOCHS, PUBLISHED_ITERATIONS = 3, 5
# The optimizer of the paper for LeNet-5. With standardised pixels its learning rate is too large:
# nothing is learnt.
PUBLISHED_TRAINING = {
    "solver": "sgd",
    "learning_rate": "constant",
    "learning_rate_init": 0.03,
    "weight_decay": 1e-4,
    "input_scaling": "range",
}
IN_C = 10_000  # connections of the largest networks that go to C
KEPT = 300_000  # of those that are committed; of dense networks only what goes to C is


class Fits:
    """All fits of one architecture with one recipe and one seed.

    Parameters
    ----------
    name : str
        Key of `NETWORKS`.
    recipe : str
        One of `RECIPES`.
    seed : int
        Draws the validation part and decides the fits.
    folder : Path
        Where networks go, and what fits leave for each other.
    device : str, default="cpu"
        Where networks are trained.
    quick : bool, default=False
        Some images and few epochs, as a test.
    """

    def __init__(self, name, recipe, seed, folder, device="cpu", quick=False):
        self.name, self.recipe, self.seed = name, recipe, seed
        self.network, self.folder, self.device = NETWORKS[name], Path(folder), device
        self.quick = quick

    def dense(self):
        """Record of the network with all connections.

        Returns
        -------
        record : dict
            See `stage`.
        """
        scheme = Perceptron(epochs=self._epochs(self.network.dense_epochs))
        return self._fit(self._estimator(scheme, 1.0), DENSE)

    def stage(self, number):
        """Record of going on from the last network to a smaller one.

        Parameters
        ----------
        number : int
            Of the stage of the network, from 0 on.

        Returns
        -------
        record : dict
            Errors of the network that validation chooses and of all others of the path, what was
            trained, and what the network takes in C.

        Raises
        ------
        FileNotFoundError
            If what the fit before it has left is missing.
        """
        stage = self._shortened(self.network.stages[number])
        area_share = AREA_SHARES.get(self.recipe)
        from_seed = area_share is not None and number == 0
        scheme = stage.nest(area_share, from_seed) if area_share is not None else stage.scheme
        if from_seed:
            estimator = self._estimator(scheme, stage.connections)
        else:
            estimator = self._last(number).set_params(
                scheme=scheme,
                n_connections=stage.connections,
                warm_start=True,
                device=self.device,
                random_state=1000 * self.seed + number + 1,
                teacher=self._teacher(),
            )
        return self._fit(estimator, str(stage.connections))

    def published(self, letter):
        """Record of a scheme as published, from its own start, without distortion.

        Parameters
        ----------
        letter : {"A", "B", "C"}
            The scheme.

        Returns
        -------
        record : dict
            See `stage`.
        """
        scheme, bound = AS_PUBLISHED[letter]
        scheme = scheme.as_published(epochs=PUBLISHED_EPOCHS, iterations=PUBLISHED_ITERATIONS)
        given = {name: getattr(scheme, name) for name in ("initial_epochs", "epochs")}
        scheme.set_params(**{k: self._epochs(n) for k, n in given.items()})
        estimator = self._estimator(scheme, bound).set_params(**PUBLISHED_TRAINING)
        return self._fit(estimator, f"{letter} as published")

    def _estimator(self, scheme, bound):
        distortion = None if self.recipe == "plain" else DISTORTION
        return SCANNClassifier(
            scheme,
            hidden_layer_sizes=self.network.hidden,
            front_end=self.network.front_end(distortion),
            n_connections=bound,
            device=self.device,
            random_state=1000 * self.seed,
            verbose=not self.quick,
        )

    def _epochs(self, n):
        return 1 if self.quick else n

    def _shortened(self, stage):
        return Stage(stage.connections, 1, 1, 1) if self.quick else stage

    def _last(self, number):
        if number > 0:
            return self._read(self.recipe, str(self.network.stages[number - 1].connections))
        # the first network with a teacher goes on from the one without
        return self._read("plain" if self.recipe == "plain" else "distorted", DENSE)

    def _teacher(self):
        if self.recipe != "teacher":
            return None
        name, recipe = TEACHER
        return FrozenEstimator(Fits(name, recipe, self.seed, self.folder)._read(recipe, DENSE))

    def _read(self, recipe, what):
        path = self._work_file(recipe, what)
        if not path.exists():
            raise FileNotFoundError(
                f"{path}, which the fit before this one leaves, is missing: delete its record, so "
                "that it is made again, or use another folder (--into)."
            )
        return joblib.load(path)

    def _work_file(self, recipe, what):
        return self.folder / "work" / f"{self.name}-{recipe}-{self.seed}-{what}.joblib"

    def _fit(self, estimator, what):
        parts, start = parts_of(self.seed, self.quick), time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # what a fit remarks is no news here
            estimator.fit(parts.X_train, parts.y_train, X_val=parts.X_val, y_val=parts.y_val)
        seconds = time.process_time() - start
        record = self._record(estimator, parts) | {
            "epochs": estimator.n_iter_,
            "seconds": round(seconds, 1),
        }
        if is_kept(what, estimator.n_connections_):
            write_network(estimator, network_file(self.folder, *self._key, what))
        self._leave(estimator, what)
        return record

    @property
    def _key(self):
        return self.name, self.recipe, self.seed

    def _leave(self, estimator, what):
        """Keep the estimator for the next fit, with its network alone."""
        estimator.path_, estimator.history_ = estimator.path_[:0], []
        path = self._work_file(self.recipe, what)
        path.parent.mkdir(parents=True, exist_ok=True)
        joblib.dump(estimator.set_params(teacher=None), path)

    def _record(self, estimator, parts):
        points = []
        for point in estimator.path_:
            network = estimator.select(n_connections=point.n_connections)
            points.append([point.n_connections, *errors(network, parts)])
        validation, test = errors(estimator, parts)
        able = [e for n, _, e in points if n <= estimator.n_connections_]
        return {
            "connections": estimator.n_connections_,
            "validation_error": validation,
            "test_error": test,
            "lowest_test_error": min([test, *able]),
            "path": points,
        }


def parts_of(seed, quick=False):
    """The data of a seed; of `quick` fits every fiftieth image."""
    parts = _data.load("mnist", seed)
    if not quick:
        return parts
    return parts._replace(**{name: getattr(parts, name)[::50] for name in parts._fields[:6]})


def is_kept(what, n_connections):
    """Whether the network of a record is committed."""
    return n_connections <= (IN_C if what == DENSE else KEPT)


def errors(network, parts):
    """Shares of validation and of test images that are misclassified."""
    pairs = ((parts.X_val, parts.y_val), (parts.X_test, parts.y_test))
    return [round(float(np.mean(network.predict(X) != y)), 5) for X, y in pairs]


def network_file(folder, name, recipe, seed, what):
    """Where the network of a record is."""
    return Path(folder) / f"{name}-{recipe}-{seed}-{what.replace(' ', '-')}.npz.gz"
