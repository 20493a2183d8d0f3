"""emlearn's C of perceptrons and forests, behind the same function as ours.

What had to be worked around in emlearn 0.23.2, always in its favour:

* it has no scalers: `StandardScaler` is folded into the first layer, which costs nothing;
* softmax, which changes no class, is left out (its code stays in the file);
* a forest compares ``x < int(threshold)`` where scikit-learn compares ``x <= threshold``: for the
  whole numbers of these data the thresholds are moved up to the next whole number;
* it writes models in one of two forms, tables for a general loop or code for the model ("loadable",
  "inline"): the one with less flash counts. Tables of trees count features in int8, up to 127;
* "inline" fails for perceptrons, since it takes the name of an activation for a number: mended;
* its functions are external: with ``-fwhole-program`` those that nobody calls are left out;
* its headers include parts of a C library, which a compiler for Cortex-M0 may come without: empty
  headers and declarations serve;
* importing it makes NumPy raise on underflow, for the whole process: taken back;
* converting compiles a program in the folder "tmp" of the working directory: it is done elsewhere.

Its perceptrons are float32 only: fixed point is announced in its sources, without code.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import copy
import warnings
from contextlib import chdir
from pathlib import Path
from unittest import mock

import numpy as np

from benchmarks.deploy._codes import Code
from scann_sklearn.metrics import EnergyModel

METHODS = ("loadable", "inline")
_MOST_FEATURES = 127  # in tables of trees
_MATH = """\
#define NAN __builtin_nanf("")
#define INFINITY __builtin_inff()
float expf(float), logf(float), tanhf(float), fabsf(float), sqrtf(float), powf(float, float);
"""
_ADAPTER = """\
#include "{name}_model.h"
__attribute__((externally_visible)) int entry(const {ctype} *x);
static inline int {name}_predict(const {ctype} *x)
{{
    return (int){name}_model_predict(x, {n_features});
}}
"""


def perceptron_code(pipeline, method, folder, name):
    """Header of a scaler and an `MLPClassifier`, float32.

    Parameters
    ----------
    pipeline : Pipeline
        `StandardScaler` and `MLPClassifier`.
    method : {"loadable", "inline"}
        Form of the code.
    folder : path-like
        Where it is written.
    name : str
        Prefix of its names.

    Returns
    -------
    code : Code
        Takes raw samples.
    """
    mlp = folded(pipeline)
    if mlp.out_activation_ == "softmax":
        mlp.out_activation_ = "identity"
    model = _convert(mlp, folder, method="loadable")
    with _names_are_constants():
        text = model.save(name=f"{name}_model", inference=[method])
    return _written(
        text,
        folder,
        name,
        mlp.n_features_in_,
        ctype="float",
        dtype="float32",
        rows=lambda X: np.ascontiguousarray(X, dtype=np.float32),
        operations=EnergyModel().operations(pipeline),
        n_parameters=sum(a.size for a in (*mlp.coefs_, *mlp.intercepts_)),
        note=method,
    )


def _names_are_constants():
    """Leave names in generated code as they are, where emlearn would make a number of them."""
    from emlearn import cgen

    original = cgen.constant
    return mock.patch.object(
        cgen, "constant", lambda v, dtype: v if isinstance(v, str) else original(v, dtype)
    )


def folded(pipeline):
    """The perceptron of a pipeline for raw samples: its scaler is in the first layer."""
    scaler, mlp = pipeline[0], copy.copy(pipeline[-1])
    first = mlp.coefs_[0] / scaler.scale_[:, None]
    mlp.coefs_ = [first, *mlp.coefs_[1:]]
    mlp.intercepts_ = [mlp.intercepts_[0] - scaler.mean_ @ first, *mlp.intercepts_[1:]]
    return mlp


def forest_methods(forest):
    """Forms of code that emlearn can write of a forest."""
    return METHODS if forest.n_features_in_ <= _MOST_FEATURES else METHODS[1:]


def forest_code(forest, method, leaf_bits, folder, name):
    """Header of a `RandomForestClassifier` for whole numbers, int16.

    Parameters
    ----------
    forest : RandomForestClassifier
        Fitted to whole numbers within int16.
    method : {"loadable", "inline"}
        Form of the code.
    leaf_bits : {0, 8}
        One vote a tree, or the shares of the classes.
    folder : path-like
        Where it is written.
    name : str
        Prefix of its names.

    Returns
    -------
    code : Code
        Takes raw samples.
    """
    model = _convert(forest, folder, method=method, dtype="int16_t", leaf_bits=leaf_bits)
    for node in model.forest_[0]:
        node[1] = np.floor(node[1]) + 1
    text = model.save(name=f"{name}_model", include_proba=False)
    return _written(
        text,
        folder,
        name,
        forest.n_features_in_,
        ctype="int16_t",
        dtype="int16",
        rows=_whole_numbers,
        operations=EnergyModel().operations(forest),
        n_parameters=None,
        note=method,
    )


def _whole_numbers(X):
    rows = np.ascontiguousarray(X, dtype=np.int16)
    if not np.array_equal(rows, X):
        raise ValueError("emlearn's forests take int16: these samples are no whole numbers.")
    return rows


def _convert(estimator, folder, **options):
    with warnings.catch_warnings(), np.errstate(), chdir(folder):
        warnings.simplefilter("ignore", DeprecationWarning)  # it imports distutils
        import emlearn

        return emlearn.convert(estimator, **options)


def _written(text, folder, name, n_features, **about):
    import emlearn

    folder = Path(folder)
    (folder / f"{name}_model.h").write_text(text)
    adapter = _ADAPTER.format(name=name, n_features=n_features, ctype=about["ctype"])
    (folder / f"{name}.h").write_text(adapter)
    library = folder / "library"
    library.mkdir(exist_ok=True)
    for header in ("stdio.h", "stdlib.h", "string.h"):
        (library / header).touch()
    (library / "math.h").write_text(_MATH)
    return Code(
        path=folder / f"{name}.h",
        name=name,
        flags=("-fwhole-program", "-w", "-I", str(Path(emlearn.__file__).parent)),
        freestanding=("-isystem", str(library)),
        **about,
    )
