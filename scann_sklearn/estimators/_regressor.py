"""The regressor that synthesises its own network."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Self

from sklearn.base import MultiOutputMixin, RegressorMixin

from scann_sklearn._sklearn import _fit_context
from scann_sklearn.estimators import _parameters
from scann_sklearn.estimators._base import SynthesisingEstimator
from scann_sklearn.estimators._problem import Problem
from scann_sklearn.estimators._value_problem import ValueProblem
from scann_sklearn.heads._value_head import Squared


class SCANNRegressor(RegressorMixin, MultiOutputMixin, SynthesisingEstimator):
    """Neural network regressor that synthesises its own architecture while it trains.

    The network is a sparse matrix of connections between inputs, hidden neurons and outputs, with
    one output per target. `fit` alternates changes of the architecture (connection growth, neuron
    growth, connection pruning) with training, in an order that the scheme decides. It keeps every
    network that no other beats in both number of connections and validation score, so that one
    fit gives the whole accuracy-size frontier.

    Parameters
    ----------
    scheme : {"A", "B", "C", "NeST"} or Scheme, default="B"
        How the architecture changes during the fit. A name selects the scheme with its default
        parameters. To set them, pass a scheme object: see :class:`SchemeA`, :class:`SchemeB`,
        :class:`SchemeC` and :class:`SchemeNeST`.
    hidden_layer_sizes : array-like of int, default=(100,)
        Number of neurons in each hidden layer, for schemes C and NeST. Schemes A and B have no
        layers: the sum is the number of hidden neurons in scheme B, and its maximum in scheme A.
    front_end : ConvFrontEnd, default=None
        Convolutions and pooling ahead of the neurons, if X holds images. Their connections are
        synthesised too, and count towards `n_connections`. X is then of shape (n_samples,
        channels, height, width), or has one row of channels * height * width features per image.
    feature_extractor : torch.nn.Module, default=None
        Module that computes the features that the network reads, in place of those of X. It is
        called on batches of samples of the shape passed to `fit`, as tensors of the dtype of its
        parameters; its output is flattened to one row per sample. The module itself is not
        changed: see `feature_extractor_`.
    extractor_training : {"frozen", "joint"}, default="frozen"
        How `feature_extractor` is used. If "frozen", a copy of the module computes the features
        of all samples once, in evaluation mode. If "joint", a copy is trained together with the
        network, by the same optimizer and with the torch engine; every network of `path_` then
        has a copy of its own.
    n_connections : int, float or "auto", default="auto"
        Maximum number of connections of the fitted network. If int, the number itself; a number
        above that of all allowed connections is no constraint. If float, a fraction of the
        connections that the scheme's largest architecture allows. If "auto", the network is
        pruned further and further, until eight networks in a row have lost at least a twentieth
        of what the best one gains over a constant prediction, on the validation data and on the
        training data. The smallest network within `max_loss` of the best is then chosen. For
        small data sets, see also `validation_fraction`.
    max_loss : float, default=0.01
        Loss in validation score that is accepted for a smaller network, as a fraction of what the
        best network gains over the best constant prediction. It therefore means the same for
        every score, and for imbalanced data. Only used if ``n_connections="auto"``.
    loss : {"squared_error", "absolute_error", "huber"}, default="squared_error"
        Loss that is minimised. "squared_error" is half of the squared error, and predicts means;
        "absolute_error" predicts medians; "huber" is squared for errors up to `huber_delta` and
        absolute beyond, and predicts means on which outliers have little influence. With several
        targets, their losses are added.
    huber_delta : float, default=1.35
        Error at which the Huber loss changes from squared to absolute, in standard deviations of
        the target: targets are standardised during training, and the fitted output layer undoes
        it. Only used if ``loss="huber"``.
    input_scaling : {"standard", "robust", "range"} or None, default="standard"
        Scaling of the inputs during training: by mean and standard deviation ("standard"), by
        median and interquartile range ("robust"), or to [0, 1] ("range"). If None, X is used as
        is. The scaling is folded into the weights and biases at the end of `fit`, so that the
        fitted network takes raw X.
    solver : {"adam", "adamw", "sgd"}, default="adam"
        Optimizer of the weights and biases.
    learning_rate : {"cosine", "constant"}, default="cosine"
        Learning rate schedule of each training phase, between two changes of the architecture.
        "cosine" goes from `learning_rate_init` down to zero along half a cosine; "constant" stays
        at `learning_rate_init`.
    learning_rate_init : float or "auto", default="auto"
        Learning rate at the start of a phase. If "auto", it is 0.02 for networks with up to
        c = 4 connections per neuron, and ``0.02 * sqrt(4 / c)`` for those with more.
    weight_decay : float or "auto", default="auto"
        Strength of the L2 penalty on the weights (decoupled from the gradient if
        ``solver="adamw"``). Biases are not penalised. If "auto", it is
        ``min(0.03, 5 / n_samples)``.
    momentum : float, default=0.9
        Momentum of the gradient descent. Only used if ``solver="sgd"``.
    nesterovs_momentum : bool, default=True
        Whether to use Nesterov's momentum. Only used if ``solver="sgd"``.
    beta_1 : float, default=0.9
        Exponential decay rate of the first moment. Only used if `solver` is "adam" or "adamw".
    beta_2 : float, default=0.999
        Exponential decay rate of the second moment. Only used if `solver` is "adam" or "adamw".
    epsilon : float, default=1e-8
        Value for numerical stability. Only used if `solver` is "adam" or "adamw".
    batch_size : int or "auto", default="auto"
        Number of samples per batch. If "auto", all training samples form one batch if there are
        at most 64; otherwise it is ``n_samples // 64``, but at least 16 and at most 128.
    shuffle : bool, default=True
        Whether to shuffle the samples in each epoch. A single batch of all samples is never
        shuffled.
    max_epoch_samples : int or None, default=300_000
        Maximum number of samples in an epoch, but at least one batch. If there are more training
        samples, each epoch takes the next so many of their shuffled order, so that the time of
        training no longer grows with the data. If None, every epoch takes all samples. Only used
        if ``shuffle=True``.
    teacher : regressor, default=None
        Regressor for knowledge distillation. A clone of it is first fitted on the training part
        of the data, and its predictions become part of the training targets. Wrapped in
        :class:`~sklearn.frozen.FrozenEstimator`, it is used as is. It gets `sample_weight` if its
        `fit` accepts it (that of a `Pipeline` doesn't).
    teacher_weight : float, default=0.5
        Weight of the teacher's predictions in the training targets; y has the rest. Only used if
        `teacher` is set.
    scoring : str or callable, default="r2"
        Scorer for regressors that compares networks on the validation data: the name of one of
        scikit-learn's, or a callable ``scorer(estimator, X, y)``. It is called once before
        training starts, to find errors early. If ``n_connections="auto"``, it is also called on
        the training data, to tell networks that are too small from those that overfit.
    validation_fraction : float or "auto", default="auto"
        Fraction of the training data that is set aside for validation, if `fit` gets no
        validation data. If this would be fewer than 10 rows, no split is made and the weighted
        training score is used instead. (Only then, and with a single batch, is weighting a sample
        the same as repeating it.) If "auto", it is 0.1, except for 50 to 999 rows with
        ``n_connections="auto"``: these are cross-validated with five folds. Each fold is left out
        of one synthesis, a last synthesis uses all rows, and the mean score of each size over the
        folds decides which network of the last synthesis is chosen. This takes six times as long.
    early_stopping : bool, default=False
        Whether to end a training phase when the validation score has not improved by more than
        `tol` for `n_iter_no_change` epochs. The best network of the phase is kept.
    n_iter_no_change : int, default=5
        Maximum number of epochs without an improvement. Only used if ``early_stopping=True``.
    tol : float, default=1e-4
        Smallest change of the validation score that counts as an improvement. Only used if
        ``early_stopping=True``.
    warm_start : bool, default=False
        Whether `fit` continues from the architecture and weights of the previous call. `path_`
        and `history_` start empty.
    engine : {"auto", "compiled", "torch"}, default="auto"
        Code that trains the network. Both engines give the same result up to rounding. The time
        of "compiled" is proportional to the number of connections; "torch" multiplies dense
        matrices. If "auto", "torch" is used if `device` is not the CPU, or if the connections are
        so dense that it is faster; the choice depends only on the network and the device, never
        on measured times. Results of "compiled" don't depend on the number of threads; those of
        "torch" may.
    device : str, default="cpu"
        Torch device to train on. On a GPU ("cuda") connections also grow and are pruned
        there, see `grow_connections`. Prediction runs on the CPU.
    random_state : int, RandomState instance or None, default=None
        Determines the validation split, the initial weights, the order of the samples and the
        noise of duplicated neurons. Pass an int for reproducible results across calls. If None,
        fresh entropy is used; numpy's global random state is neither read nor changed.
    verbose : bool, default=False
        Whether to print one line per round, and one if kernels have to be compiled first.
    checkpoint : str or path-like, default=None
        A folder in which the fit keeps what it has come to, in a file of its
        own: after it was killed, the next `fit` with the same data and
        parameters goes on from there, to the same network. The file is
        removed when the fit has ended. Also such a file itself.

    Attributes
    ----------
    n_outputs_ : int
        Number of targets.
    out_activation_ : str
        Function that turns outputs into predictions: always "identity".
    weights_ : scipy.sparse.csr_array of shape (n_targets, n_sources)
        Weight of each connection, for raw X. Columns are the sources: features, then hidden
        neurons in topological order. Rows are the targets: hidden neurons, then outputs. The
        arrays of fitted networks are read-only; those of a :func:`copy.deepcopy` are writable.
    biases_ : ndarray of shape (`n_hidden_` + `n_outputs_`,)
        Bias of each hidden neuron, then of each output.
    front_end_ : TrainedFront
        The trained convolutions, for raw X; its attribute `filters` holds the kernels of each.
        The first columns of `weights_` are then the values of the last maps, not features. None
        without `front_end`.
    feature_extractor_ : torch.nn.Module
        The copy of `feature_extractor` that is ahead of the network, on the CPU. The first
        columns of `weights_` are then its output, not features. None without
        `feature_extractor`.
    n_connections_ : int
        Number of connections. Biases are not connections.
    n_hidden_ : int
        Number of hidden neurons.
    depth_ : int
        Number of connections on the longest path from an input to an output.
    n_inputs_used_ : int
        Number of features that at least one connection reads, see :meth:`get_support`. Not
        available with `feature_extractor`.
    n_bytes_ : int
        Size of the parameters on a device in bytes: weights and biases of 4 bytes, and the
        indices of the connections.
    energy_ : float
        Energy of one inference in joules, by the default
        :class:`~scann_sklearn.metrics.EnergyModel`, without a reduction before the network.
    feature_importances_ : ndarray of shape (`n_features_in_`,)
        Influence of each feature on the outputs: the absolute weights along all paths times
        `feature_deviations_`, normalised to a sum of 1. Not available with `feature_extractor`.
    feature_deviations_ : ndarray of shape (`n_features_in_`,)
        Standard deviation of each feature in the training data.
    score_unit_ : float
        Gain in validation score of the best network of `path_` over the best constant prediction.
        `max_loss` is a fraction of it.
    validation_score_ : float
        Score of the network on the validation data. If small data were cross-validated, the mean
        score over the folds of networks of this size, or the training score if that is lower. If
        there were no validation data, the training score.
    path_ : list of PathPoint
        The accuracy-size frontier: networks that no other beats in both `n_connections` and
        `validation_score`, in ascending order of both. Each point has these two attributes, the
        `energy` of one inference in joules (without a reduction), `n_hidden`, `depth`, `weights`
        and `biases`. See :meth:`select`.
    history_ : list of dict
        One record per epoch, with the keys "round", "operation", "epoch", "n_connections",
        "n_hidden", "learning_rate", "loss" and "validation_score" (None except at the end of a
        training phase).
    n_iter_ : int
        Number of epochs of the fit.
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features seen during `fit`. Defined only if all feature names of X are
        strings.

    See Also
    --------
    SCANNClassifier : The same for class labels.
    DimReducer : Dimensionality reduction before the network (DR+SCANN).
    sklearn.neural_network.MLPRegressor : Fully connected network of fixed architecture.

    References
    ----------
    Hassantabar, Wang, Jha. SCANN: Synthesis of Compact and Accurate Neural Networks, IEEE TCAD
    2022, arXiv:1904.09090.

    Examples
    --------
    >>> from sklearn.datasets import make_friedman1
    >>> from sklearn.model_selection import train_test_split
    >>> from scann_sklearn import SCANNRegressor
    >>> X, y = make_friedman1(n_samples=1000, random_state=0)
    >>> X_train, X_test, y_train, y_test = train_test_split(
    ...     X, y, random_state=0
    ... )
    >>> reg = SCANNRegressor(n_connections=60, random_state=0).fit(
    ...     X_train, y_train
    ... )
    >>> reg.n_connections_ <= 60
    True
    >>> reg.score(X_test, y_test) > 0.9
    True
    """

    _parameter_constraints: dict = _parameters.OF_REGRESSOR

    def __init__(
        self,
        scheme="B",
        *,
        hidden_layer_sizes=(100,),
        front_end=None,
        feature_extractor=None,
        extractor_training="frozen",
        n_connections="auto",
        max_loss=0.01,
        loss="squared_error",
        huber_delta=1.35,
        input_scaling="standard",
        solver="adam",
        learning_rate="cosine",
        learning_rate_init="auto",
        weight_decay="auto",
        momentum=0.9,
        nesterovs_momentum=True,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        batch_size="auto",
        shuffle=True,
        max_epoch_samples=300_000,
        teacher=None,
        teacher_weight=0.5,
        scoring="r2",
        validation_fraction="auto",
        early_stopping=False,
        n_iter_no_change=5,
        tol=1e-4,
        warm_start=False,
        engine="auto",
        device="cpu",
        random_state=None,
        verbose=False,
        checkpoint=None,
    ) -> None:
        self.scheme, self.hidden_layer_sizes = scheme, hidden_layer_sizes
        self.front_end, self.feature_extractor = front_end, feature_extractor
        self.extractor_training = extractor_training
        self.n_connections, self.max_loss = n_connections, max_loss
        self.loss, self.huber_delta = loss, huber_delta
        self.input_scaling, self.solver = input_scaling, solver
        self.learning_rate, self.learning_rate_init = learning_rate, learning_rate_init
        self.weight_decay = weight_decay
        self.momentum, self.nesterovs_momentum = momentum, nesterovs_momentum
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon
        self.batch_size, self.shuffle = batch_size, shuffle
        self.max_epoch_samples = max_epoch_samples
        self.teacher, self.teacher_weight = teacher, teacher_weight
        self.scoring = scoring
        self.validation_fraction = validation_fraction
        self.early_stopping = early_stopping
        self.n_iter_no_change, self.tol = n_iter_no_change, tol
        self.warm_start = warm_start
        self.engine = engine
        self.device = device
        self.random_state, self.verbose = random_state, verbose
        self.checkpoint = checkpoint

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self, X, y, sample_weight=None, *, X_val=None, y_val=None, sample_weight_val=None
    ) -> Self:
        """Synthesise and train a network.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training samples. The network has their dtype if that is float32, otherwise float64.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Target values.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples, in training and in validation. If None, all are 1.
        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Validation samples. If None, a part of X is set aside, see `validation_fraction`.
        y_val : array-like of shape (n_val,) or (n_val, n_outputs), default=None
            Target values of `X_val`.
        sample_weight_val : array-like of shape (n_val,), default=None
            Weights of the validation samples. If None, all are 1.

        Returns
        -------
        self : SCANNRegressor
            The fitted regressor.

        Raises
        ------
        ValueError
            If a parameter or the data are not valid, if `n_connections` is too small to reach
            every output, if `hidden_layer_sizes` needs more connections than 32-bit indices can
            count, if the scorer fails, or if training diverges (the loss, weights or outputs are
            no longer finite).
        TypeError
            If X holds dates or times.
        MemoryError
            If `hidden_layer_sizes` needs more connections than fit into memory.
        KeyboardInterrupt
            If the fit is interrupted. The best network so far is kept: `self` is fitted.
        """
        return self._fit(X, y, sample_weight, X_val, y_val, sample_weight_val)

    def _read(self, y, sample_weight, known) -> Problem:
        return ValueProblem(self, y, sample_weight, known)

    def _take_head(self, head) -> None:
        self.n_outputs_, self.out_activation_ = head.n_outputs, "identity"

    def _head(self) -> Squared:
        return Squared(self.n_outputs_)  # of a fitted network only the number of outputs counts
