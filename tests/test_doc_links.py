"""The "?" of the HTML representation leads to the API page of a class, if that is published."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from importlib.metadata import PackageNotFoundError

import pytest
from sklearn.base import BaseEstimator

from scann_sklearn import DimReducer, SCANNClassifier, SCANNRegressor, _doc_links
from scann_sklearn._doc_links import DocLinkMixin, published_address
from scann_sklearn.model_selection import CompressionSearchCV
from scann_sklearn.synthesis import SchemeA, SchemeB, SchemeC, SchemeNeST

from ._public import NAMES, load

ESTIMATORS = [
    DimReducer(),
    SCANNClassifier(),
    SCANNRegressor(),
    SchemeA(),
    SchemeB(),
    SchemeC(),
    SchemeNeST(),
    CompressionSearchCV(SCANNClassifier()),
]


@pytest.fixture
def metadata(monkeypatch):
    """Let the installed distribution state these addresses; None: it isn't installed."""

    def state(urls):
        class Stated:
            def get_all(self, key):
                assert key == "Project-URL"
                return urls

        def of(name):
            assert name == "scann-sklearn"
            if urls is None:
                raise PackageNotFoundError(name)
            return Stated()

        monkeypatch.setattr(_doc_links, "metadata", of)
        published_address.cache_clear()

    yield state
    published_address.cache_clear()


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
def test_link_is_that_of_the_public_name(estimator, metadata):
    metadata(["Source, https://source.example", "Documentation, https://docs.example/"])
    link = estimator._get_doc_link()
    name = link.removeprefix("https://docs.example/generated/").removesuffix(".html")
    assert name in NAMES
    assert load(name) is type(estimator)
    assert f'href="{link}"' in estimator._repr_html_()


@pytest.mark.parametrize("urls", [None, ["Source, https://source.example"]])
def test_no_link_where_nothing_is_published(urls, metadata):
    metadata(urls)
    assert SCANNClassifier()._get_doc_link() == ""
    assert "sk-estimator-doc-link" in SCANNClassifier()._repr_html_()  # the state of the fit
    assert ">?<" not in SCANNClassifier()._repr_html_()


def test_within_the_pages(metadata, monkeypatch):
    metadata(None)
    monkeypatch.setattr(DocLinkMixin, "_documentation", "..")
    assert SchemeA()._get_doc_link() == "../generated/scann_sklearn.synthesis.SchemeA.html"


def test_schemes_of_users_have_no_link(metadata):
    metadata(["Documentation, https://docs.example"])
    own = type("Own", (SchemeB,), {"__module__": "elsewhere"})
    assert own()._get_doc_link() == ""


def test_every_public_estimator_has_one():
    classes = {load(name) for name in NAMES if isinstance(load(name), type)}
    estimators = {c for c in classes if issubclass(c, BaseEstimator)}
    assert {type(e) for e in ESTIMATORS} <= estimators
    assert {c for c in estimators if not issubclass(c, DocLinkMixin)} == set()
