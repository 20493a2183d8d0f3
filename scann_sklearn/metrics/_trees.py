"""The inference of decision trees and of ensembles of them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from sklearn.base import is_classifier
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.utils.validation import check_is_fitted

from scann_sklearn.heads._class_head import decision
from scann_sklearn.model._counts import OperationCounts
from scann_sklearn.model._stages import Stage, index_width

# An inner node reads its threshold, the value of its feature, and where its other child is. The
# index of the feature is read as well: an index read, like that of the source of a sparse weight.
NODE_ACCESSES = 3


@dataclass(frozen=True, kw_only=True)
class TreeStage(Stage):
    """Decision trees, one after the other, and the decision among what they add up to.

    Parameters
    ----------
    n_visits : float
        Inner nodes on the expected paths.

    n_additions : float, default=0
        Numbers of leaves that are added to sums; each counts like a connection.

    n_labels : int, default=0
        Leaves that are stored as a class number.

    leaf_reads, leaf_index_reads : float, default=0
        Reads of leaves that aren't additions: of a class, of the index of a distribution.

    tree_bytes : int
        Bytes of features' indices, children, class numbers and where trees begin.
    """

    n_visits: float
    n_additions: float = 0
    n_labels: int = 0
    leaf_reads: float = 0
    leaf_index_reads: float = 0
    tree_bytes: int

    @property
    def n_parameters(self) -> int:
        """Thresholds, numbers and classes of leaves, constants."""
        return super().n_parameters + self.n_labels

    @property
    def index_bytes(self) -> int:
        """Bytes of all that isn't a threshold or a real number."""
        return self.tree_bytes

    @property
    def flops(self) -> float:
        """Comparisons with thresholds, and additions."""
        return float(self.n_visits + self.n_additions)

    def operations(self, per_connection: float, per_neuron: float) -> OperationCounts:
        """Count what is done on the expected paths."""
        return super().operations(per_connection, per_neuron) + OperationCounts(
            macs=self.n_additions,
            sram_accesses=per_connection * self.n_additions
            + NODE_ACCESSES * self.n_visits
            + self.leaf_reads,
            comparisons=self.n_visits,
            index_reads=self.n_visits + self.leaf_index_reads,
        )


@dataclass(frozen=True)
class _Tree:
    """What counts of one tree: its inner nodes, and how often a leaf or an inner node is reached.

    Parameters
    ----------
    is_leaf : ndarray of shape (n_nodes,)
        Whether a node is a leaf.

    share : ndarray of shape (n_nodes,)
        Share of the training samples that reach a node, by their weights.
    """

    is_leaf: np.ndarray
    share: np.ndarray

    @classmethod
    def of(cls, estimator: Any) -> Self:
        """Take what scikit-learn's DecisionTreeClassifier and DecisionTreeRegressor keep."""
        tree = estimator.tree_
        weights = tree.weighted_n_node_samples
        return cls(tree.children_left < 0, weights / weights[0])

    @property
    def n_inner(self) -> int:
        return int(np.count_nonzero(~self.is_leaf))

    @property
    def n_leaves(self) -> int:
        return int(np.count_nonzero(self.is_leaf))

    @property
    def n_visits(self) -> float:
        return float(self.share[~self.is_leaf].sum())


def tree_stage(estimator: Any) -> TreeStage:
    """A fitted DecisionTreeClassifier or ExtraTreeClassifier: the leaf says the class."""
    check_is_fitted(estimator)
    _check_single_output(estimator)
    tree = _Tree.of(estimator)
    return _stage(
        [tree],
        n_features=estimator.n_features_in_,
        leaf_reads=1,
        n_labels=tree.n_leaves,
        label_bytes=tree.n_leaves * index_width(int(estimator.n_classes_) - 1),
    )


def value_tree_stage(estimator: Any) -> TreeStage:
    """A fitted DecisionTreeRegressor or ExtraTreeRegressor: the leaf has the values."""
    check_is_fitted(estimator)
    tree, n_outputs = _Tree.of(estimator), int(estimator.n_outputs_)
    return _stage(
        [tree],
        n_features=estimator.n_features_in_,
        leaf_reads=n_outputs,
        n_leaf_weights=n_outputs * tree.n_leaves,
    )


def value_forest_stage(estimator: Any) -> TreeStage:
    """A fitted forest of regressors: leaves, divided by the number of trees, are added up."""
    check_is_fitted(estimator)
    trees = [_Tree.of(member) for member in estimator.estimators_]
    n_outputs = int(estimator.n_outputs_)
    return _stage(
        trees,
        n_features=estimator.n_features_in_,
        n_targets=n_outputs,
        n_additions=len(trees) * n_outputs,
        n_leaf_weights=n_outputs * sum(tree.n_leaves for tree in trees),
    )


