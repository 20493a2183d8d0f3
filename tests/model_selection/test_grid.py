"""Layers shrink in lockstep with the data."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import math
import re

import numpy as np
import pytest
from hypothesis import given, strategies as st
from sklearn.model_selection import ParameterGrid

from scann_sklearn import DimReducer
from scann_sklearn.model_selection import dr_scann_grid
from scann_sklearn.reduction._methods import METHODS


def sizes(grid):
    return [layers for part in grid for layers in part["scann__hidden_layer_sizes"]]


def test_method_ratio_and_layers_go_together():
    grid = dr_scann_grid(["pca", "sparse_rp"], [1, 2], (100, 50))
    assert list(ParameterGrid(grid)) == [
        {"reduce__method": method, "reduce__ratio": ratio, "scann__hidden_layer_sizes": layers}
        for ratio, layers in ((1, (100, 50)), (2, (50, 25)))
        for method in ("pca", "sparse_rp")
    ]


def test_names_of_the_steps():
    grid = dr_scann_grid("ica", 4, 100, reducer="a", classifier="b__c")
    assert grid == [{"a__method": ["ica"], "a__ratio": [4], "b__c__hidden_layer_sizes": [(25,)]}]


def test_rounding_halves_up_to_at_least_one():
    assert sizes(dr_scann_grid("pca", [2, 8, 50, 1000], (25, 100, 4))) == [
        (13, 50, 2),
        (3, 13, 1),
        (1, 2, 1),
        (1, 1, 1),
    ]


def test_the_ratio_achieved():
    # 16 features at ratio 3: 5 components, so 100 * 5 / 16 = 31.25 and 31 neurons, not 33.
    assert sizes(dr_scann_grid("pca", 3, 100)) == [(33,)]
    assert sizes(dr_scann_grid("pca", 3, 100, n_features=16)) == [(31,)]
    assert sizes(dr_scann_grid("pca", 2.5, 100, n_features=16)) == [(38,)]


@given(
    n_features=st.integers(1, 1000),
    ratio=st.floats(1, 1000),
    layers=st.lists(st.integers(1, 5000), min_size=1, max_size=4),
)
def test_layers_shrink_as_the_data(n_features, ratio, layers):
    if ratio > n_features:
        with pytest.raises(ValueError, match="leaves no component"):
            dr_scann_grid("pca", ratio, layers, n_features=n_features)
        return
    (shrunk,) = sizes(dr_scann_grid("pca", ratio, layers, n_features=n_features))
    n_components = math.floor(n_features / ratio)
    for old, new in zip(layers, shrunk, strict=True):
        assert 1 <= new <= old
        assert new == 1 or abs(new - old * n_components / n_features) <= 0.5 + 1e-9


def test_ratios_grow_and_none_is_tried_twice():
    grid = dr_scann_grid(["pca", "ica", "pca"], np.array([4, 1, 4, 2]), [8])
    assert [part["reduce__ratio"] for part in grid] == [[1], [2], [4]]
    assert grid[0]["reduce__method"] == ["pca", "ica"]


@pytest.mark.parametrize("ratio", [0, 0.5, -1, np.nan, np.inf, "2", True, None])
def test_bad_ratio(ratio):
    with pytest.raises(ValueError, match=f"number of at least 1, got {ratio!r}"):
        dr_scann_grid("pca", [ratio, 1], 10)


@pytest.mark.parametrize("ratio", [0, None])
def test_bad_single_ratio(ratio):
    with pytest.raises(ValueError, match=f"number of at least 1, got {ratio}"):
        dr_scann_grid("pca", ratio, 10)


@pytest.mark.parametrize("methods", [[], [1], ["pca", None], None, 3])
def test_bad_methods(methods):
    with pytest.raises(ValueError, match=r"methods must be one or more of \('pca',"):
        dr_scann_grid(methods, 1, 10)


def test_unknown_method():
    with pytest.raises(ValueError, match=r"got \['umap'\]"):
        dr_scann_grid(["pca", "umap"], 1, 10)


def test_all_methods_of_the_reducer_are_known():
    (grid,) = dr_scann_grid(list(METHODS), 1, 10)
    X = np.random.default_rng(0).normal(size=(40, 3))
    for method in grid["reduce__method"]:
        assert DimReducer(method, ratio=1, random_state=0).fit(X).n_components_ == 3
    with pytest.raises(ValueError, match="The 'method' parameter") as raised:
        DimReducer("umap").fit(X)
    assert set(re.findall(r"'(\w+)'", str(raised.value))) == {
        *METHODS,
        "method",
        "umap",
    }


def test_passthrough_is_tried_at_ratio_1():
    grid = dr_scann_grid(["passthrough", "pca"], [1, 2], 10)
    assert [part["reduce__method"] for part in grid] == [["passthrough", "pca"], ["pca"]]
    assert len(dr_scann_grid("passthrough", [1, 2], 10)) == 1
    with pytest.raises(ValueError, match="'passthrough' keeps all features: it needs ratio 1"):
        dr_scann_grid("passthrough", 2, 10)


def test_no_ratio():
    with pytest.raises(ValueError, match="ratios must be one or more numbers"):
        dr_scann_grid("pca", [], 10)


def test_no_component():
    with pytest.raises(ValueError, match="ratio 5 leaves no component of 4 features"):
        dr_scann_grid("pca", [1, 5], 10, n_features=4)


@pytest.mark.parametrize("layers", [0, None, 2.5, (10, 0), (2.5,), (-1,), ("3",), (True,)])
def test_bad_layers(layers):
    with pytest.raises(ValueError, match="hidden_layer_sizes must be whole numbers of at least 1"):
        dr_scann_grid("pca", 1, layers)


@pytest.mark.parametrize("value", [np.array(0.5), b"12", {"a": 1}, 10**400])
def test_what_is_no_list(value):
    for name in ("methods", "ratios", "hidden_layer_sizes"):
        given = {"methods": "pca", "ratios": 1, "hidden_layer_sizes": 10, name: value}
        with pytest.raises(ValueError, match=name):
            dr_scann_grid(**given)


@pytest.mark.parametrize("name", ["reducer", "classifier"])
@pytest.mark.parametrize("value", [None, 3, ("a",)])
def test_names_of_steps(name, value):
    with pytest.raises(ValueError, match=f"{name} must be the name of a step"):
        dr_scann_grid("pca", 1, 10, **{name: value})


@pytest.mark.parametrize("value", [0, -1, 2.5, True, "4", np.inf])
def test_bad_number_of_features(value):
    with pytest.raises(ValueError, match="n_features must be None or a whole number") as caught:
        dr_scann_grid("pca", 1, 10, n_features=value)
    assert repr(value) in str(caught.value)
