"""Early exits behind sections of torch modules: training, leaving, energy, files."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import copy
import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from scann_sklearn import SchemeC, SchemeNeST, energy_score
from scann_sklearn.callbacks import SynthesisProgress
from scann_sklearn.estimators._sections import TrainedSections
from scann_sklearn.export import SparseModel, to_onnx
from scann_sklearn.images import exit_head
from scann_sklearn.metrics import EnergyModel
from tests.classifier._callbacks import Interrupt
from tests.classifier._helpers import same_network

from ._helpers import short
from ._images import FEW, HELD, IMAGES, Called, X, Y, of_images, three
from .test_early_exit import by_hand


@pytest.fixture(scope="module")
def fitted():
    return of_images().fit(*FEW, X_val=HELD[0], y_val=HELD[1])


def plain(clf, images):
    """Outputs of all exits, section by section, in NumPy behind the modules."""
    with torch.no_grad():
        values, found = torch.tensor(images, dtype=torch.float32), []
        for section, head in zip(clf.sections_, [*clf.exit_heads_, nn.Flatten()], strict=True):
            values = section(values)
            found.append(head(values).numpy())
    features = np.hstack(found)
    hidden = np.empty((len(images), 0))
    n_read = features.shape[1]
    for t in range(clf.n_hidden_):
        row = clf.weights_[[t]]
        sources = np.hstack([features, hidden])
        z = sources @ row.toarray()[0, : n_read + t] + clf.biases_[t]
        hidden = np.column_stack([hidden, np.maximum(z, 0)])
    sources = np.hstack([features, hidden])
    return sources @ clf.weights_[clf.n_hidden_ :].toarray().T + clf.biases_[clf.n_hidden_ :]


@pytest.mark.parametrize("thresholds", [(0.0, 0.0), (0.6, 0.7), (0.9, 0.3), (1.0, 1.0)])
def test_leaving_early_changes_no_answer(fitted, thresholds):
    clf, images = by_hand(fitted, thresholds), HELD[0]
    parts = [torch.softmax(torch.tensor(z), 1).numpy() for z in np.split(plain(clf, images), 3, 1)]
    exits = np.full(len(images), 2)
    for e in (1, 0):
        exits[parts[e].max(1) > thresholds[e]] = e
    expected = np.where((exits == 2)[:, None], np.mean(parts, axis=0), 0)
    for e in (0, 1):
        expected[exits == e] = parts[e][exits == e]
    np.testing.assert_array_equal(clf.predict_exit(images), exits)
    np.testing.assert_allclose(clf.predict_proba(images), expected, atol=1e-5)
    np.testing.assert_array_equal(clf.predict(images), clf.classes_[expected.argmax(1)])
    alone = np.vstack([clf.predict_proba(images[i : i + 1]) for i in range(5)])
    np.testing.assert_allclose(alone, expected[:5], atol=1e-5)


def test_a_section_gets_only_the_samples_that_go_on():
    counting = [Called(section) for section in three()]
    clf = of_images(sections=counting, thresholds=[0.6, 0.6]).fit(*FEW)
    for section in clf.sections_:
        section.n_samples = 0
    exits = clf.predict_exit(HELD[0])
    assert [s.n_samples for s in clf.sections_] == [(exits >= e).sum() for e in range(3)]
    assert 0 < clf.sections_[-1].n_samples < len(HELD[0])


def test_an_exit_reads_no_later_section(fitted):
    width = 12
    for point in fitted.path_:
        chosen = fitted.select(n_connections=point.n_connections)
        for e, rows in enumerate(np.split(np.arange(30), 3)):
            assert chosen.weights_[rows].indices.max() < (e + 1) * width
    last = fitted.path_[-1]
    assert (last.weights[20:].indices < width).any()  # and those of earlier ones


def test_hidden_neurons_have_sections_of_their_own():
    clf = of_images(hidden_layer_sizes=(12,), n_connections=0.5).fit(*FEW)
    topology = clf._fitted_model().network.topology
    first, last = topology.allowed_sources
    ends = np.searchsorted(clf.exits_, np.arange(clf.n_hidden_), side="right")
    np.testing.assert_array_equal(last[: clf.n_hidden_], 12 * (ends + 1))
    assert (first[: clf.n_hidden_] == 0).all()
    for t in range(topology.n_targets):
        own = topology.indices[topology.indptr[t] : topology.indptr[t + 1]]
        assert len(own) == 0 or first[t] <= own.min() <= own.max() < last[t]
    clf = by_hand(clf, (1.0, 1.0))
    parts = [torch.softmax(torch.tensor(z), 1) for z in np.split(plain(clf, HELD[0]), 3, 1)]
    expected = sum(parts).numpy() / 3
    np.testing.assert_allclose(clf.predict_proba(HELD[0]), expected, atol=1e-5)


def test_the_modules_are_trained_and_the_user_s_stay(fitted):
    for given, trained, untouched in zip(fitted.sections, fitted.sections_, three(), strict=True):
        for name, value in untouched.state_dict().items():
            assert torch.equal(given.state_dict()[name], value)
        assert not trained.training
    assert not torch.equal(fitted.sections_[0][0].weight, three()[0][0].weight)
    assert fitted.score(*HELD) > 0.6
    assert fitted.score(HELD[0].reshape(len(HELD[0]), -1), HELD[1]) == fitted.score(*HELD)
    assert len(fitted.exit_heads_) == 2


def test_thresholds_are_the_best_of_the_validation_data(fitted):
    everybody = by_hand(fitted, (1.0, 1.0))
    assert fitted.score(*HELD) >= everybody.score(*HELD) - 1e-9
    shares = np.bincount(fitted.predict_exit(HELD[0]), minlength=3) / len(HELD[0])
    np.testing.assert_allclose(shares, fitted.exit_shares_, atol=0.01)
    for point in fitted.thresholds_path_[:: max(len(fitted.thresholds_path_) // 3, 1)]:
        other = by_hand(fitted, point.thresholds)
        assert other.score(*HELD) == pytest.approx(point.accuracy, abs=0.01)
        assert -energy_score(other, HELD[0]) == pytest.approx(point.energy, rel=0.05)
    assert fitted.select(energy=fitted.thresholds_path_[0].energy).exit_shares_[0] == 1


def test_energy_counts_sections_and_heads(fitted):
    """Multiplications of each layer by hand, up to each exit."""
    sections = [64 * 9 * 4, 16 * 9 * 4 * 6, 4 * 9 * 6 * 12]
    attention = [16 * 9 * 4 * 4 + 16 * 16 * 4 * 4, 4 * 9 * 6 * 6 + 4 * 16 * 6 * 6]
    bottleneck = [
        64 * 4 * 3 + 16 * 9 * 3 * 3 + 16 * 3 * 12,
        16 * 6 * 3 + 4 * 9 * 3 * 3 + 4 * 3 * 12,
    ]
    heads = [a + b for a, b in zip(attention, bottleneck, strict=True)] + [0]
    costs = fitted._extractor_.costs
    assert [c.n_macs for c in costs] == sections
    assert [c.n_head_macs for c in costs] == heads
    connections = np.diff(fitted.weights_.indptr)
    macs = [
        EnergyModel().operations(by_hand(fitted, thresholds), HELD[0]).macs
        for thresholds in ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
    ]
    deciding = [9, 18, 18 + 9 + 30]
    for e in range(3):
        own = connections[: 10 * (e + 1)].sum() + deciding[e]
        assert macs[e] == sum(sections[: e + 1]) + sum(heads[: e + 1]) + own
    assert (np.diff(fitted.exit_energies_) > 0).all()


def test_what_nobody_reads_is_not_computed(fitted):
    """Without a connection to the features of the second section its head isn't needed."""
    clf = copy.deepcopy(fitted)
    dense = clf.weights_.toarray()
    dense[:, 12:24] = 0
    clf.weights_ = type(clf.weights_)(dense)
    clf.exit_heads_[1].register_forward_hook(lambda *_: pytest.fail("computed"))
    clf.thresholds_ = np.array([1.0, 1.0])
    expected = plain_of_read(clf)
    np.testing.assert_allclose(clf.predict_proba(HELD[0]), expected, atol=1e-5)
    full, without = (
        EnergyModel().operations(by_hand(one, (1.0, 1.0)), HELD[0]).macs for one in (fitted, clf)
    )
    lost = fitted.weights_.nnz - clf.weights_.nnz
    assert full - without == fitted._extractor_.costs[1].n_head_macs + lost


