"""Write the small inventories that link to other projects, so that building needs no network.

They hold what the documentation refers to, and nothing else. To refer to something new, add it
here and run ``python docs/inventories/make.py``. With a network,
``python docs/inventories/make.py --check`` compares every address with the project's own inventory.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import argparse
import zlib
from pathlib import Path
from urllib.request import urlopen

HERE = Path(__file__).resolve().parent

# Of the objects below, those that only docstrings inherited from scikit-learn refer to.
INHERITED = {
    "sklearn.metrics.r2_score",
    "sklearn.multioutput.MultiOutputRegressor",
    "sklearn.utils.metadata_routing.MetadataRequest",
    "sklearn.utils.metadata_routing.MetadataRouter",
}

# Project: address, where an object is documented, and the objects by their roles.
PROJECTS = {
    "python": (
        "https://docs.python.org/3/",
        "",
        {
            "py:function": {"copy.deepcopy": "library/copy.html#copy.deepcopy"},
            "py:module": {"pickle": "library/pickle.html#module-pickle"},
        },
    ),
    "numpy": (
        "https://numpy.org/doc/stable/",
        "reference/generated/{name}.html#{name}",
        {
            "py:class": {
                "numpy.random.Generator": "reference/random/generator.html#numpy.random.Generator",
            },
            "py:function": {"numpy.load": None},
        },
    ),
    "scipy": (
        "https://docs.scipy.org/doc/scipy/",
        "reference/generated/{name}.html#{name}",
        {
            "py:class": {"scipy.sparse.csr_array": None},
            "py:module": {"scipy.stats": "reference/stats.html#module-scipy.stats"},
        },
    ),
    "sklearn": (
        "https://scikit-learn.org/stable/",
        "modules/generated/{name}.html#{name}",
        {
            "py:class": dict.fromkeys(
                [
                    "sklearn.callback.ProgressBar",
                    "sklearn.callback.ScoringMonitor",
                    "sklearn.compose.ColumnTransformer",
                    "sklearn.decomposition.FactorAnalysis",
                    "sklearn.decomposition.FastICA",
                    "sklearn.decomposition.PCA",
                    "sklearn.ensemble.ExtraTreesClassifier",
                    "sklearn.ensemble.GradientBoostingClassifier",
                    "sklearn.ensemble.HistGradientBoostingClassifier",
                    "sklearn.ensemble.RandomForestClassifier",
                    "sklearn.exceptions.ConvergenceWarning",
                    "sklearn.feature_selection.RFE",
                    "sklearn.feature_selection.RFECV",
                    "sklearn.feature_selection.SelectFromModel",
                    "sklearn.feature_selection.SelectKBest",
                    "sklearn.frozen.FrozenEstimator",
                    "sklearn.impute.MissingIndicator",
                    "sklearn.impute.SimpleImputer",
                    "sklearn.linear_model.Lasso",
                    "sklearn.linear_model.LinearRegression",
                    "sklearn.linear_model.LogisticRegression",
                    "sklearn.linear_model.Ridge",
                    "sklearn.model_selection.GridSearchCV",
                    "sklearn.model_selection.RandomizedSearchCV",
                    "sklearn.multioutput.MultiOutputClassifier",
                    "sklearn.multioutput.MultiOutputRegressor",
                    "sklearn.neural_network.MLPClassifier",
                    "sklearn.neural_network.MLPRegressor",
                    "sklearn.pipeline.FeatureUnion",
                    "sklearn.pipeline.Pipeline",
                    "sklearn.preprocessing.Normalizer",
                    "sklearn.preprocessing.OneHotEncoder",
                    "sklearn.preprocessing.OrdinalEncoder",
                    "sklearn.tree.DecisionTreeClassifier",
                    "sklearn.tree.ExtraTreeClassifier",
                    "sklearn.utils.Bunch",
                    "sklearn.utils.metadata_routing.MetadataRequest",
                    "sklearn.utils.metadata_routing.MetadataRouter",
                ]
            ),
            "py:function": {
                "sklearn.datasets.get_data_home": None,
                "sklearn.metrics.r2_score": None,
                "sklearn.model_selection.cross_validate": None,
            },
            "py:module": {
                "sklearn.random_projection": (
                    "api/sklearn.random_projection.html#module-sklearn.random_projection"
                ),
            },
            # In inherited docstrings.
            "std:label": {
                "accuracy_score": "modules/model_evaluation.html#accuracy-score",
                "df_output_transform": "modules/df_output_transform.html#df-output-transform",
                "metadata_routing": "metadata_routing.html#metadata-routing",
                "r2_score": "modules/model_evaluation.html#r2-score",
                "sphx_glr_auto_examples_miscellaneous_plot_set_output.py": (
                    "auto_examples/miscellaneous/plot_set_output.html"
                    "#sphx-glr-auto-examples-miscellaneous-plot-set-output-py"
                ),
            },
            "std:term": {
                "classes_": "glossary.html#term-classes_",
                "fit": "glossary.html#term-fit",
            },
        },
    ),
    "torch": (
        "https://docs.pytorch.org/docs/stable/",
        "generated/{name}.html#{name}",
        {
            "py:class": {
                "torch.nn.Module": None,
                "torch.nn.utils.prune.L1Unstructured": None,
            },
            "py:function": {
                "torch.nn.utils.prune.global_unstructured": None,
                "torch.nn.utils.prune.l1_unstructured": None,
                "torch.nn.utils.prune.ln_structured": None,
                "torch.nn.utils.prune.random_unstructured": None,
                "torch.nn.utils.prune.remove": None,
            },
        },
    ),
}


def objects(project):
    """Role, name and address of each object, relative to the project's own."""
    _, page, roles = PROJECTS[project]
    for role, names in sorted(roles.items()):
        for name, address in sorted(names.items()):
            yield role, name, address or page.format(name=name)


def content(project):
    """The inventory of a project, version 2 of Sphinx's format."""
    lines = [f"{name} {role} 1 {address} -\n" for role, name, address in objects(project)]
    header = (
        "# Sphinx inventory version 2\n"
        f"# Project: {project}\n"
        "# Version: \n"
        "# The remainder of this file is compressed using zlib.\n"
    )
    return header.encode() + zlib.compress("".join(lines).encode(), 9)


def read(inventory):
    """Addresses by role and name, from the bytes of an inventory."""
    body = zlib.decompress(inventory.split(b"\n", 4)[4]).decode()
    found = {}
    for line in body.splitlines():
        name, role, _, address, _ = line.split(maxsplit=4)
        found[role, name] = address.replace("$", name)
    return found


def differences(project, published):
    """Objects whose address is another one in a published inventory, or that it lacks."""
    for role, name, address in objects(project):
        theirs = published.get((role, name))
        if theirs != address:
            yield f"{project}: {role} {name}: {address} here, {theirs} there"


def main():
    """Write the inventories, or compare them with those of the projects."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare (needs a network)")
    check = parser.parse_args().check
    found = []
    for project, (address, _, _) in PROJECTS.items():
        if check:
            with urlopen(f"{address}objects.inv", timeout=60) as response:
                found += differences(project, read(response.read()))
        else:
            (HERE / f"{project}.inv").write_bytes(content(project))
    print("\n".join(found))
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
