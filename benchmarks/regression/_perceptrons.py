"""MLPRegressor on a ladder of widths, each with three pairs of L2 penalty and learning rate."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import warnings
from itertools import product

from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from benchmarks.regression._points import point, standard_error

LAYERS = ((2,), (4,), (8,), (16,), (32,), (100,), (100, 50))
# L2 penalty and initial learning rate.
PAIRS = ((1e-4, 1e-3), (1e-2, 1e-3), (1e-4, 1e-2))
# Of a training of fixed length: samples that are looked at, and the most epochs.
SAMPLES, EPOCHS = 600_000, 1000


def frontier(parts, seed, quick=False):
    """Every width and pair, with early stopping or of fixed length: what validates better.

    Early stopping is MLPRegressor's own, by a tenth of the training rows that it sets aside; the
    other training takes all rows and looks at 600 000 samples (at most 1000 epochs).

    Parameters
    ----------
    parts : benchmarks._data.Parts
        The data.
    seed : int
        Weights, order of the samples and rows set aside.
    quick : bool, default=False
        Two widths and one pair, as a test.

    Returns
    -------
    content : dict
        points, and the standard_error of the best one's validation R².
    """
    layers, pairs = (LAYERS[1:3], PAIRS[2:]) if quick else (LAYERS, PAIRS)
    samples = SAMPLES // 50 if quick else SAMPLES
    fits = [_better(parts, seed, *chosen, samples) for chosen in product(layers, pairs)]
    # of equals the smaller
    _, model = max(fits, key=lambda fit: (fit[0]["validation"], -fit[0]["connections"]))
    error = standard_error(parts.y_val, model.predict(parts.X_val), seed)
    return {"points": [fit[0] for fit in fits], "standard_error": round(error, 5)}


def regressor(layers, **options):
    """A perceptron that sees standardised targets, as ours do inside.

    Parameters
    ----------
    layers : tuple of int
        Hidden layers.
    **options
        Of `MLPRegressor`.

    Returns
    -------
    model : TransformedTargetRegressor
        Unfitted.
    """
    mlp = MLPRegressor(hidden_layer_sizes=layers, **options)
    return TransformedTargetRegressor(mlp, transformer=StandardScaler())


def _better(parts, seed, layers, pair, samples):
    """Point and model of the better of two ways to train."""
    alpha, rate = pair
    epochs = min(EPOCHS, samples // len(parts.y_train))
    ways = {
        "early stopping": {"early_stopping": True, "max_iter": EPOCHS},
        f"{epochs} epochs": {"max_iter": epochs, "n_iter_no_change": EPOCHS},
    }
    fits = []
    for way, options in ways.items():
        options = {"alpha": alpha, "learning_rate_init": rate, "random_state": seed, **options}
        model = fitted(regressor(layers, **options), parts)
        size = sum(weights.size for weights in model.regressor_.coefs_)
        setting = f"{layers}, alpha={alpha:g}, rate={rate:g}, {way}"
        fits.append((point(setting, model.predict, parts, connections=size), model))
    return max(fits, key=lambda fit: fit[0]["validation"])


def fitted(model, parts):
    """The model, fitted to the training rows; where it stops is a budget here."""
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(parts.X_train, parts.y_train)