def plain_of_read(clf):
    other = copy.deepcopy(clf)
    other.exit_heads_[1]._forward_hooks.clear()
    parts = [torch.softmax(torch.tensor(z), 1) for z in np.split(plain(other, HELD[0]), 3, 1)]
    return sum(parts).numpy() / 3


@pytest.mark.parametrize("weight", [0.0, 0.1])
def test_the_loss_of_features(weight):
    made = torch.tensor(np.random.default_rng(0).normal(size=(5, 12)), requires_grad=True)
    sections = TrainedSections(None, (1,), (12,), ends=(4, 8, 12), feature_weight=weight)
    found = sections.penalty(made)
    if not weight:
        assert found is None
        return
    f = made.detach().numpy()
    expected = ((f[:, :4] - f[:, 8:]) ** 2 + (f[:, 4:8] - f[:, 8:]) ** 2).sum(1)
    np.testing.assert_allclose(found.detach().numpy(), weight * expected)
    found.sum().backward()
    assert (made.grad[:, 8:] == 0).all()  # the deepest doesn't learn by it
    assert (made.grad[:, :8] != 0).all()


def test_features_of_shallow_exits_come_closer():
    distance, quick = [], SchemeC(initial_epochs=6, epochs=1, iterations=1)
    for weight in (0.0, 10.0):
        given = {"feature_distillation": weight, "distillation": 0.5, "n_connections": 1.0}
        clf = of_images(scheme=quick, **given).fit(*FEW)
        f = np.split(clf.feature_extractor_(torch.tensor(HELD[0]).float()).detach().numpy(), 3, 1)
        distance.append(((f[0] - f[2]) ** 2).mean() / f[2].var())
    assert distance[1] < distance[0]


