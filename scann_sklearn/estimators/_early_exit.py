"""The classifier whose samples leave as soon as it is sure."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any, Self

from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets

from scann_sklearn._sklearn import _fit_context
from scann_sklearn.estimators import _parameters, _validation
from scann_sklearn.estimators._exit_problem import ExitProblem
from scann_sklearn.estimators._fitted_exits import FittedExits
from scann_sklearn.estimators._problem import Problem


class EarlyExitClassifier(ClassifierMixin, FittedExits):
    """Neural network classifier that synthesises its architecture and thinks longer if it has to.

    The network is that of a :class:`SCANNClassifier`, in sections, each of which ends in an exit:
    outputs that read only what was computed before. A sample leaves at the first exit that is sure
    of a class; where none is, the mean over all exits decides. One sparse matrix holds all
    sections, so that one budget, one growth and one pruning cover them. The exits are trained
    together; the deepest one teaches the others.

    Parameters
    ----------
    scheme : {"A", "B", "C"} or Scheme, default="C"
        How the architecture changes. A name means the scheme with its defaults; all parameters
        of the synthesis stand on the scheme object, see :class:`SchemeA`, :class:`SchemeB` and
        :class:`SchemeC`. :class:`SchemeNeST` is not for exits.
    n_exits : int, default=3
        Number of sections and exits, 2 or more.
    hidden_layer_sizes : array-like of int, default=(100,)
        Hidden neurons. With as many layers as exits, section e ends behind layer e, of more layers
        at equal shares of them; without layers (schemes A and B), and of a single layer, sections
        are shares of the neurons, see `section_ratio`.
    section_ratio : float, default=2.0
        How many times as many connections each exit takes, all that was computed before it
        included, as the one before it; also how many times as many neurons it may read, where
        sections are shares of the neurons. The larger, the cheaper the first exit, and the fewer
        samples it is sure of.
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
    distillation : float, default=0.5
        Share of the deepest exit's probabilities in what the others learn; the labels have the
        rest.
    temperature : float, default=3.0
        Temperature that softens these probabilities and those that are compared with them.
    thresholds : "auto" or array-like of float of length n_exits - 1, default="auto"
        A sample leaves at the first exit whose largest probability is above its threshold. "auto":
        those of all combinations that are best for the validation data, by `exit_loss` or
        `target_energy`.
    exit_loss : float, default=0.0
        What leaving early may cost of the validation accuracy, which is that of all exits together.
        Of the thresholds that keep to it the ones with the least expected energy are taken.
    target_energy : float, default=None
        Mean joules of an inference of the network, in place of `exit_loss`: the most accurate
        thresholds within it are taken.
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
        connections a neuron less, by the square root of how many times more.
    weight_decay : float or "auto", default="auto"
        L2 penalty on the weights (decoupled with "adamw"); biases are free. "auto": 5 divided by
        the number of training samples, at most 0.03; where the entropy of the classes is below one
        bit, so much less.
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
    label_smoothing : float, default=0.0
        Share of the uniform distribution over the classes in the training targets.
    teacher : classifier, default=None
        Knowledge distillation: a classifier with `predict_proba`, of which a clone is fitted on the
        training part first, to say how probable the classes of each sample are. Wrapped in
        :class:`~sklearn.frozen.FrozenEstimator` it is used as it is. It gets `sample_weight` where
        its own `fit` takes them (that of a `Pipeline` doesn't).
    teacher_weight : float, default=0.5
        Share of the teacher's probabilities in the training targets; the labels have the rest.
    teacher_temperature : float, default=2.0
        Temperature that softens the teacher's probabilities: they are raised to the power of its
        reciprocal and normalised.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, as in scikit-learn; they multiply the samples' weights, in
        training and in validation. "balanced" is for several labels too: 0 and 1 of each label.
    scoring : str or callable, default="accuracy"
        Scorer that judges checkpoints on the validation data: one for classifiers, called as
        ``scorer(estimator, X, y)``. It is tried once before the training. With a path that goes on
        to few connections it scores training data too: a network may be too small, or too large.
    validation_fraction : float or "auto", default="auto"
        Share of the training data that is set aside for validation, stratified, where `fit` gets no
        validation data. Where that would be fewer than 10 rows, or a class has too few rows to be
        split, no split is made and the weighted training score serves. Only there, and with one
        batch, is a weight the same as a repetition. "auto": 0.1, and with ``n_connections="auto"``
        five folds of 50 to 999 rows: each is left out of one synthesis, and the mean score of a
        size says which is small enough in a last synthesis from all rows. That takes six times as
        long.
    early_stopping : bool, default=False
        Whether a training phase ends when the validation score doesn't improve by `tol` in
        `n_iter_no_change` epochs.
    n_iter_no_change : int, default=5
        See `early_stopping`.
    tol : float, default=1e-4
        See `early_stopping`.
    warm_start : bool, default=False
        Whether the next `fit` continues from the fitted architecture and weights. Path and history
        begin anew.
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
        Whether to print a line a round, and one where kernels have to be compiled first.

    Attributes
    ----------
    thresholds_ : ndarray of shape (n_exits - 1,)
        Thresholds of all exits but the last.
    exit_shares_ : ndarray of shape (n_exits,)
        Share of the validation samples that leave at each exit.
    exit_accuracies_ : ndarray of shape (n_exits,)
        Share of the validation samples that each exit would predict right, were all to leave there;
        last, that of all exits together.
    exit_energies_ : ndarray of shape (n_exits,)
        Joules of an inference that leaves at each exit; the last is the worst case.
    energy_ : float
        Expected joules of an inference: `exit_energies_` by `exit_shares_`.
    thresholds_path_ : list of ExitPoint
        All thresholds that no others dominate on the validation data, ascending in `energy` and
        `accuracy`, each with its `thresholds` and `shares`. See :meth:`select`.
    exits_ : tuple of int of length n_exits
        How many of the hidden neurons each exit may read.
    n_exits_ : int
        Number of exits.
    path_ : list of PathPoint
        Networks that none other beats in both `n_connections` and `validation_score`, the score
        where no sample leaves early. Each has thresholds of its own.
    classes_, weights_, biases_, n_outputs_, n_connections_, n_hidden_, depth_, n_inputs_used_, \
            n_bytes_, feature_importances_, feature_deviations_, score_unit_, \
            validation_score_, history_, n_iter_, n_features_in_, feature_names_in_
        As those of :class:`SCANNClassifier`. The last rows of `weights_` are the outputs of all
        exits, the first exit first.

    See Also
    --------
    SCANNClassifier : The same without exits.

    Notes
    -----
    The loss is that of SCAN [1]_, with the cross-entropy CE, the divergence KL from the deepest
    exit, which doesn't learn by it, and a temperature T: CE(deepest) plus, for each other exit,
    (1 - distillation) · CE + distillation · T² · KL. How thresholds are found is not published;
    here none are better on the validation data: see the user guide.

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
    front_end: Any = None  # exits behind maps and modules are still to come
    feature_extractor: Any = None

    def __init__(
        self,
        scheme="C",
        *,
        n_exits=3,
        hidden_layer_sizes=(100,),
        section_ratio=2.0,
        n_connections="auto",
        max_loss=0.01,
        distillation=0.5,
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
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        batch_size="auto",
        shuffle=True,
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
    ) -> None:
        self.scheme, self.n_exits = scheme, n_exits
        self.hidden_layer_sizes, self.section_ratio = hidden_layer_sizes, section_ratio
        self.n_connections, self.max_loss = n_connections, max_loss
        self.distillation, self.temperature = distillation, temperature
        self.thresholds, self.exit_loss = thresholds, exit_loss
        self.target_energy, self.input_scaling = target_energy, input_scaling
        self.solver, self.learning_rate = solver, learning_rate
        self.learning_rate_init, self.weight_decay = learning_rate_init, weight_decay
        self.momentum, self.nesterovs_momentum = momentum, nesterovs_momentum
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon
        self.batch_size, self.shuffle = batch_size, shuffle
        self.label_smoothing, self.teacher = label_smoothing, teacher
        self.teacher_weight = teacher_weight
        self.teacher_temperature, self.class_weight = teacher_temperature, class_weight
        self.scoring, self.validation_fraction = scoring, validation_fraction
        self.early_stopping, self.tol = early_stopping, tol
        self.n_iter_no_change, self.warm_start = n_iter_no_change, warm_start
        self.engine, self.device, self.random_state = engine, device, random_state
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
        y : array-like of shape (n_samples,)
            Class labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples, in training and in validation.
        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Validation samples. None: a part of X is set aside, see `validation_fraction`.
        y_val : array-like of shape (n_val,), default=None
            Class labels of `X_val`.
        sample_weight_val : array-like of shape (n_val,), default=None
            Weights of the validation samples.

        Returns
        -------
        self : EarlyExitClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            If a parameter or the data are not valid, `n_connections` is too small to reach every
            output, `hidden_layer_sizes` ask for more connections than indices of 32 bits can
            count, or the scorer fails. If training diverges: a loss, weights or outputs are
            not finite. If `target_energy` is below that of the first exit.
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
        check_classification_targets(y)
        if y.ndim == 2:
            raise ValueError(
                f"{type(self).__name__} takes one class a sample, but y has {y.shape[1]} columns: "
                "several labels have no exit at which all of them are sure."
            )
        _validation.check_exits(self)
        return ExitProblem(self, y, sample_weight, known)
