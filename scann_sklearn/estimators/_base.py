"""What the estimators have in common: the order of a fit, and the choice from its frontier."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import copy
import sys
from abc import abstractmethod
from collections.abc import Iterator
from functools import partial
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from scann_sklearn._doc_links import DocLinkMixin
from scann_sklearn._sklearn import CallbackSupportMixin
from scann_sklearn.estimators import _validation
from scann_sklearn.estimators._data import Part, Streams, split_validation
from scann_sklearn.estimators._extractor import Extraction
from scann_sklearn.estimators._fit import Fit, prepare
from scann_sklearn.estimators._fitted import FittedNetworkMixin
from scann_sklearn.estimators._folds import BySize, folds_of
from scann_sklearn.estimators._images import Images
from scann_sklearn.estimators._keeper import keeper_of
from scann_sklearn.estimators._observer import Observer
from scann_sklearn.estimators._parameters import SCHEMES
from scann_sklearn.estimators._path import PathPoint, choose
from scann_sklearn.estimators._problem import Problem
from scann_sklearn.estimators._remarks import remark_on
from scann_sklearn.heads._head import Head
from scann_sklearn.model._model import model_of


class SynthesisingEstimator(FittedNetworkMixin, CallbackSupportMixin, DocLinkMixin, BaseEstimator):
    """Base class of the estimators: what they are told apart by is `_read` and `_take_head`."""

    scheme: Any
    front_end: Any
    feature_extractor: Any
    extractor_training: str
    max_loss: float
    validation_fraction: Any
    early_stopping: bool
    warm_start: bool
    verbose: bool
    random_state: Any
    checkpoint: Any
    shuffle: bool
    max_epoch_samples: int | None = None  # of those that were saved before it was a parameter

    @abstractmethod
    def _read(self, y: np.ndarray, sample_weight: np.ndarray, known: Head | None) -> Problem:
        """Make a problem of y; `known` is the head of an earlier fit that is continued."""

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def get_params(self, deep=True) -> dict[str, Any]:
        """Get parameters, those of the scheme as ``scheme__NAME``.

        Parameters
        ----------
        deep : bool, default=True
            Whether to list the parameters of the scheme and of the teacher too; those of a letter
            are the defaults of its scheme.

        Returns
        -------
        params : dict
            Names and values.
        """
        params = super().get_params(deep)
        if deep and isinstance(self.scheme, str) and self.scheme in SCHEMES:
            defaults = SCHEMES[self.scheme]().get_params()
            params |= {f"scheme__{name}": value for name, value in defaults.items()}
        return params

    def _get_params_html(self, deep=True, doc_link="") -> Any:
        # the defaults of a letter are not what the user has set
        deep = deep and not isinstance(self.scheme, str)
        return super()._get_params_html(deep, doc_link)

    def set_params(self, **params) -> Self:
        """Set parameters, those of the scheme as ``scheme__NAME``.

        A letter becomes the scheme that it stands for where one of its parameters is set. A
        `scheme` among the parameters is set first.

        Parameters
        ----------
        **params : dict
            Names and values.

        Returns
        -------
        self : estimator
            The estimator.

        Raises
        ------
        ValueError
            If a name is unknown.
        """
        if "scheme" in params:
            super().set_params(scheme=params.pop("scheme"))
        names = [name for name in params if name.startswith("scheme__")]
        if names and isinstance(self.scheme, str):
            if self.scheme not in SCHEMES:
                raise ValueError(f"{names[0]!r} can't be set, since scheme={self.scheme!r}.")
            scheme = SCHEMES[self.scheme]()
            scheme.set_params(**{name.removeprefix("scheme__"): params.pop(name) for name in names})
            self.scheme = scheme
        return super().set_params(**params)

    def _fit(self, X, y, sample_weight, X_val, y_val, sample_weight_val) -> Self:
        """Synthesise and train a network, as `fit` says."""
        scheme = _validation.check_scheme(self)
        _validation.check_device(self)
        previous = model_of(self) if self.warm_start and hasattr(self, "path_") else None
        if previous is None:  # should this fit fail, no network of another one answers for it
            for name in [name for name in vars(self) if name.endswith("_")]:
                delattr(self, name)
        known = None if previous is None else previous.head

        def read(y, weight) -> Problem:
            return self._read(y, weight, known)

        form = self._form_of(X)
        if form is not None:
            X, X_val = form.rows(X), form.rows(X_val, "X_val")
        data, problem = _validation.check_training(
            self, X, y, sample_weight, read=read, first=previous is None
        )
        validation = _validation.check_validation(
            self, problem, X_val, y_val, sample_weight_val, data.X.dtype
        )
        form = form and form.of_rows(data.X.shape[1])
        images = form if isinstance(form, Images) else None
        front = None if images is None else images.front
        extractor = None
        if isinstance(form, Extraction):
            extractor, (data, validation) = form.extract(data, validation)
        if previous is not None:
            _validation.check_continued(self._extractor_, extractor)
        self._extractor_ = extractor
        problem.behind(extractor)
        n_read = data.inputs.shape[1] if front is None else front.target.size
        shape = n_read, problem.head.n_outputs
        bound = _validation.check_bound(self, scheme, shape, front, problem.topology)
        classes, there = problem.head.classes, None if previous is None else previous.network
        with keeper_of(self, data, validation, classes, there) as keeper:
            streams = Streams(keeper.seed)
            in_folds = bound is None and previous is None and not self.early_stopping
            data, validation, folds = self._split(
                data, validation, problem, in_folds, streams.split
            )
            given = (problem, scheme, data, validation, folds, images)
            runs = self._prepared(*given, streams, keeper)
            return self._synthesise(*runs, previous, bound, keeper)

    def _prepared(
        self,
        problem,
        scheme,
        data,
        validation,
        folds: list[tuple[Part, Part]],
        images,
        streams,
        keeper,
    ) -> tuple[Fit, Iterator[Fit], int]:
        """The fit of the network that is kept, those of folds before it, and their number."""
        self._take_head(problem.head)
        n, of_all = len(folds), (self, problem, scheme)
        run = prepare(*of_all, data, validation, streams, images, keeper.taught(n))
        fold_runs = (
            prepare(*of_all, *parts, Streams(streams.split), images, keeper.taught(number))
            for number, parts in enumerate(folds)
        )
        return run, fold_runs, n

    def _form_of(self, X) -> Images | Extraction | None:
        """What is ahead of the neurons in this fit, with the form that it takes X in."""
        if self.feature_extractor is None:
            return Images.of(self.front_end, X)
        if self.front_end is None:
            _validation.check_joint(self)
            return Extraction.of(self, X)
        raise ValueError(
            "front_end and feature_extractor can't be ahead of the same network: leave one out."
        )

    def _split(
        self, data, validation, problem, in_folds, rng
    ) -> tuple[Part, Part, list[tuple[Part, Part]]]:
        """Training and validation part, and the folds in which sizes are scored, if any.

        Where an epoch is a part of the samples, those to train on are in random order.
        """
        if validation is not None:
            return self._mixed(data, rng), validation, []
        strata, fraction = problem.strata(data.y), self.validation_fraction
        if in_folds and fraction == "auto" and (folds := folds_of(data, strata, rng)):
            mixed = self._mixed(data, rng)
            if mixed is not data:
                folds = folds_of(mixed, problem.strata(mixed.y), rng)
            return mixed, mixed, folds
        train, held = split_validation(data, strata, fraction, rng)
        if held is data:
            train = held = self._mixed(data, rng)
        return train, held, []

    def _mixed(self, data, rng) -> Part:
        """Samples in random order if an epoch is a part of them, else as they are."""
        limit = self.max_epoch_samples
        if limit is None or not self.shuffle or len(data.y) <= limit:
            return data
        return data.view(rng.permutation(len(data.y)))

    def _synthesise(self, run, fold_runs, n_folds, previous, bound, keeper) -> Self:
        """Run the synthesis; what is worth keeping is kept where it is interrupted."""
        context = self._init_callback_context(max_subtasks=None)
        keeper.begin(run, n_folds)
        before = keeper.seconds_before
        observer = Observer(run, context, bound=bound, n_folds=n_folds, seconds_before=before)
        current = run
        done: list[Fit] = []
        try:
            with observer.running():
                for number, current in enumerate(fold_runs):
                    if keeper.is_over(number):
                        keeper.recall(number, current)
                    else:
                        with observer.fold(current, number) as of_fold:
                            self._run(current, None, None, of_fold, keeper, number)
                        keeper.keep(number, current, is_over=True)
                    done.append(current)
                current = run
                run.by_size = BySize(done) if done else None
                self._run(run, previous, bound, observer, keeper, n_folds)
                self._store(run, bound)
                remark_on(self, run, bound)
        except KeyboardInterrupt as interrupt:
            if not current.salvage(bound):
                raise  # there is nothing to keep
            self._store(current, bound)
            interrupt.add_note(
                f"{type(self).__name__}: the fit was interrupted after {self.n_iter_} epochs; the "
                f"best network so far ({self.n_connections_} connections, validation score "
                f"{self.validation_score_:.4f}) is kept, and select takes another of its path."
            )
            print(interrupt.__notes__[-1], file=sys.stderr)
            raise
        return self

    def _run(self, run, previous, bound, observer, keeper, number) -> None:
        with _validation.size_named(self, run.scheme, run.front):
            start = keeper.recall(number, run) or run.start(previous)
        run.synthesis.run(start, bound, observer, partial(keeper.keep, number, run))
        run.ensure_result(bound)

    def _store(self, run, bound) -> None:
        self.path_ = run.path()
        self.history_ = run.synthesis.history
        self.n_iter_ = len(self.history_)
        self.score_unit_ = run.synthesis.frontier.gain
        self.feature_deviations_ = run.feature_deviations()
        if bound is None:
            self._take_point(choose(self.path_, max_loss=self.max_loss * self.score_unit_))
        else:
            self._take_point(choose(self.path_, n_connections=bound))
        if self.verbose:
            print(
                f"chosen: {self.n_connections_} connections, {self.n_hidden_} hidden neurons, "
                f"validation score {self.validation_score_:.4f}",
                flush=True,
            )

    def _take_point(self, point) -> None:
        self._take(point.weights, point.biases, point.ahead)
        self.n_connections_ = point.n_connections
        self.n_hidden_, self.depth_ = point.n_hidden, point.depth
        self.validation_score_ = point.validation_score

    def select(self, *, n_connections=None, max_loss=None, min_score=None) -> Self:
        """Take another network of the path, without fitting.

        Exactly one of the parameters has to be given.

        Parameters
        ----------
        n_connections : int, default=None
            The largest network of at most so many connections.
        max_loss : float, default=None
            The smallest network whose validation score is at most this much below the best, in
            units of `score_unit_`.
        min_score : float, default=None
            The smallest network that reaches this validation score (the paper's most compressed
            network, with the score of a baseline).

        Returns
        -------
        estimator : estimator
            A fitted one with that network. It goes back into a pipeline by
            ``pipe.set_params(scann=clf.select(...))``.

        Raises
        ------
        ValueError
            If not exactly one parameter is given, or no network of the path fits.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from scann_sklearn import SCANNClassifier
        >>> clf = SCANNClassifier(random_state=0).fit(*load_iris(return_X_y=True))
        >>> small = clf.select(max_loss=0.05)
        >>> small.n_connections_ <= clf.n_connections_
        True
        """
        check_is_fitted(self, "weights_")
        criteria = {"n_connections": n_connections, "max_loss": max_loss, "min_score": min_score}
        selected = copy.copy(self)
        selected._take_point(self._chosen_point(**criteria))
        return selected

    def _chosen_point(self, **criteria) -> PathPoint:
        """Point of the path by one of three criteria, checked."""
        max_loss = criteria["max_loss"]
        given = {name: value for name, value in criteria.items() if value is not None}
        if len(given) != 1:
            raise ValueError(
                f"select takes exactly one of n_connections, max_loss and min_score, got {given}."
            )
        _validation.check_criteria(**given)
        if max_loss is not None and not max_loss >= 0:
            raise ValueError(f"max_loss must not be negative, got {max_loss}.")
        if max_loss is not None:
            given["max_loss"] = max_loss * vars(self).get("score_unit_", 1.0)
        return choose(self.path_, **given)