def test_the_same_seed_gives_the_same(fitted):
    again = clone(fitted).fit(*FEW, X_val=HELD[0], y_val=HELD[1])
    assert same_network(again, fitted)
    for a, b in zip(again.exit_heads_, fitted.exit_heads_, strict=True):
        assert all(torch.equal(x, y) for x, y in zip(a.parameters(), b.parameters(), strict=True))
    other = clone(fitted).set_params(random_state=1).fit(*FEW, X_val=HELD[0], y_val=HELD[1])
    assert not same_network(other, fitted)


def test_files_and_exports(fitted):
    images = HELD[0]
    expected = fitted.predict_proba(images)
    for again in (pickle.loads(pickle.dumps(fitted)), copy.deepcopy(fitted)):
        np.testing.assert_array_equal(again.predict_proba(images), expected)
        assert again.select(exit_loss=0.1).energy_ == fitted.select(exit_loss=0.1).energy_
    outputs = fitted.to_torch()(torch.tensor(images, dtype=torch.float32)).detach().numpy()
    np.testing.assert_allclose(outputs, plain(fitted, images), rtol=1e-3, atol=1e-3)
    for export in (to_onnx, SparseModel.from_estimator):
        with pytest.raises(NotImplementedError, match="with sections can't be exported"):
            export(fitted)
    with pytest.raises(AttributeError, match="With sections, the network"):
        _ = fitted.feature_importances_
    assert "3 exits" in str(fitted.summary())


def test_going_on_and_callbacks(fitted, tmp_path):
    clf = pickle.loads(pickle.dumps(fitted)).set_params(warm_start=True, n_connections=100)
    clf.set_callbacks(SynthesisProgress()).fit(*FEW, X_val=HELD[0], y_val=HELD[1])
    assert clf.n_connections_ <= 100
    assert clf.score(*HELD) > 0.5
    held = {"X_val": HELD[0], "y_val": HELD[1]}
    with pytest.raises(KeyboardInterrupt):
        of_images(checkpoint=tmp_path).set_callbacks(Interrupt(9)).fit(*FEW, **held)
    assert len(list(tmp_path.iterdir())) == 1
    kept = of_images(checkpoint=tmp_path).fit(*FEW, **held)
    assert same_network(kept, fitted)
    assert kept.history_ == fitted.history_
    assert not list(tmp_path.iterdir())


