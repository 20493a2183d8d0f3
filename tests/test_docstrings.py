"""numpydoc accepts the docstring of every public name, method and property."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import inspect

import pytest
from numpydoc.validate import validate

from ._public import NAMES, load

IGNORED = {
    "ES01": "a summary is often enough",
    "EX01": "examples where they are useful",
    "GL01": "the summary stands on the line of the opening quotes",
    "RT02": "returned values may be named, as in scikit-learn",
    "SA01": "See Also where it is useful",
    "SS05": "takes the plural of a noun for a verb in the third person",
}


def _own_members(path):
    """Public methods and properties that this package wrote, inherited ones of our own too."""
    value = load(path)
    if not inspect.isclass(value):
        return
    for name in dir(value):
        # scikit-learn writes set_fit_request and the like, with their docstrings.
        if name.startswith("_") or (name.startswith("set_") and name.endswith("_request")):
            continue
        owner = next(cls for cls in value.__mro__ if name in vars(cls))
        if not owner.__module__.startswith("scann_sklearn"):
            continue
        member = inspect.getattr_static(value, name)
        if not isinstance(member, property) and not callable(getattr(value, name)):
            continue
        # One that says nothing itself has the docstring of what it overrides, validated there.
        if member.__doc__ or not inspect.getdoc(getattr(value, name)):
            yield f"{path}.{name}"


@pytest.mark.parametrize("name", NAMES)
def test_docstrings(name):
    found = [
        f"{path}: {code} {text}"
        for path in (name, *_own_members(name))
        for code, text in validate(path)["errors"]
        if code not in IGNORED
    ]
    assert not found, "\n".join(["", *found])
