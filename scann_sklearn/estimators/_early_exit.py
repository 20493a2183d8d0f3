"""The classifier whose samples leave as soon as it is sure."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets

from scann_sklearn._sklearn import _fit_context
from scann_sklearn.estimators import _parameters, _validation
from scann_sklearn.estimators._exit_problem import ExitProblem
from scann_sklearn.estimators._extractor import Extraction
from scann_sklearn.estimators._fitted_exits import FittedExits
from scann_sklearn.estimators._images import Images
from scann_sklearn.estimators._problem import Problem
from scann_sklearn.estimators._sections import SectionExtraction

if TYPE_CHECKING:
    import torch


class EarlyExitClassifier(ClassifierMixin, FittedExits):
    """Neural network classifier with early exits that synthesises its own architecture.

    The network is that of a :class:`SCANNClassifier`, in sections, each of which ends in an exit:
    outputs that read only what has been computed before. A sample leaves at the first exit that is
    sure of a class; if none is, the mean over all exits decides. Easy samples therefore cost less
    energy than hard ones. One sparse matrix holds all sections, so that `n_connections`, growth and
    pruning apply to all of them together. The exits are trained together, and the deepest one
    teaches the others where `distillation` is not 0.

    Parameters
    ----------
    scheme : {"A", "B", "C", "NeST"} or Scheme, default="C"
        How the architecture changes during the fit. A name selects the scheme with its default
        parameters. To set them, pass a scheme object: see :class:`SchemeA`, :class:`SchemeB`,
        :class:`SchemeC` and :class:`SchemeNeST`.
    n_exits : int, default=3
        Number of sections and exits, at least 2.
    hidden_layer_sizes : array-like of int, default=(100,)
        Number of neurons in each hidden layer. With as many layers as exits, each section is one
        layer; with more layers, sections are equal shares of the layers. Without layers (schemes A
        and B), and with a single layer, sections are shares of the neurons, see `section_ratio`.
    section_ratio : float, default=2.0
        Ratio between the numbers of connections that successive exits take, each including all
        that was computed before it. Also the ratio between the numbers of neurons that they may
        read, if sections are shares of the neurons. The larger it is, the cheaper is the first
        exit, and the fewer samples it is sure of.
    sections : list of torch.nn.Module, default=None
        Modules ahead of the network, each of which takes what the one before it makes; the first
        takes X in the shape passed to `fit`, such as images of shape (n_samples, channels, height,
        width). Copies of them are trained together with the network. With as many modules as exits,
        there is an exit behind each; with more, a section is an equal share of them. An exit reads
        the features of its own section and of those before it, and a later section is computed only
        for the samples that get there. Hidden neurons may form a single layer (schemes C and NeST),
        of which each section has a share; ``hidden_layer_sizes=()`` connects features and outputs
        directly, as in the paper (not with NeST). If None, the network reads X.
    exit_heads : "auto" or list of torch.nn.Module of length n_exits - 1, default="auto"
        What makes the features of an exit of what its section makes. If "auto", it is
        :func:`~scann_sklearn.images.exit_head`: the paper's attention and a bottleneck, with as
        many features as the last section has outputs. Their first weights are drawn by
        `random_state` if it is an int, and are always the same if not. The last exit reads the
        outputs of the last section themselves. Only used if `sections` is set.
    feature_distillation : float, default=0.0
        Weight in the loss of the squared distance between the features of each exit and those of
        the deepest one; 5e-7 in the paper. Only used if `sections` is set.
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
    distillation : float, default=0.0
        Weight of the deepest exit's probabilities in the training targets of the other exits; the
        labels have the rest. The paper's is 0.5; on eight tables networks were more accurate
        without distillation, at the same energy, see the user guide.
    temperature : float, default=3.0
        Temperature that softens these probabilities and those that are compared with them.
    thresholds : "auto" or array-like of float of length n_exits - 1, default="auto"
        A sample leaves at the first exit whose largest probability is above its threshold. If
        "auto", the best of all combinations of thresholds on the validation data are used,
        according to `exit_loss` or `target_energy`.
    exit_loss : float, default=0.0
        Maximum loss of validation accuracy by leaving early, compared with the accuracy of all
        exits together. Of the thresholds within it, those with the lowest expected energy are used.
    target_energy : float, default=None
        Maximum mean energy of one inference of the network in joules. Of the thresholds within it,
        the most accurate ones are used. If None, `exit_loss` is used instead.
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
        ``min(0.03, 5 * min(1, h) / n_samples)``, where h is the entropy of the classes in bits,
        which is below 1 for imbalanced data.
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
    label_smoothing : float, default=0.0
        Weight of the uniform distribution over the classes in the training targets.
    teacher : classifier, default=None
        Classifier with `predict_proba` for knowledge distillation. A clone of it is first fitted
        on the training part of the data, and its class probabilities become part of the training
        targets. Wrapped in :class:`~sklearn.frozen.FrozenEstimator`, it is used as is. It gets
        `sample_weight` if its `fit` accepts it (that of a `Pipeline` doesn't).
    teacher_weight : float, default=0.5
        Weight of the teacher's probabilities in the training targets; the labels have the rest.
        Only used if `teacher` is set.
    teacher_temperature : float, default=2.0
        Temperature that softens the teacher's probabilities: they are raised to the power
        ``1 / teacher_temperature`` and normalised. Only used if `teacher` is set.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, as in scikit-learn. They multiply `sample_weight`, in training and
        in validation. A dict maps class labels to weights. If "balanced", weights are inversely
        proportional to class frequencies. If None, all classes have weight 1.
    scoring : str or callable, default="accuracy"
        Scorer for classifiers that compares networks on the validation data: the name of one of
        scikit-learn's, or a callable ``scorer(estimator, X, y)``. It is called once before
        training starts, to find errors early. If ``n_connections="auto"``, it is also called on
        the training data, to tell networks that are too small from those that overfit.
    validation_fraction : float or "auto", default="auto"
        Fraction of the training data that is set aside for validation, stratified by class, if
        `fit` gets no validation data. If this would be fewer than 10 rows, or if a class has too
        few rows to be split, no split is made and the weighted training score is used instead.
        (Only then, and with a single batch, is weighting a sample the same as repeating it.) If
        "auto", it is 0.1, except for 50 to 999 rows with ``n_connections="auto"``: these are
        cross-validated with five folds. Each fold is left out of one synthesis, a last synthesis
        uses all rows, and the mean score of each size over the folds decides which network of
        the last synthesis is chosen. This takes six times as long.
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
        "torch" may. With `sections`, it is always "torch".
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
    thresholds_ : ndarray of shape (n_exits - 1,)
        Thresholds of all exits but the last.
    exit_shares_ : ndarray of shape (n_exits,)
        Share of the validation samples that leave at each exit.
    exit_accuracies_ : ndarray of shape (n_exits,)
        Accuracy of each exit on the validation data if all samples left there. The last number is
        that of all exits together.
    exit_energies_ : ndarray of shape (n_exits,)
        Energy of an inference that leaves at each exit, in joules. The last that samples get to is
        the worst case: with a threshold of 0 nobody gets past that exit. The
        multiplications of `sections` and `exit_heads` are counted, their weights are not part of
        `n_connections_` and `n_bytes_`.
    energy_ : float
        Expected energy of one inference in joules: the mean of `exit_energies_`, weighted by
        `exit_shares_`.
    thresholds_path_ : list of ExitPoint
        All thresholds that no others dominate on the validation data, in ascending order of
        `energy` and `accuracy`. Each point has these two attributes, its `thresholds` and `shares`.
        See :meth:`select`.
    exits_ : tuple of int of length n_exits
        Number of hidden neurons that each exit may read.
    n_exits_ : int
        Number of exits.
    sections_ : list of torch.nn.Module
        The trained copies of `sections`, one for each exit, on the CPU. The first columns of
        `weights_` are then the features of the first exit, of the second, and so on, not those of
        X. None without `sections`.
    exit_heads_ : list of torch.nn.Module
        The trained heads of all exits but the last. None without `sections`.
    path_ : list of PathPoint
        Networks that no other beats in both `n_connections` and `validation_score`, the score
        without early exits. Each has thresholds of its own.
    classes_, weights_, biases_, n_outputs_, n_connections_, n_hidden_, depth_, n_inputs_used_, \
            n_bytes_, feature_importances_, feature_deviations_, score_unit_, \
            validation_score_, history_, n_iter_, n_features_in_, feature_names_in_
        As for :class:`SCANNClassifier`. The last rows of `weights_` are the outputs of all exits,
        from the first exit to the last.

    See Also
    --------
    SCANNClassifier : The same classifier without early exits.

    Notes
    -----
    The loss is that of SCAN [1]_, with the cross-entropy CE, the divergence KL from the deepest
    exit, whose gradient this term doesn't affect, and a temperature T: CE(deepest) plus, for each
    other exit, (1 - distillation) · CE + distillation · T² · KL; with `sections`, also
    `feature_distillation` times the squared distance between the features of the two. The paper
    doesn't say how thresholds are found. The ones found here are optimal on the validation data,
    see the user guide.

    References
    ----------
    .. [1] L. Zhang, Z. Tan, J. Song, J. Chen, C. Bao, K. Ma, "SCAN: A Scalable Neural Networks
       Framework Towards Compact and Efficient Models", :arxiv:`1906.03951`.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from scann_sklearn import EarlyExitClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> split = train_test_split(X, y, random_state=0)
    >>> X_train, X_test, y_train, y_test = split
    >>> clf = EarlyExitClassifier(n_connections=800, random_state=0)
    >>> clf = clf.fit(X_train, y_train)
    >>> clf.score(X_test, y_test) > 0.9
    True
    >>> bool(clf.energy_ < clf.exit_energies_[-1])
    True
    """

    _parameter_constraints: dict = _parameters.OF_EARLY_EXITS
    front_end: Any = None  # exits behind sparse maps are still to come
    feature_extractor: Any = None
    extractor_training = "joint"

    def __init__(
        self,
        scheme="C",
        *,
        n_exits=3,
        hidden_layer_sizes=(100,),
        section_ratio=2.0,
        sections=None,
        exit_heads="auto",
        feature_distillation=0.0,
        n_connections="auto",
        max_loss=0.01,
        distillation=0.0,
        temperature=3.0,
        thresholds="auto",
        exit_loss=0.0,
        target_energy=None,
        input_scaling="standard",
        solver="adam",
        learning_rate="cosine",
        learning_rate_init="auto",
        weight_decay="auto",
        momentum=0.9,
        nesterovs_momentum=True,
        beta_1=0.9, beta_2=0.999,
        epsilon=1e-8,
        batch_size="auto",
        shuffle=True,
        max_epoch_samples=300_000,
        label_smoothing=0.0,
        teacher=None,
        teacher_weight=0.5,
        teacher_temperature=2.0,
        class_weight=None,
        scoring="accuracy",
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
    ) -> None:  # fmt: skip
        self.scheme, self.n_exits, self.hidden_layer_sizes = scheme, n_exits, hidden_layer_sizes
        self.section_ratio, self.sections, self.exit_heads = section_ratio, sections, exit_heads
        self.feature_distillation, self.n_connections = feature_distillation, n_connections
        self.max_loss, self.distillation, self.temperature = max_loss, distillation, temperature
        self.thresholds, self.exit_loss, self.target_energy = thresholds, exit_loss, target_energy
        self.teacher_temperature, self.nesterovs_momentum = teacher_temperature, nesterovs_momentum
        self.validation_fraction, self.learning_rate_init = validation_fraction, learning_rate_init
        self.max_epoch_samples, self.n_iter_no_change = max_epoch_samples, n_iter_no_change
        self.label_smoothing, self.teacher_weight, self.tol = label_smoothing, teacher_weight, tol
        self.early_stopping, self.input_scaling, self.solver = early_stopping, input_scaling, solver
        self.learning_rate, self.weight_decay, self.momentum = learning_rate, weight_decay, momentum
        self.class_weight, self.random_state, self.epsilon = class_weight, random_state, epsilon
        self.batch_size, self.warm_start, self.checkpoint = batch_size, warm_start, checkpoint
        self.shuffle, self.teacher, self.scoring, self.verbose = shuffle, teacher, scoring, verbose
        self.beta_1, self.beta_2, self.engine, self.device = beta_1, beta_2, engine, device

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self, X, y, sample_weight=None, *, X_val=None, y_val=None, sample_weight_val=None
    ) -> Self:
        """Synthesise and train a network.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training samples. The network has their dtype if that is float32, otherwise float64.
        y : array-like of shape (n_samples,)
            Class labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples, in training and in validation. If None, all are 1.
        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Validation samples. If None, a part of X is set aside, see `validation_fraction`.
        y_val : array-like of shape (n_val,), default=None
            Class labels of `X_val`.
        sample_weight_val : array-like of shape (n_val,), default=None
            Weights of the validation samples. If None, all are 1.

        Returns
        -------
        self : EarlyExitClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            If a parameter or the data are not valid, if there are fewer `sections` than exits or
            they don't fit each other, if `n_connections` is too small to reach every output, if
            `hidden_layer_sizes` needs more connections than 32-bit indices can count, if
            `target_energy` is below the energy of the first exit, if the scorer fails,
            or if training diverges (the loss, weights or outputs are no longer finite).
        TypeError
            If X holds dates or times, or `sections` or `exit_heads` something that is no torch
            module.
        MemoryError
            If `hidden_layer_sizes` needs more connections than fit into memory.
        KeyboardInterrupt
            If the fit is interrupted. The best network so far is kept: `self` is fitted.
        """
        return self._fit(X, y, sample_weight, X_val, y_val, sample_weight_val)

    @property
    def sections_(self) -> list[torch.nn.Module] | None:
        """The trained sections, one for each exit. None without `sections`."""
        module: Any = self.feature_extractor_
        return None if module is None else list(module.sections)

    @property
    def exit_heads_(self) -> list[torch.nn.Module] | None:
        """The trained heads of all exits but the last. None without `sections`."""
        module: Any = self.feature_extractor_
        return None if module is None else list(module.heads)[:-1]

    def _form_of(self, X) -> Images | Extraction | None:
        return super()._form_of(X) if self.sections is None else SectionExtraction.of(self, X)

    def _read(self, y, sample_weight, known) -> Problem:
        check_classification_targets(y)
        if y.ndim == 2:
            raise ValueError(
                f"{type(self).__name__} takes one class per sample, but y has {y.shape[1]} "
                "columns: early exits are not supported for several labels per sample."
            )
        _validation.check_exits(self)
        return ExitProblem(self, y, sample_weight, known)
