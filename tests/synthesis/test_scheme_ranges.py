"""Parameters of the schemes: what values they take, and that they are set and cloned."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import pytest
from sklearn.base import clone

from scann_sklearn.synthesis import SchemeA, SchemeB, SchemeC, SchemeNeST

COMMON = {
    "iterations": [0, -1, 1.5, "many", None],
    "path_iterations": [0, -1, 1.5, "many", None],
    "pruning_ratio": [0, 1, -0.1, 1.1, "half"],
    "growth": ["sideways", None, 1],
    "growth_ratio": [0, -0.5, 1.01, "all", None],
    "growth_limit": [0, -1.0, "none"],
    "growth_batch_size": [0, -5, 2.5, None],
    "pruning_criterion": ["luck", None],
    "initial_pruning": [1, 1.0, -0.1, None],
    "initial_epochs": [-1, 1.5, None],
    "epochs": [-1, 0.5, None],
    "growth_epochs": [-1, 0.5],
    "final_epochs": [-1, 0.5],
    "coarse_above": [-1, 0.5, "never"],
}
OF_B = {"growth_reference": ["all", None, 1]}
OF_A = {
    "initial_hidden": [0, 0.0, 1.5, -2, None],
    "max_hidden": [0, -1, 1.5],
    "added_hidden": [-1, 1.5, None],
    "noise": [-0.1, None, "little"],
    "growth_iterations": [-1, 0.5, None],
    "duplication": ["half", None],
    "seed_pruning": ["never", None],
    "shrink": ["no", None],
}
OF_NEST = {
    "seed_ratio": [0, 0.0, 1.5, None, "small"],
    "seed_density": [0, 1.01, -0.1, None],
    "bridge_share": [0, 1.01, -0.1, None],
    "birth_strength": [0, -0.3, 1001, None],
    "map_candidates": [0, -1, 1.5, None],
    "area_share": [0, 1.01, -0.1, None],
    "growth_iterations": [-1, 0.5, None],
    "neuron_pruning": [-0.1, 1, None],
}
OWN = {SchemeA: OF_A, SchemeB: OF_B, SchemeC: OF_B, SchemeNeST: OF_NEST}
BAD = [
    (cls, name, value)
    for cls, own in OWN.items()
    for name, values in (COMMON | own).items()
    for value in values
]


@pytest.mark.parametrize(("cls", "name", "value"), BAD)
def test_a_bad_parameter_is_named_with_its_value(cls, name, value):
    scheme = cls().set_params(**{name: value})
    with pytest.raises(ValueError, match=f"'{name}' parameter of {cls.__name__}") as error:
        scheme.validate()
    assert f"Got {value!r} instead" in str(error.value)


@pytest.mark.parametrize("cls", OWN)
def test_every_parameter_has_a_constraint_and_a_bad_value_in_these_tests(cls):
    names = set(cls().get_params())
    assert names <= set(cls._parameter_constraints)
    cls.as_published().validate()
    assert names == {name for c, name, _ in BAD if c is cls}
    cls().validate()


@pytest.mark.parametrize("cls", OWN)
def test_parameters_are_got_set_and_cloned(cls):
    scheme = cls(growth_ratio=0.5).set_params(epochs=3)
    assert scheme.get_params()["growth_ratio"] == 0.5
    assert scheme.get_params()["epochs"] == 3
    assert clone(scheme).get_params() == scheme.get_params()
    assert cls(**scheme.get_params()).get_params() == scheme.get_params()
    with pytest.raises(ValueError, match="Invalid parameter 'nothing'"):
        scheme.set_params(nothing=1)
