"""The embeddings of landmarks and their extension to other points."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import cdist
from sklearn.datasets import load_digits, make_s_curve
from sklearn.manifold import Isomap, SpectralEmbedding
from sklearn.neighbors import KNeighborsClassifier

from scann_sklearn.reduction._landmarks import choose_landmarks
from scann_sklearn.reduction._spectral import LandmarkIsomap, LandmarkSpectralEmbedding

EMBEDDINGS = [LandmarkIsomap, LandmarkSpectralEmbedding]


def _clusters(n_clusters, distance):
    rng = np.random.RandomState(0)
    return np.concatenate(
        [rng.normal(size=(40, 3)) + distance * i * np.eye(3)[i % 3] for i in range(n_clusters)]
    )


def _affinity(X, n_neighbors):
    """The self-tuning kernel, as in the docstring."""
    distances = cdist(X, X)
    width = np.sort(distances, axis=1)[:, n_neighbors]
    return np.exp(-(distances**2) / np.outer(width, width))


@given(n_rows=st.integers(2, 30), n_landmarks=st.integers(2, 30), seed=st.integers(0, 9))
def test_landmarks_are_different_rows(n_rows, n_landmarks, seed):
    rows = np.random.RandomState(seed).randint(3, size=(n_rows, 2)).astype(float)
    different = {tuple(row) for row in rows}
    landmarks = choose_landmarks(rows, n_landmarks, np.random.RandomState(seed))
    chosen = {tuple(row) for row in landmarks}
    assert len(chosen) == len(landmarks) == min(n_landmarks, len(different))
    assert chosen <= different
    again = choose_landmarks(rows, n_landmarks, np.random.RandomState(seed))
    assert_array_equal(landmarks, again)


# Isomap


def test_isomap_is_that_of_scikit_learn():
    X, _ = make_s_curve(300, random_state=0)
    reference = Isomap(n_neighbors=5, n_components=2, eigen_solver="dense").fit(X[:200])
    embedding = LandmarkIsomap(2).fit(X[:200])
    assert_allclose(embedding.transform(X), reference.transform(X), atol=1e-6)


@pytest.mark.filterwarnings("ignore:Changing the sparsity structure")  # scikit-learn's way to join
def test_isomap_of_parts_is_that_of_scikit_learn():
    X = _clusters(4, 30)
    embedding = LandmarkIsomap(3).fit(X[::2])
    reference = Isomap(n_neighbors=5, n_components=3, eigen_solver="dense")
    with pytest.warns(UserWarning, match="The number of connected components"):
        reference.fit(X[::2])
    assert_allclose(embedding.transform(X), reference.transform(X), atol=1e-6)


def test_isomap_unrolls_a_curve_from_landmarks():
    X, position = make_s_curve(3000, random_state=0)
    first = LandmarkIsomap(1).fit(X[:300]).transform(X)[:, 0]
    assert abs(np.corrcoef(first, position)[0, 1]) > 0.98


def test_isomap_has_as_many_coordinates_as_geodesics_allow():
    X = np.random.RandomState(0).normal(size=(20, 16))
    embedding = LandmarkIsomap(16).fit(X)
    X_new = embedding.transform(X)
    assert 5 < embedding.n_coordinates_ < 16
    assert X_new[:, : embedding.n_coordinates_].std(axis=0).min() > 1e-3
    assert_array_equal(X_new[:, embedding.n_coordinates_ :], 0)


def test_isomap_does_not_depend_on_the_other_rows():
    X = load_digits().data[:300]  # small integers: many distances are equal
    embedding = LandmarkIsomap(8).fit(X[:200])
    rows = np.concatenate([embedding.transform(row[None]) for row in X])
    assert_allclose(rows, embedding.transform(X), atol=1e-9)


# Spectral embedding


def test_extension_of_landmarks_is_their_embedding():
    X = load_digits().data[:200]
    embedding = LandmarkSpectralEmbedding(10).fit(X)
    assert_allclose(
        embedding.transform(X), embedding.eigenvalues_ * embedding.eigenvectors_, atol=1e-9
    )
    assert np.all(np.diff(embedding.eigenvalues_) <= 0)
    assert embedding.eigenvalues_[-1] > 0
    assert embedding.eigenvalues_[0] < 1


def test_eigenvectors_are_those_of_the_random_walk():
    X = np.random.RandomState(0).normal(size=(80, 3))
    affinity = _affinity(X, 30)
    degree = affinity.sum(axis=1)
    embedding = LandmarkSpectralEmbedding(5).fit(X)
    vectors = embedding.eigenvectors_
    assert_allclose(
        affinity / degree[:, None] @ vectors, vectors * embedding.eigenvalues_, atol=1e-9
    )
    # Weighted by degree they have mean 0, variance 1 and no correlation.
    assert_allclose(degree @ vectors, 0, atol=1e-8)
    assert_allclose(vectors.T * (degree / degree.sum()) @ vectors, np.eye(5), atol=1e-9)


def test_spectral_embedding_is_that_of_scikit_learn():
    X = np.random.RandomState(0).normal(size=(80, 3))
    affinity = _affinity(X, 30)
    # scikit-learn leaves out that a point is its own neighbor, which changes the eigenvalues; a
    # point's weight on itself is the same for all where degrees are, as they are here by design.
    reference = SpectralEmbedding(3, affinity="precomputed", random_state=0).fit_transform(affinity)
    embedding = LandmarkSpectralEmbedding(3).fit_transform(X)
    correlation = np.corrcoef(embedding.T, reference.T)[:3, 3:]
    assert_allclose(np.abs(np.diag(correlation)), 1, atol=0.01)


def test_spectral_embedding_of_a_circle():
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    X = np.c_[np.cos(angle), np.sin(angle)]
    X_new = LandmarkSpectralEmbedding(2).fit(X[::4]).transform(X)
    radius = np.linalg.norm(X_new, axis=1)
    assert_allclose(radius, radius.mean(), rtol=0.01)
    turn = np.unwrap(np.arctan2(X_new[:, 1], X_new[:, 0]))
    assert_allclose(np.abs(np.diff(turn)), 2 * np.pi / 400, rtol=0.05)


def test_few_landmarks_embed_digits_well():
    X, y = load_digits(return_X_y=True)
    for embedding in (LandmarkIsomap(10), LandmarkSpectralEmbedding(10)):
        X_new = embedding.fit(X[:500]).transform(X)
        score = KNeighborsClassifier().fit(X_new[:1000], y[:1000]).score(X_new[1000:], y[1000:])
        assert score > 0.9


# Both


@pytest.mark.parametrize("Embedding", EMBEDDINGS)
@pytest.mark.parametrize("distance", [30, 1e6])
def test_parts_far_from_each_other(Embedding, distance):
    X = _clusters(4, distance)
    X_new = Embedding(3).fit(X[::2]).transform(X)
    assert np.isfinite(X_new).all()
    assert X_new.std(axis=0).min() > 1e-3 * X_new.std(axis=0).max()
    label = np.repeat(np.arange(4), 40)
    assert KNeighborsClassifier(1).fit(X_new[::2], label[::2]).score(X_new[1::2], label[1::2]) == 1


@pytest.mark.parametrize("Embedding", EMBEDDINGS)
def test_far_points_are_finite(Embedding):
    X = np.random.RandomState(0).normal(size=(50, 3))
    embedding = Embedding(2).fit(X)
    far = embedding.transform(np.array([[1e9, 0, 0], [-1e9, 1e9, 0]]))
    assert np.isfinite(far).all()


@pytest.mark.parametrize("Embedding", EMBEDDINGS)
@pytest.mark.parametrize("n_landmarks", [1, 2, 3])
def test_few_landmarks(Embedding, n_landmarks):
    X = np.random.RandomState(0).normal(size=(10, 3))
    embedding = Embedding(4).fit(X[:n_landmarks])
    X_new = embedding.transform(X)
    assert X_new.shape == (10, 4)
    assert embedding.n_coordinates_ == n_landmarks - 1
    assert np.all(X_new[:, : n_landmarks - 1].std(axis=0) > 0)
    assert_array_equal(X_new[:, n_landmarks - 1 :], 0)


@pytest.mark.parametrize("Embedding", EMBEDDINGS)
def test_landmarks_that_nearly_coincide(Embedding):
    rng = np.random.RandomState(0)
    X = np.repeat(rng.normal(size=(5, 2)), 20, axis=0) + 1e-12 * rng.normal(size=(100, 2))
    X_new = Embedding(2).fit(X).transform(X)
    assert np.isfinite(X_new).all()
    assert X_new.std(axis=0).min() > 0.01


@pytest.mark.parametrize("Embedding", EMBEDDINGS)
def test_blocks(Embedding, monkeypatch):
    X = np.random.RandomState(0).normal(size=(60, 3))
    embedding = Embedding(2).fit(X[:40])
    expected = embedding.transform(X)
    monkeypatch.setattr("scann_sklearn.reduction._landmarks._CHUNK", 250)
    assert_allclose(embedding.transform(X), expected, atol=1e-12)
