"""What every loader ends with: the split and the bunch."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import inspect
from collections import Counter
from collections.abc import Callable, Sequence
from typing import IO, Any

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.utils import Bunch

_SEED = 0


def draw_split(target: np.ndarray, n_validation: int, n_test: int = 0) -> np.ndarray:
    """Draw the parts of a data set, stratified by class and always the same."""
    split = np.full(len(target), "train", dtype="<U10")
    for part, size in (("test", n_test), ("validation", n_validation)):
        if size:
            rest = np.flatnonzero(split == "train")
            _, chosen = train_test_split(
                rest, test_size=size, stratify=target[rest], random_state=_SEED
            )
            split[chosen] = part
    return split


def official_split(train: np.ndarray, n_validation: int, test: np.ndarray) -> np.ndarray:
    """Draw the validation rows from an official training set; its test set follows it."""
    return np.append(draw_split(train, n_validation), np.full(len(test), "test"))


def read_names(file: IO[bytes]) -> list[str]:
    """Read the last word of each line; repeated ones get a number, columns need their own names."""
    seen: Counter[str] = Counter()
    names = []
    for line in file.read().decode().splitlines():
        name = line.split()[-1]
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def make_bunch(
    loader: Callable[..., Any],
    data: np.ndarray,
    target: np.ndarray,
    split: np.ndarray,
    feature_names: Sequence[str],
    target_names: Sequence[str],
    *,
    return_X_y: bool,
    as_frame: bool,
    **extra: np.ndarray,
) -> Any:
    """Return what the user asked for, in scikit-learn's form."""
    frame = None
    X: Any = data
    y: Any = target
    if as_frame:
        import pandas as pd

        if data.ndim == 1:  # texts
            X = pd.Series(data, name=feature_names[0])
        else:
            X = pd.DataFrame(data, columns=list(feature_names))
        if target.ndim == 1:
            y = pd.Series(target, name="target")
        else:
            y = pd.DataFrame(target, columns=list(target_names))
        frame = pd.concat([X, y], axis=1)
    if return_X_y:
        return X, y
    return Bunch(
        data=X,
        target=y,
        frame=frame,
        split=split,
        feature_names=list(feature_names),
        target_names=list(target_names),
        DESCR=_describe(loader),
        **extra,
    )


def _describe(loader: Callable[..., Any]) -> str:
    """Cut the parts of a loader's docstring that tell of the data, not of the call."""
    text, _, rest = (inspect.getdoc(loader) or "").partition("\nParameters\n")
    return text + "\n" + rest[rest.find("Notes\n-----") :].partition("\nExamples\n")[0]
