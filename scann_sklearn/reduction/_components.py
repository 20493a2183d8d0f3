"""How many features a reduction leaves."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from math import floor

from scann_sklearn.reduction._methods import Method


def count_components(
    method: Method,
    n_samples: int,
    n_features: int,
    *,
    ratio: float | None,
    n_components: int | None,
    n_landmarks: int,
) -> int:
    """Count the components that the parameters of a DimReducer ask for.

    Raises
    ------
    ValueError
        Where they ask for no component, for more than there are features, or for more than there
        are samples or landmarks.
    """
    if ratio is not None and n_components is not None:
        raise ValueError(
            f"Give ratio or n_components, not both. Got ratio={ratio!r}, "
            f"n_components={n_components!r}."
        )
    if method.is_diagonal:
        return n_features
    wanted = n_components if ratio is None else floor(n_features / ratio)
    if wanted == 0:
        raise ValueError(
            f"ratio={ratio!r} leaves no component of {n_features} feature(s). Give a "
            f"ratio of at most {n_features}."
        )
    limits = {"samples": n_samples}
    if not method.is_affine:
        limits["n_landmarks"] = n_landmarks
    if wanted is None:
        return min(n_features, *limits.values())
    if wanted > n_features:
        raise ValueError(
            f"n_components={wanted!r} is more than the {n_features} feature(s) of X, which is no "
            "reduction."
        )
    for name, limit in limits.items():
        if wanted > limit:
            asked_for = (
                f"n_components={wanted!r} were asked for"
                if ratio is None
                else f"ratio={ratio!r} asks for {wanted} components"
            )
            raise ValueError(
                f"{asked_for}, which is more than {name}={limit}. Ask for at most {limit} "
                "components."
            )
    return int(wanted)
