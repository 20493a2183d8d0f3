"""What tells the data and parameters of one fit from those of another, in any process."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import datetime
import hashlib
import os
import reprlib
import struct
import types
from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import partial
from typing import Any

import joblib
import numpy as np
from scipy.sparse import issparse
from sklearn.frozen import FrozenEstimator

from scann_sklearn._constraints import TorchModule

NO_PART_OF_RESULTS = {"checkpoint", "verbose"}  # parameters of ours that change none
_AT_ONCE = 2**22  # bytes of an array that isn't in C's order
_WORDS = reprlib.Repr()
_WORDS.maxother = _WORDS.maxstring = 60


class NoNameError(TypeError):
    """A value that nothing tells from others of its kind."""


def identity_of(values: dict[str, Any], refusal: str) -> dict[str, list[str]]:
    """Digest of each of some values, with a few words on it.

    Parameters
    ----------
    values : dict of str to object
        Numbers, strings, arrays, containers, functions with a name, estimators and other objects
        with parameters. Fitted state counts inside of a `FrozenEstimator` only.
    refusal : str
        What an error begins with.

    Returns
    -------
    identity : dict of str to [str, str]
        Digest and words by the same names.

    Raises
    ------
    TypeError
        If there is something that can't be told from others, such as a lambda.
    """
    identity = {}
    for name, value in values.items():
        found = hashlib.blake2b(digest_size=16)
        try:
            _feed(found, value, name)
        except (NoNameError, RecursionError) as error:
            raise TypeError(f"{refusal} {error}") from None
        identity[name] = [found.hexdigest(), words_on(value)]
    return identity


def name_of(identity: dict[str, list[str]]) -> str:
    """Digest of them all: 32 characters."""
    found = hashlib.blake2b(digest_size=16)
    for name, (digest, _) in sorted(identity.items()):
        _add(found, name, digest.encode())
    return found.hexdigest()


def differences(there: dict[str, list[str]], here: dict[str, list[str]]) -> str:
    """What differs between two identities, in words; empty: nothing does."""
    found = []
    for name in sorted(there.keys() | here.keys()):
        old, new = there.get(name, ["", "absent"]), here.get(name, ["", "absent"])
        if old[0] == new[0]:
            continue
        same = "others, " if old[1] == new[1] else ""
        found.append(f"{name} was {old[1]} and is {same}{new[1]}")
    return "; ".join(found)


def words_on(value: Any) -> str:
    """A few words on a value."""
    if isinstance(value, np.ndarray) or issparse(value):
        return f"{value.dtype} of shape {tuple(value.shape)}"
    if isinstance(value, types.FunctionType | type):
        return f"{value.__module__}.{value.__qualname__}"
    words = " ".join(_WORDS.repr(value).split())
    return words if len(words) <= 200 else f"{words[:200]}..."


def _add(found, kind, content=b"") -> None:
    """Feed a digest with something of a kind, by its length: nothing can look like two things."""
    found.update(struct.pack("<QQ", len(kind), len(content)) + kind.encode())
    found.update(content)


def _feed(found, value, where) -> None:
    """Feed a digest with a value; `where` names it in an error."""
    if value is None or isinstance(value, bool | np.bool_ | str | bytes):
        content = value if isinstance(value, bytes) else str(value).encode()
        _add(found, type(value).__name__.rstrip("_"), content)
    elif isinstance(value, int | np.integer):
        _add(found, "int", str(int(value)).encode())
    elif isinstance(value, float | np.floating):
        _add(found, "float", float(value).hex().encode())
    elif isinstance(value, os.PathLike):
        _add(found, "path", os.fsencode(value))
    elif isinstance(value, np.ndarray) or issparse(value):
        _feed_array(found, value, where)
    elif isinstance(value, list | tuple | set | frozenset | dict):
        _feed_container(found, value, where)
    elif isinstance(value, np.random.RandomState):
        _add(found, "RandomState")
        _feed(found, value.get_state(legacy=False), where)
    elif isinstance(value, np.random.Generator):
        _add(found, "Generator")
        _feed(found, value.bit_generator.state, where)
    elif isinstance(value, range):
        _feed_container(found, list(value), where)
    elif _is_scalar_of_tables(value):
        _add(found, type(value).__name__, repr(value).encode())
    elif isinstance(value, np.dtype):
        _add(found, "dtype", value.str.encode())
    elif callable(value) and hasattr(value, "__qualname__"):
        _feed_function(found, value, where)
    else:
        _feed_object(found, value, where)


def _is_scalar_of_tables(value) -> bool:
    """Dates, times, decimals and what pandas puts in the place of a missing value."""
    kinds = (datetime.date, datetime.time, datetime.timedelta, datetime.tzinfo, Decimal, np.generic)
    of_pandas = type(value).__module__.startswith("pandas.") and not hasattr(value, "shape")
    return isinstance(value, kinds) or of_pandas


def _feed_array(found, value, where) -> None:
    if issparse(value):
        value = value.tocsr()
        _add(found, "sparse", str(value.shape).encode())
        for part in (value.data, value.indices, value.indptr):
            _feed_array(found, part, where)
        return
    if value.dtype.hasobject:
        _add(found, "objects", str(value.shape).encode())
        for place, entry in zip(np.ndindex(value.shape), value.ravel().tolist()):
            _feed(found, entry, f"{where}[{', '.join(map(str, place))}]")
        return
    _add(found, "array", f"{value.dtype.str} {value.shape}".encode())
    if value.flags.c_contiguous:
        found.update(value.reshape(-1).view(np.uint8).data)
        return
    rows = max(1, _AT_ONCE // max(1, value[:1].nbytes))
    for begin in range(0, len(value), rows):
        found.update(np.ascontiguousarray(value[begin : begin + rows]).tobytes())


def _feed_container(found, value, where) -> None:
    kind = next(k for k in (list, tuple, set, frozenset, dict) if isinstance(value, k))
    _add(found, kind.__name__, str(len(value)).encode())
    if kind in (list, tuple):
        for number, entry in enumerate(value):
            _feed(found, entry, f"{where}[{number}]")
        return
    # in no order: sorted by digests
    parts = []
    for key in value:
        part = hashlib.blake2b(digest_size=16)
        _feed(part, key, where)
        if kind is dict:
            _feed(part, value[key], f"{where}[{key!r}]")
        parts.append(part.digest())
    _add(found, "entries", b"".join(sorted(parts)))


def _feed_function(found, value, where) -> None:
    """A function or class counts by the module and the name where it is found."""
    if "<lambda>" in value.__qualname__:
        raise NoNameError(f"{where} is a lambda, which has no name: write it as a function.")
    if "<locals>" in value.__qualname__ and getattr(value, "__closure__", None):
        raise NoNameError(
            f"{where} is the function {value.__qualname__!r}, which reads variables of another one "
            "that its name doesn't tell: write it at the top of a module, with "
            "functools.partial where it needs values."
        )
    owner = getattr(value, "__self__", None)
    _add(found, "function", f"{value.__module__}:{value.__qualname__}".encode())
    if owner is not None and not isinstance(owner, types.ModuleType | type):
        _feed(found, owner, f"{where}.__self__")


def _feed_object(found, value, where) -> None:
    """An object counts by its class and its parameters."""
    kind = type(value)
    _add(found, "object", f"{kind.__module__}:{kind.__qualname__}".encode())
    if isinstance(value, FrozenEstimator):
        _feed_fitted(found, value.estimator, where)
    if isinstance(value, partial):
        parts = {"func": value.func, "args": value.args, "keywords": value.keywords}
    elif TorchModule().is_satisfied_by(value):
        parts = _of_module(value)
    elif hasattr(value, "get_params"):
        parts = value.get_params(deep=False)
        if kind.__module__.startswith("scann_sklearn."):
            parts = {name: part for name, part in parts.items() if name not in NO_PART_OF_RESULTS}
    elif kind.__module__.startswith("scipy.stats."):  # distributions with their parameters
        parts = _of_distribution(value, where)
    elif is_dataclass(value):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
    elif kind.__module__.startswith("sklearn."):  # scorers, splitters: they are their attributes
        parts = dict(vars(value))
    else:
        raise NoNameError(
            f"{where} is an object of {kind.__module__}.{kind.__qualname__}, which has no "
            "parameters that tell it from others: give it get_params, make it a dataclass, or "
            "give a function with a name."
        )
    for name, part in sorted(parts.items()):
        _add(found, name)
        _feed(found, part, f"{where}.{name}")


def _of_distribution(value, where) -> dict[str, Any]:
    """A distribution of scipy.stats, frozen or not, by its name and parameters."""
    family = getattr(value, "dist", value)
    holds_data = hasattr(family, "xk") or hasattr(family, "_hpdf")  # values, or a histogram
    if holds_data or not hasattr(family, "name"):
        raise NoNameError(
            f"{where} is a {type(family).__name__} of scipy.stats, which has no parameters that "
            "tell it from others: give it as a list of values."
        )
    args, keywords = getattr(value, "args", ()), getattr(value, "kwds", {})
    return {"class": type(family), "dist": family.name, "args": args, "kwds": keywords}


def _feed_fitted(found, fitted, where) -> None:
    """What was fitted, by what pickle would write of it; nothing is read from a pickle."""
    try:
        _add(found, "fitted", joblib.hash(fitted).encode())
    except Exception as error:  # whatever objects raise that can't be written
        raise NoNameError(
            f"{where} is a fitted {type(fitted).__name__} that can't be told from others: "
            f"{type(error).__name__}: {error}"
        ) from error


def _of_module(module) -> dict[str, Any]:
    """A module of torch by the classes, public attributes and tensors of all its parts."""
    import torch  # it is loaded: there is a module

    def plain(value) -> Any:
        if isinstance(value, torch.Tensor):
            return value.detach().cpu().numpy()
        return str(value) if isinstance(value, torch.dtype | torch.device) else value

    parts: dict[str, Any] = {}
    for name, part in module.named_modules():
        parts[f"{name} is"] = type(part)
        public = (item for item in vars(part).items() if not item[0].startswith("_"))
        parts |= {f"{name}.{key}": plain(value) for key, value in public}
    for name, tensor in (*module.named_parameters(), *module.named_buffers()):
        parts[f"{name} holds"] = plain(tensor)
    return parts
