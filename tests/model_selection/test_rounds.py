"""Algorithm 1 tells what it does, and doesn't end in a projection that gains nothing."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from sklearn.datasets import load_wine
from sklearn.pipeline import Pipeline

from scann_sklearn import DimReducer, energy_score
from scann_sklearn.model_selection import CompressionSearchCV, SmallestWithinOneSE
from scann_sklearn.model_selection._rounds import Rounds, best_that_earns_its_cost
from tests.classifier._helpers import short

WINE = load_wine(return_X_y=True)


def results(*candidates):
    """`cv_results_` of candidates (method, ratio, score of each of two splits)."""
    splits = np.array([candidate[2:] for candidate in candidates])
    means = splits.mean(axis=1)
    order = np.where(np.isnan(means), np.inf, -means)
    return {
        "params": [{"r__method": method, "r__ratio": ratio} for method, ratio, *_ in candidates],
        "split0_test_score": splits[:, 0],
        "split1_test_score": splits[:, 1],
        "mean_test_score": means,
        "std_test_score": splits.std(axis=1),
        "rank_test_score": 1 + np.array([(order < own).sum() for own in order]),
    }


PASSTHROUGH = ("passthrough", 1, 0.90, 0.90)


@pytest.mark.parametrize(
    ("candidates", "best"),
    [
        ([("pca", 1, 0.90, 0.90), PASSTHROUGH], 1),  # a tie
        ([("pca", 1.0, 0.88, 0.94), PASSTHROUGH], 1),  # better by less than its error
        ([("pca", 1, 0.92, 0.93), PASSTHROUGH], 0),  # by more
        ([("pca", 1, 0.90, 0.90), PASSTHROUGH, ("pca", 2, 0.95, 0.85)], 1),  # the first of equals
        ([("pca", 1, 0.88, 0.94), PASSTHROUGH, ("pca", 2, 0.85, 0.955)], 2),  # reduces
        ([("pca", 1, 0.5, 0.5), ("passthrough", 1, np.nan, np.nan)], 0),  # its fits have failed
        ([("pca", 1, 0.90, 0.90), ("pca", 2, 0.85, 0.85)], 0),  # nothing to compare with
    ],
)
def test_a_projection_at_ratio_1_has_to_earn_its_cost(candidates, best):
    assert best_that_earns_its_cost(results(*candidates), "score", "r") == best


def test_reports():
    rounds = Rounds(0.05, 0.02)
    rounds.note(1, {"pca": 0.9, "ica": 0.8, "isomap": 0.89, "passthrough": 0.5})
    assert rounds.report() == (
        "ratio 1: pca 0.9, ica 0.8, isomap 0.89, passthrough 0.5; "
        "ica ends, more than 0.05 below the best of the round; best so far 0.9, pca at ratio 1"
    )
    rounds.note(2.5, {"pca": 0.91, "isomap": 0.865})
    assert rounds.report() == (
        "ratio 2.5: pca 0.91, isomap 0.865; isomap ends, more than 0.02 below its own best; "
        "best so far 0.91, pca at ratio 2.5"
    )
    assert rounds.stopped == {"ica": (1, "gap"), "isomap": (2.5, "drop")}


def test_a_report_of_failures():
    rounds = Rounds(None, None)
    rounds.note(1, {"pca": np.nan})
    assert rounds.report() == "ratio 1: pca nan"
    assert rounds.stopped == {}


def search(**parameters):
    pipe = Pipeline([("reduce", DimReducer(random_state=0)), ("scann", short(n_connections=40))])
    return CompressionSearchCV(pipe, ratios=[1, 2], cv=2, **parameters)


@pytest.mark.parametrize("verbose", [0, 1])
def test_a_line_a_round(capsys, verbose):
    fitted = search(methods="pca", max_drop=None, verbose=verbose).fit(*WINE)
    lines = capsys.readouterr().out.splitlines()
    assert len(fitted.cv_results_["params"]) == 3
    if verbose == 0:
        assert lines == []
    else:
        first, second = (line for line in lines if line.startswith("ratio"))
        assert "pca 0.9" in first
        assert ", passthrough 0." in first
        assert "best so far" in second


def test_random_projections_of_full_size_are_not_chosen():
    methods = ["gaussian_rp", "achlioptas_rp", "sparse_rp"]
    fitted = search(methods=methods, max_gap=None, max_drop=None).fit(*WINE)
    assert fitted.cv_results_["params"][3]["reduce__method"] == "passthrough"
    results, best = fitted.cv_results_, fitted.best_index_
    error = results["std_test_score"][best] / np.sqrt(fitted.n_splits_)
    if results["mean_test_score"][best] <= results["mean_test_score"][3] + error:
        chosen = fitted.best_params_  # no better than all features
        assert chosen["reduce__method"] == "passthrough" or chosen["reduce__ratio"] == 2


def test_rules_of_the_user_see_everything():
    scoring = {"accuracy": "accuracy", "energy": energy_score}
    rule = SmallestWithinOneSE()
    fitted = search(methods="sparse_rp", scoring=scoring, refit=rule, max_gap=None).fit(*WINE)
    assert fitted.best_index_ == rule(fitted.cv_results_)