def test_weights_and_rows_of_a_table():
    """Plain features: sections of linear layers, behind a scaler in a pipeline."""
    sections = [nn.Sequential(nn.Linear(64, 16), nn.ReLU()), nn.Sequential(nn.Linear(16, 8))]
    clf = of_images(sections=sections, n_exits=2, n_connections=120, batch_size=64)
    weight = np.random.default_rng(0).integers(0, 3, 257)  # the last batch is of one sample
    pipe = make_pipeline(StandardScaler(), clf)
    pipe.fit(X[:257], Y[:257], earlyexitclassifier__sample_weight=weight)
    assert pipe.score(X[300:500], Y[300:500]) > 0.6
    assert -energy_score(pipe, X[300:500]) > 0
    assert cross_val_score(pipe, X[:200], Y[:200], cv=2).min() > 0.4


def test_more_modules_than_exits_share_sections():
    layers = [layer for section in three() for layer in section]
    clf = of_images(sections=layers, n_exits=2, thresholds=[1.0]).fit(*FEW)
    assert [len(section) for section in clf.sections_] == [len(layers) // 2, -(-len(layers) // 2)]
    assert clf.n_exits_ == 2


def test_one_image_in_a_batch():
    """Normalisation of what is one value a map takes it by what it has seen."""
    head = exit_head((3, 1, 1), 8, random_state=0).train()
    assert head(torch.ones(1, 3, 1, 1)).isfinite().all()


@pytest.mark.parametrize("shape", [(3, 8, 8), (2, 7, 5), (1, 1, 1), (9,)])
def test_heads(shape):
    X = torch.tensor(np.random.default_rng(0).normal(size=(6, *shape)), dtype=torch.float32)
    before = torch.get_rng_state()
    head, same, other = (exit_head(shape, 10, random_state=seed).eval() for seed in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), before)  # the global stream stays where it is
    assert head(X).shape == (6, 10)
    assert (head(X) >= 0).all()
    assert torch.equal(head(X), same(X))
    assert not torch.equal(head(X), other(X))
    masked = head[0](X) if len(shape) == 3 else X
    assert (masked.abs() <= X.abs()).all()


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"sections": [nn.Linear(64, 4)]}, ValueError, r"holds 1 module, fewer than n_exits=3"),
        ({"sections": three()[:2]}, ValueError, r"2 modules, fewer than n_exits=3"),
        ({"sections": []}, ValueError, r"0 modules, fewer than n_exits=3"),
        ({"sections": [*three()[:2], "linear"]}, TypeError, r"sections\[2\] .* got 'linear'"),
        ({"sections": nn.Sequential(*three())}, ValueError, "'sections' parameter"),
        (
            {"sections": [three()[0], three()[2], three()[1]]},
            ValueError,
            r"sections\[1\] \(Sequential\) can't take the output of sections\[0\], a tensor of "
            r"shape \(1, 4, 8, 8\): RuntimeError",
        ),
        (
            {"sections": three()[1:] + three()[:1]},
            ValueError,
            r"sections\[0\] .* samples, a tensor of shape \(1, 1, 8, 8\)",
        ),
        ({"exit_heads": [nn.Flatten()]}, ValueError, r"holds 1 modules, but n_exits=3 takes 2"),
        ({"exit_heads": [nn.Flatten(), None]}, TypeError, r"exit_heads\[1\] .* got None"),
        (
            {"exit_heads": [nn.Flatten(), nn.Linear(5, 3)]},
            ValueError,
            r"exit_heads\[1\] \(Linear\) .* sections\[1\], a tensor of shape \(1, 6, 4, 4\)",
        ),
        (
            {"exit_heads": [nn.Flatten(), nn.Flatten()], "feature_distillation": 5e-7},
            ValueError,
            r"feature_distillation=5e-07 .* are \(256, 96, 12\)",
        ),
        ({"engine": "compiled"}, ValueError, "torch engine, got engine='compiled'"),
        ({"hidden_layer_sizes": (5, 5)}, ValueError, r"sizes=\(5, 5\) asks for others"),
        ({"scheme": "B", "hidden_layer_sizes": (5,)}, ValueError, "scheme='B' with hidden"),
        ({"hidden_layer_sizes": (2,)}, ValueError, r"2 neurons, fewer than n_exits=3"),
        ({"sections": None}, ValueError, r"hidden_layer_sizes must .* got \(\)"),
        ({"feature_distillation": -1.0}, ValueError, "'feature_distillation'"),
    ],
)
def test_bad_parameters(parameters, error, message):
    images = FEW[0] if parameters.get("sections", 1) is not None else X[:300]
    with pytest.raises(error, match=message):
        of_images(**parameters).fit(images, FEW[1])


