"""What a fitted estimator with early exits does with its arrays: predict, select, count."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import copy
from typing import Any, Self

import numpy as np
from scipy import sparse
from sklearn.utils.validation import check_is_fitted

from scann_sklearn._arrays import canonical
from scann_sklearn.estimators import _validation
from scann_sklearn.estimators._base import SynthesisingEstimator
from scann_sklearn.estimators._checked import check_classes
from scann_sklearn.estimators._exit_problem import exit_energies
from scann_sklearn.estimators._leaving import Plan, Samples, Table
from scann_sklearn.estimators._sections import TrainedSections
from scann_sklearn.estimators._thresholds import ExitPoint, choose_exits
from scann_sklearn.heads._classes import class_head
from scann_sklearn.heads._exits import Exits
from scann_sklearn.model._model import Model, model_of
from scann_sklearn.model._stages import Stage
from scann_sklearn.network._network import Network
from scann_sklearn.network._topology import Topology


class FittedExits(SynthesisingEstimator):
    """Prediction exit by exit, and the choice of thresholds."""

    thresholds: Any
    exit_loss: float
    target_energy: float | None
    distillation: float
    temperature: float
    weights_: sparse.csr_array
    biases_: np.ndarray
    classes_: np.ndarray
    exits_: tuple[int, ...] | None
    _extractor_: TrainedSections | None = None

    def _take_head(self, head) -> None:
        self.classes_, self.n_outputs_, self.n_exits_ = head.classes, head.n_outputs, head.n_exits

    def _check_answers(self) -> None:
        n, given = self.n_exits_, vars(self).get("thresholds_")
        if type(n) is not int or n < 2 or self.n_outputs_ % n:
            raise ValueError(f"{self.n_outputs_} outputs are not those of {n!r} exits.")
        if given is not None:
            thresholds = np.asarray(given)
            if thresholds.shape != (n - 1,) or thresholds.dtype.kind not in "fiu":
                raise ValueError(f"thresholds_={given!r} are not those of {n} exits.")
        check_classes(self.classes_, self.n_outputs_ // n)

    def _head(self) -> Exits:
        own, ahead = vars(self), self._extractor_
        return Exits(
            class_head(self.classes_, self.n_outputs_ // self.n_exits_),
            self.n_exits_,
            self.distillation,
            self.temperature,
            own.get("thresholds_"),
            own.get("exit_shares_"),
            ahead=() if ahead is None else ahead.costs,
        )

    def _fitted_model(self) -> Model:
        w, ends = self.weights_, None if self.exits_ is None else self._section_ends
        parts = (self._n_read, self.n_outputs_, w.indptr, w.indices)
        layers = None if ends is None else (self.n_hidden_,) * (self.n_hidden_ > 0)
        topology = Topology(*parts, layers, self.exits_, ends)
        return Model(Network(topology, w.data, self.biases_), self._head())

    @property
    def _section_ends(self) -> tuple[int, ...] | None:
        """Number of features up to each exit, where sections of torch modules make them."""
        return None if self._extractor_ is None else self._extractor_.ends

    def _samples_of(self, X) -> Samples:
        """X on its way from exit to exit."""
        ahead = self._extractor_
        if ahead is None or ahead.recall(X) is not None:
            return Table(canonical(self._inputs_of(X)))
        return ahead.walk(self._rows_of(X), self.weights_.dtype)

    def _stages_of_samples(self, X) -> list[Stage]:
        model, exits = model_of(self), self.predict_exit(X)
        shares = np.bincount(exits, minlength=self.n_exits_) / len(exits)
        return Model(model.network, self._head().with_thresholds(self.thresholds_, shares)).stages()

    @property
    def exit_energies_(self) -> np.ndarray:
        """Joules of an inference that leaves at each exit, by the default `EnergyModel`."""
        return exit_energies(model_of(self))

    def _take_point(self, point, given=None) -> None:
        super()._take_point(point)
        self.exits_, self.thresholds_path_ = point.exits, list(point.thresholds_path)
        self.exit_accuracies_ = np.array(point.exit_accuracies)
        self._take_exits(point.exit_point)
        lowest, target = self.thresholds_path_[0].energy, self.target_energy
        if given is not None:
            self._take_exits(self._choose_exits(**given))
        elif isinstance(self.thresholds, str) and target is not None and target < lowest:
            raise ValueError(
                f"target_energy={target!r} can't be reached: where all samples leave at the first "
                f"exit, an inference of {self.n_connections_} connections takes {lowest:.4g} J. "
                "Fewer connections or smaller sections take less."
            )

    def _take_exits(self, point: ExitPoint) -> None:
        self.thresholds_, self.exit_shares_ = np.array(point.thresholds), np.array(point.shares)

    def _choose_exits(self, exit_loss=None, energy=None) -> ExitPoint:
        if exit_loss is not None and not exit_loss >= 0:
            raise ValueError(f"exit_loss must not be negative, got {exit_loss}.")
        floor = self.exit_accuracies_[-1] - (exit_loss or 0.0)
        return choose_exits(self.thresholds_path_, floor, energy)

    def select(
        self, *, n_connections=None, max_loss=None, min_score=None, exit_loss=None, energy=None
    ) -> Self:
        """Take another network of the path or other thresholds, without fitting.

        At most one of the first three parameters says which network, at most one of the last two
        which thresholds; one of all has to be given.

        Parameters
        ----------
        n_connections : int, default=None
            The largest network of at most so many connections.
        max_loss : float, default=None
            The smallest network whose validation score is at most this much below the best, in
            units of `score_unit_`.
        min_score : float, default=None
            The smallest network that reaches this validation score.
        exit_loss : float, default=None
            The cheapest thresholds that cost at most so much of the validation accuracy.
        energy : float, default=None
            The most accurate thresholds with which an inference takes at most so many joules in the
            mean.

        Returns
        -------
        estimator : EarlyExitClassifier
            A fitted one. Without `exit_loss` and `energy` another network has the thresholds that
            the parameters of the estimator ask for.

        Raises
        ------
        ValueError
            If too many parameters are given or none, or nothing fits; of an energy it says what
            the first exit takes.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from scann_sklearn import EarlyExitClassifier
        >>> clf = EarlyExitClassifier(random_state=0).fit(
        ...     *load_iris(return_X_y=True)
        ... )
        >>> fast = clf.select(exit_loss=0.1)
        >>> bool(fast.energy_ <= clf.energy_)
        True
        """
        check_is_fitted(self, "weights_")
        criteria = {"exit_loss": exit_loss, "energy": energy}
        given = {name: value for name, value in criteria.items() if value is not None}
        if not given:
            base: Any = super()
            return base.select(n_connections=n_connections, max_loss=max_loss, min_score=min_score)
        if len(given) > 1:
            raise ValueError(f"select takes one of exit_loss and energy, got {given}.")
        _validation.check_criteria(**given)
        sizes = {"n_connections": n_connections, "max_loss": max_loss, "min_score": min_score}
        selected = copy.copy(self)
        if any(value is not None for value in sizes.values()):
            point = self._chosen_point(**sizes)
        else:
            point = next(p for p in self.path_ if p.n_connections == self.n_connections_)
        selected._take_point(point, given)
        return selected

    def _leave(self, X) -> tuple[Exits, np.ndarray, np.ndarray]:
        """Head, outputs up to the exit of each sample, and these exits."""
        check_is_fitted(self, "weights_")
        samples, arrays, head = self._samples_of(X), self._kernel_arrays(), self._head()
        checked, about = vars(self).get("_checked_"), (self._n_read, arrays, self._section_ends)
        if checked is None or arrays is not checked.memory:  # put there by hand
            return head, *Plan.of(head, *about).leave(head, samples)
        if checked.plan is None:
            checked.plan = Plan.of(head, *about)
        return head, *checked.plan.leave(head, samples)

    def predict(self, X) -> np.ndarray:
        """Predict class labels.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            The most probable class of each sample, at the exit that it leaves at.
        """
        numbers = self.predict_log_proba(X).argmax(axis=1)
        return self.classes_[numbers]

    def predict_exit(self, X) -> np.ndarray:
        """Predict at which exit samples leave.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        exits : ndarray of int of shape (n_samples,)
            From 0, the first, to n_exits - 1, where the mean of all decides.
        """
        return self._leave(X)[2]

    def predict_proba(self, X) -> np.ndarray:
        """Estimate class probabilities.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            Those of the exit that a sample leaves at, in the order of `classes_`; of samples that
            get to the last one the mean over all exits.
        """
        return np.exp(self.predict_log_proba(X))

    def predict_log_proba(self, X) -> np.ndarray:
        """Estimate the logarithms of class probabilities.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes)
            Logarithms of what :meth:`predict_proba` gives.
        """
        head, outputs, exits = self._leave(X)
        return head.log_probabilities_at(outputs, exits)

    def decision_function(self, X) -> np.ndarray:
        """Compute scores of the classes.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        scores : ndarray of shape (n_samples,) or (n_samples, n_classes)
            Logarithms of probabilities; of two classes those of the odds of the second.
        """
        scores = self.predict_log_proba(X)
        return scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores
