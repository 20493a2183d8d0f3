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

    The network is a sparse matrix of connections between inputs, hidden neurons and outputs, one
    output a target. `fit` changes the architecture and trains in turn, as a scheme says, and keeps
    every network that no other beats in both number of connections and validation score: one fit
    gives the whole frontier between accuracy and size. See :class:`SCANNClassifier`, which does the
    same for classes.

    Parameters
    ----------
    scheme : {"A", "B", "C", "NeST"} or Scheme, default="B"
        How the architecture changes. A name means the scheme with its defaults; all parameters
        of the synthesis belong to the scheme object, see :class:`SchemeA`, :class:`SchemeB`,
        :class:`SchemeC` and :class:`SchemeNeST`.
    hidden_layer_sizes : array-like of int, default=(100,)
        Hidden layers in schemes C and NeST. In scheme B the sum is the number of hidden neurons, in
        scheme A the maximum.
    front_end : ConvFrontEnd, default=None
        Convolutions and pooling ahead of the neurons, for X that are images; their connections are
        synthesised too, and counted together. X are then of shape (n_samples, channels, height,
        width), or rows of as many features.
    feature_extractor : torch.nn.Module, default=None
        A module that makes numbers of X, which the network reads in place of the features. It gets
        samples in the shape that `fit` got, as tensors of the dtype of its parameters, in batches;
        what it makes of each is flattened. The module itself isn't changed: see
        `feature_extractor_`.
    extractor_training : {"frozen", "joint"}, default="frozen"
        "frozen": a copy of the module computes the features of all samples once, in evaluation
        mode. "joint": it is trained together with the network, by the same optimizer and torch;
        every network of the path then has a copy of its own.
    n_connections : int, float or "auto", default="auto"
        Most connections of the result. An int is a number (one above what is allowed is no
        constraint), a float a share of the connections that the scheme's largest architecture
        allows. "auto" goes on to ever fewer connections until eight networks in a row have lost a
        twentieth of what the best gains over a constant prediction, on the training data too, and
        chooses the smallest within `max_loss` of the best. For small data see
        `validation_fraction`.
    max_loss : float, default=0.01
        With ``n_connections="auto"``: what the chosen network may lose, as a share of what the best
        gains in validation score over the best constant prediction. So it means the same for any
        score, and where all but a few samples are of one class.
    loss : {"squared_error", "absolute_error", "huber"}, default="squared_error"
        What is trained: half of the squared error for means, the absolute error for medians, or
        squared up to `huber_delta` and absolute beyond, for means that outliers don't move far.
        Several targets add up their losses.
    huber_delta : float, default=1.35
        With ``loss="huber"``: the error from which on it is absolute, in standard deviations of the
        target. The targets are standardized during training; that is folded into the output layer.
    input_scaling : {"standard", "robust", "range"} or None, default="standard"
        Scaling of the inputs during training: by mean and standard deviation, by median and
        interquartile range, to [0, 1], or none. It is folded into weights and biases at the end:
        the stored network takes raw X.
    solver : {"adam", "adamw", "sgd"}, default="adam"
        Optimizer.
    learning_rate : {"cosine", "constant"}, default="cosine"
        Schedule of each training phase between two operations: from `learning_rate_init` down to
        zero along half a cosine, or constant.
    learning_rate_init : float or "auto", default="auto"
        Learning rate at the start of a phase. "auto": 0.02, and for networks of more than 4
        connections per neuron less, by the square root of how many times more.
    weight_decay : float or "auto", default="auto"
        L2 penalty on the weights (decoupled with "adamw"); biases are free. "auto": 5 divided by
        the number of training samples, at most 0.03.
    momentum : float, default=0.9
        Momentum of "sgd".
    nesterovs_momentum : bool, default=True
        Whether "sgd" uses Nesterov's momentum.
    beta_1 : float, default=0.9
        Decay of the first moment of "adam" and "adamw".
    beta_2 : float, default=0.999
        Decay of the second moment of "adam" and "adamw".
    epsilon : float, default=1e-8
        Numerical stability of "adam" and "adamw".
    batch_size : int or "auto", default="auto"
        Samples in a batch; "auto": a 64th of the training samples, but at least 16 and at most
        128; all of up to 64.
    shuffle : bool, default=True
        Whether every epoch takes the samples in a new order. One batch of all samples is never
        shuffled.
    teacher : regressor, default=None
        Knowledge distillation: a regressor of which a clone is fitted on the training part first.
        Its predictions for the training samples become part of the targets. Wrapped in
        :class:`~sklearn.frozen.FrozenEstimator` it is used as it is. It gets `sample_weight` where
        its own `fit` takes them (that of a `Pipeline` doesn't).
    teacher_weight : float, default=0.5
        Share of the teacher's predictions in the training targets; y has the rest.
    scoring : str or callable, default="r2"
        Scorer that judges checkpoints on the validation data: one for regressors, called as
        ``scorer(estimator, X, y)``. It is tried once before the training. With a path that goes on
        to few connections it scores training data too: a network may be too small, or too large.
    validation_fraction : float or "auto", default="auto"
        Share of the training data that is set aside for validation where `fit` gets no
        validation data. Where that would be fewer than 10 rows no
        split is made and the weighted training score serves. Only there, and with one batch, is a
        weight the same as a repetition. "auto": 0.1, and with ``n_connections="auto"`` five folds
        of 50 to 999 rows: each is left out of one synthesis, and the mean score of a size says
        which is small enough in a last synthesis from all rows. That takes six times as long.
    early_stopping : bool, default=False
        Whether a training phase ends when the validation score doesn't improve by `tol` in
        `n_iter_no_change` epochs.
    n_iter_no_change : int, default=5
        See `early_stopping`.
    tol : float, default=1e-4
        See `early_stopping`.
    warm_start : bool, default=False
        Whether the next `fit` continues from the fitted architecture and weights. Path and history
        start empty.
    engine : {"auto", "compiled", "torch"}, default="auto"
        What computes an epoch. Both give the same result up to rounding. "auto": the compiled
        engine, whose cost follows the connections; torch on another device, or where connections
        are so dense that products of matrices are faster. The choice depends on the network only.
        Results of the compiled engine don't depend on the number of threads; torch's may.
    device : str, default="cpu"
        Torch device to train on. Prediction runs on the CPU.
    random_state : int, RandomState instance or None, default=None
        Decides the validation split, the weights, the order of samples and the noise. None: fresh
        entropy; numpy's global stream is neither read nor moved.
    verbose : bool, default=False
        Whether to print one line per round, and one where kernels have to be compiled first.

    Attributes
    ----------
    n_outputs_ : int
        Number of targets.
    out_activation_ : str
        "identity": outputs are the predicted values.
    weights_ : scipy.sparse.csr_array of shape (n_targets, n_sources)
        Strength of each connection, targets x sources: features, then hidden neurons in
        topological order; the last rows are the outputs. They take raw X. The arrays of fitted
        networks are read-only; those of a :func:`copy.deepcopy` may be written to.
    biases_ : ndarray of shape (`n_hidden_` + `n_outputs_`,)
        Bias of each hidden neuron, then of each output.
    front_end_ : TrainedFront
        With `front_end`: the convolutions that are left, for raw X. `filters` has the kernels of
        each, and `weights_` reads the values of the last maps in place of the features.
    feature_extractor_ : torch.nn.Module
        With `feature_extractor`: the copy of it that is ahead of the network, on the CPU.
        `weights_` reads its output in place of the features.
    n_connections_ : int
        Number of connections. Biases are not connections.
    n_hidden_ : int
        Number of hidden neurons.
    depth_ : int
        Connections on the longest path from an input to an output.
    n_inputs_used_ : int
        Number of inputs that at least one connection reads. See :meth:`get_support`. Not with
        `feature_extractor`, nor are `feature_importances_`.
    n_bytes_ : int
        Bytes of the parameters on a device: 4-byte weights and biases, and their indices.
    energy_ : float
        Joules of one inference, by the default :class:`~scann_sklearn.metrics.EnergyModel`,
        without a reduction before the network.
    feature_importances_ : ndarray of shape (`n_features_in_`,)
        How much each feature can move the outputs: absolute weights along all paths times
        `feature_deviations_`, as shares of 1.
    feature_deviations_ : ndarray of shape (`n_features_in_`,)
        Standard deviation of each feature in the training data.
    score_unit_ : float
        What `max_loss` is a share of: what the best network of the path gains in validation score
        over the best constant prediction.
    validation_score_ : float
        Score of the network on the validation data; of small data the mean score of networks of
        its size in five folds, or that on the training data where it is lower; where there was
        neither, that on the training data.
    path_ : list of PathPoint
        Networks that no other beats in both `n_connections` and `validation_score`, ascending in
        both. Each has these two, its `energy` in joules (without a reduction), `n_hidden`, `depth`,
        `weights` and `biases`. See :meth:`select`.
    history_ : list of dict
        A record an epoch: round, operation, epoch, n_connections, n_hidden, learning_rate, loss and
        (at the end of a phase) validation_score.
    n_iter_ : int
        Number of epochs.
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, where X had names that are all strings.

    See Also
    --------
    SCANNClassifier : The same for classes and labels.
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
    ) -> None:
        self.scheme = scheme
        self.hidden_layer_sizes = hidden_layer_sizes
        self.front_end, self.feature_extractor = front_end, feature_extractor
        self.extractor_training = extractor_training
        self.n_connections, self.max_loss = n_connections, max_loss
        self.loss, self.huber_delta = loss, huber_delta
        self.input_scaling = input_scaling
        self.solver = solver
        self.learning_rate, self.learning_rate_init = learning_rate, learning_rate_init
        self.weight_decay = weight_decay
        self.momentum, self.nesterovs_momentum = momentum, nesterovs_momentum
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon
        self.batch_size, self.shuffle = batch_size, shuffle
        self.teacher, self.teacher_weight = teacher, teacher_weight
        self.scoring = scoring
        self.validation_fraction = validation_fraction
        self.early_stopping = early_stopping
        self.n_iter_no_change, self.tol = n_iter_no_change, tol
        self.warm_start = warm_start
        self.engine = engine
        self.device = device
        self.random_state = random_state
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self, X, y, sample_weight=None, *, X_val=None, y_val=None, sample_weight_val=None
    ) -> Self:
        """Synthesise and train a network.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training samples; the dtype of the network follows them (float32 or float64).
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Target values.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples, in training and in validation.
        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Validation samples. None: a part of X is set aside, see `validation_fraction`.
        y_val : array-like of shape (n_val,) or (n_val, n_outputs), default=None
            Target values of `X_val`.
        sample_weight_val : array-like of shape (n_val,), default=None
            Weights of the validation samples.

        Returns
        -------
        self : SCANNRegressor
            The fitted regressor.

        Raises
        ------
        ValueError
            If a parameter or the data are not valid, `n_connections` is too small to reach every
            output, `hidden_layer_sizes` ask for more connections than indices of 32 bits can
            count, or the scorer fails. If training diverges: a loss, weights or outputs are
            not finite.
        TypeError
            If X holds dates or times.
        MemoryError
            If `hidden_layer_sizes` ask for more connections than memory can hold.
        KeyboardInterrupt
            If the fit is interrupted; the best network so far is kept first, and `self` is
            fitted.
        """
        return self._fit(X, y, sample_weight, X_val, y_val, sample_weight_val)

    def _read(self, y, sample_weight, known) -> Problem:
        return ValueProblem(self, y, sample_weight, known)

    def _take_head(self, head) -> None:
        self.n_outputs_, self.out_activation_ = head.n_outputs, "identity"

    def _head(self) -> Squared:
        return Squared(self.n_outputs_)  # of a fitted network only the number of outputs counts