def forest_stage(estimator: Any) -> TreeStage:
    """A fitted forest: the class of the largest sum of probabilities."""
    check_is_fitted(estimator)
    _check_single_output(estimator)
    n_classes = int(estimator.n_classes_)
    n_free = n_classes - 1  # the last probability is what is missing to 1
    trees = [_Tree.of(member) for member in estimator.estimators_]
    n_leaves = sum(tree.n_leaves for tree in trees)
    n_mixed, mixed_share = 0, 0.0
    for tree, member in zip(trees, estimator.estimators_):
        mixed = tree.is_leaf & (np.count_nonzero(member.tree_.value[:, 0], axis=1) > 1)
        n_mixed += int(np.count_nonzero(mixed))
        mixed_share += float(tree.share[mixed].sum())
    # Either each leaf is a class number or the index of a mixed distribution, or none is.
    label_bytes = n_leaves * index_width(n_classes + n_mixed - 1)
    labelled = label_bytes + 4 * n_free * n_mixed < 4 * n_free * n_leaves
    if labelled:
        n_additions = mixed_share * n_free + (len(trees) - mixed_share) * min(n_free, 1)
    else:
        n_additions = len(trees) * n_free
    return _stage(
        trees,
        n_features=estimator.n_features_in_,
        n_targets=n_classes if n_classes > 2 else n_free,
        # Of two classes, one sum says it all; of more, the last is the number of trees less others.
        n_additions=n_additions + (n_free if n_classes > 2 else 0),
        comparisons=n_free,
        n_leaf_weights=n_free * (n_mixed if labelled else n_leaves),
        leaf_index_reads=mixed_share if labelled else 0,
        n_labels=n_leaves - n_mixed if labelled else 0,
        label_bytes=label_bytes if labelled else 0,
    )


def boosting_stage(estimator: Any) -> TreeStage:
    """Fitted gradient boosting that starts from the best constant or from zero."""
    check_is_fitted(estimator)
    start = estimator.init_
    from_zero = isinstance(start, str) and start == "zero"
    is_constant = isinstance(start, DummyRegressor) or (
        isinstance(start, DummyClassifier) and start.strategy == "prior"
    )
    if not from_zero and not is_constant:
        raise TypeError(
            f"Can't count the operations of {type(estimator).__name__} with init={start!r}: known "
            "are None and 'zero'."
        )
    trees = [_Tree.of(member) for member in estimator.estimators_.ravel()]
    n_outputs = estimator.estimators_.shape[1]
    return _boosting(estimator, trees, n_outputs, 0 if from_zero else n_outputs)


def hist_boosting_stage(estimator: Any) -> TreeStage:
    """Fitted histogram-based boosting whose splits are all by a threshold."""
    check_is_fitted(estimator)
    trees = []
    # scikit-learn has no public name for these trees.
    for members in estimator._predictors:
        for member in members:
            nodes = member.nodes
            if nodes["is_categorical"].any():
                raise TypeError(
                    f"Can't count the operations of {type(estimator).__name__} with categorical "
                    f"splits: {estimator!r}. Encode the categories as numbers, or fit with "
                    "categorical_features=None."
                )
            trees.append(_Tree(nodes["is_leaf"].astype(bool), nodes["count"] / nodes["count"][0]))
    n_outputs = estimator.n_trees_per_iteration_
    return _boosting(estimator, trees, n_outputs, n_outputs)


def _boosting(estimator: Any, trees: list[_Tree], n_outputs: int, n_biases: int) -> TreeStage:
    """Every tree adds a number (learning rate included) to the output that it belongs to."""
    return _stage(
        trees,
        n_features=estimator.n_features_in_,
        n_targets=n_outputs,
        n_biases=n_biases,
        n_additions=len(trees),
        comparisons=decision(n_outputs) if is_classifier(estimator) else 0,
        n_leaf_weights=sum(tree.n_leaves for tree in trees),
    )


def _stage(
    trees: Sequence[_Tree],
    *,
    n_features: int,
    n_targets: int = 0,
    n_leaf_weights: int = 0,
    label_bytes: int = 0,
    **others: Any,
) -> TreeStage:
    """Sum up trees; their indices are all of one width."""
    n_inner = sum(tree.n_inner for tree in trees)
    return TreeStage(
        n_sources=n_features,
        n_targets=n_targets,
        n_connections=0,
        n_weights=n_inner + n_leaf_weights,
        n_visits=sum(tree.n_visits for tree in trees),
        tree_bytes=n_inner * (index_width(n_features - 1) + _child_width(trees))
        + label_bytes
        + _start_bytes(trees),
        folds_before=True,
        # A monotone function of a feature, bounds included, only moves the thresholds.
        folds_clipping=True,
        **others,
    )


def _child_width(trees: Iterable[_Tree]) -> int:
    """Bytes of the number of inner nodes left of one: at most all the others of its tree."""
    return index_width(max(tree.n_inner for tree in trees) - 1)


def _start_bytes(trees: Sequence[_Tree]) -> int:
    """Bytes of where each tree begins and the last one ends, as of the rows of a sparse matrix."""
    if len(trees) == 1:
        return 0
    return (len(trees) + 1) * index_width(sum(tree.n_inner for tree in trees))


def _check_single_output(estimator: Any) -> None:
    if estimator.n_outputs_ != 1:
        raise TypeError(
            f"Can't count the operations of {type(estimator).__name__} with "
            f"{estimator.n_outputs_} outputs: {estimator!r}. Trees need to have a single one."
        )
