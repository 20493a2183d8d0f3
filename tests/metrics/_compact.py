"""Trees as a C program would store and walk them: arrays, and a count of what is read."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from collections import Counter

import numpy as np


def unsigned(values, largest=None):
    """The smallest type of 1, 2 or 4 bytes that holds them."""
    return np.array(
        values, np.min_scalar_type(max(values, default=0) if largest is None else largest)
    )


class CompactTrees:
    """Nodes of all trees in depth-first order, inner ones and leaves apart.

    Parameters
    ----------
    trees : list of (left, right, feature, threshold)
        As in scikit-learn; a leaf has a left child of -1.

    n_features : int
        Number of features.
    """

    def __init__(self, trees, n_features):
        self.leaves = []  # (tree, node) of every leaf, in the order of their storage
        thresholds, features, skips, starts, sizes = [], [], [], [0], [1]
        for number, (left, right, feature, threshold) in enumerate(trees):

            def visit(node, number=number, tree=(left, right, feature, threshold)):
                """Store a subtree and return its number of inner nodes."""
                left, right, feature, threshold = tree
                if left[node] < 0:
                    self.leaves.append((number, node))
                    return 0
                place = len(skips)
                thresholds.append(threshold[node])
                features.append(feature[node])
                skips.append(0)
                skips[place] = visit(left[node])
                return 1 + skips[place] + visit(right[node])

            sizes.append(visit(0))
            starts.append(len(skips))
        rounded = np.array(thresholds, np.float32)
        too_large = rounded > thresholds  # features are compared in single precision
        rounded[too_large] = np.nextafter(rounded[too_large], np.float32(-np.inf))
        self.thresholds = rounded
        self.features = unsigned(features, n_features - 1)
        self.skips = unsigned(skips, max(sizes) - 1)
        self.starts = unsigned(starts)
        self.n_trees = len(trees)
        self.reads = Counter()

    @property
    def nbytes(self):
        arrays = [self.thresholds, self.features, self.skips]
        arrays += [self.starts] if self.n_trees > 1 else []
        return sum(array.nbytes for array in arrays)

    def walk(self, tree, x):
        """Return the place of the leaf of a sample."""
        node = int(self.starts[tree])
        leaf, n_inner = node + tree, int(self.starts[tree + 1]) - node
        while n_inner:
            self.reads["nodes"] += 1
            n_left = int(self.skips[node])
            if x[self.features[node]] <= self.thresholds[node]:
                node, n_inner = node + 1, n_left
            else:
                node, leaf, n_inner = node + 1 + n_left, leaf + 1 + n_left, n_inner - 1 - n_left
        return leaf


def of_trees(estimators, n_features):
    """Scikit-learn's DecisionTreeClassifiers and DecisionTreeRegressors."""
    trees = [estimator.tree_ for estimator in estimators]
    return CompactTrees(
        [(t.children_left, t.children_right, t.feature, t.threshold) for t in trees], n_features
    )


def of_hist_boosting(estimator):
    """The trees of a HistGradientBoostingClassifier."""
    nodes = [tree.nodes for trees in estimator._predictors for tree in trees]
    return CompactTrees(
        [
            (
                np.where(n["is_leaf"], -1, n["left"].astype(int)),
                n["right"].astype(int),
                n["feature_idx"],
                n["num_threshold"],
            )
            for n in nodes
        ],
        estimator.n_features_in_,
    )


class CompactForest:
    """A forest's trees, with class numbers and a table of distributions, or distributions only."""

    def __init__(self, forest):
        self.trees = of_trees(forest.estimators_, forest.n_features_in_)
        self.n_classes = forest.n_classes_
        values = np.array(
            [forest.estimators_[k].tree_.value[node, 0] for k, node in self.trees.leaves]
        )
        pure = np.count_nonzero(values, axis=1) == 1
        labels = np.where(pure, values.argmax(axis=1), self.n_classes + np.cumsum(~pure) - 1)
        labels = unsigned(labels, self.n_classes + np.count_nonzero(~pure) - 1)
        shares = values[:, :-1].astype(np.float32)
        self.labels, self.table = labels, shares[~pure]
        if labels.nbytes + self.table.nbytes >= shares.nbytes:
            self.labels, self.table = None, shares

    @property
    def nbytes(self):
        return (
            self.trees.nbytes
            + (0 if self.labels is None else self.labels.nbytes)
            + self.table.nbytes
        )

    def predict(self, x):
        """The class of the largest sum."""
        reads = self.trees.reads
        sums = np.zeros(self.n_classes)
        for tree in range(self.trees.n_trees):
            row = self.trees.walk(tree, x)
            if self.labels is not None:
                label = int(self.labels[row])
                if label < self.n_classes:
                    sums[label] += 1
                    reads["additions"] += 1
                    continue
                reads["distributions"] += 1
                row = label - self.n_classes
            sums[:-1] += self.table[row]
            reads["additions"] += self.n_classes - 1
        if self.n_classes > 2:
            reads["additions"] += self.n_classes - 1
        sums[-1] = self.trees.n_trees - sums[:-1].sum()
        return sums.argmax()