@pytest.mark.parametrize("layers", [(), (9,)])
def test_a_published_scheme(layers):
    """All connections return in each round, and the neurons that are gone."""
    scheme = SchemeC.as_published(epochs=2, iterations=2).set_params(initial_epochs=4)
    clf = of_images(scheme=scheme, hidden_layer_sizes=layers, n_connections=80).fit(*FEW)
    assert clf.n_connections_ <= 80
    topology = clf._fitted_model().network.topology
    assert topology.exits[-1] == clf.n_hidden_


def test_nest_grows_in_sections():
    """Neurons join the sections of the layer, each of which reads its own features and earlier."""
    scheme = SchemeNeST(
        growth_iterations=1, initial_epochs=4, epochs=2, growth_epochs=2, pruning_ratio=0.5
    )
    clf = of_images(scheme=scheme, hidden_layer_sizes=(12,), n_connections=150).fit(*FEW)
    assert clf.n_connections_ <= 150
    assert "grow bridging neurons" in {step["operation"] for step in clf.history_}
    for point in clf.path_:
        chosen = clf.select(n_connections=point.n_connections)
        topology = chosen._fitted_model().network.topology  # checks what each target may read
        assert topology.reached_outputs.all()
        assert topology.exits[-1] == chosen.n_hidden_
        assert topology.exit_inputs == (12, 24, 36)
    clf = by_hand(clf, (1.0, 1.0))
    parts = [torch.softmax(torch.tensor(z), 1) for z in np.split(plain(clf, HELD[0]), 3, 1)]
    expected = sum(parts).numpy() / 3
    np.testing.assert_allclose(clf.predict_proba(HELD[0]), expected, atol=1e-5)
    with pytest.raises(ValueError, match=r"NeST needs at least one hidden layer, got .*\(\)"):
        of_images(scheme=scheme).fit(*FEW)


@pytest.mark.parametrize("scheme", ["A", "B"])
def test_schemes_without_layers_take_no_hidden_neurons(scheme):
    quick = short(scheme).scheme
    clf = of_images(scheme=quick, n_connections=0.4).fit(*FEW)
    assert clf.n_hidden_ == 0
    assert clf.n_connections_ <= 0.4 * 72 * 10
    assert len(clf.path_[0].exits) == 3


def test_modules_that_fail_later():
    class Fragile(nn.Module):
        def forward(self, X):
            return X / (X.sum(dim=(1, 2, 3), keepdim=True) * 0)

    sections = [three()[0], nn.Sequential(Fragile(), three()[1]), three()[2]]
    with pytest.raises(ValueError, match=r"sections returned (nan|inf) for sample 0"):
        of_images(sections=sections).fit(*FEW)


def test_without_torch_modules_nothing_changes():
    clf = short(n_connections=100)
    clf.fit(IMAGES[:60].reshape(60, -1), Y[:60])
    assert clf.sections_ is None
    assert clf.exit_heads_ is None
    with pytest.raises(ValueError, match="Found array with dim 4"):
        clf.fit(IMAGES[:60], Y[:60])
