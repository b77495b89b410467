"""The CNN-LSTM titer model: networks mixed with a simple model, as far as held-out batches ask for them."""

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats, Windows, join
from mabdesk.data.settings import WindowPlan
from mabdesk.errors import DataError
from mabdesk.models import blend, slopes
from mabdesk.models.blend import Blend, fit_blend
from mabdesk.models.folding import CALIBRATION_FOLDS, batch_folds
from mabdesk.models.model import FINISHED_EARLY, Arrays, Gradients, HeldOut, Prediction
from mabdesk.models.network_model import SEEDS_APART, NetworkModel
from mabdesk.models.physical import offsets, scales
from mabdesk.models.settings import CnnLstmSettings
from mabdesk.models.training import Course, Optimizer, mixed, pack, predict_network, train_network
from mabdesk.progress import Progress

_MOMENTUM = 0.9  # of the batch normalization: Keras' 0.99 has not settled after a few hundred steps


class CnnLstm(NetworkModel):
    """Base + share x (mean of networks - base); the base is the mean of Gaussian process and SVR.

    Network m never saw fold m of the training batches: that tells the share, 0 included. The networks learn the
    physical rate itself, not what the base leaves over: the leftovers of one batch carry, with the other sign, those of
    the batches that its own fit had learned from, so a network on leftovers misleads itself.

    The spread of a prediction is share x |networks - base|: how far the two parts disagree. Of a held-out batch they
    are network m and a base without that batch and a tenth of the others; of a new one, the mean of all and the whole.
    Scales and typical courses, which no single batch moves far, are learned from all of them.
    """

    def __init__(self, settings: CnnLstmSettings, plan: WindowPlan) -> None:
        optimizer = Optimizer(settings.learning_rate, settings.weight_decay, settings.clip_norm)
        super().__init__(settings, plan, optimizer, _MOMENTUM)
        self.recipe = settings
        self.base: Blend | None = None
        self.share = np.zeros(0)  # (targets,) of the networks in the mixture
        self.outside: HeldOut | None = None

    def fit(self, training: Windows, validation: Windows, seed: int, progress: Progress) -> None:
        """Learn from both sets: the number of epochs is fixed, and every choice is made on folds inside them.

        Raises:
            DataError: fewer than two batches, or a target was never measured.
            TrainingError: the loss was never finite.
        """
        rows = join(training, validation)
        folds = batch_folds(rows.batch_ids, self.recipe.members, seed)
        if folds.max(initial=0) < 1:
            raise DataError(
                f"The CNN-LSTM needs at least two training batches, received {len(np.unique(rows.batch_ids))}.",
                "Import more batches.",
            )
        self.base = self._fit_base(rows)
        # The share is judged with a base of nearly all batches, as the one that predicts has: against a base of half of
        # them (two networks) a network would look far better than it is.
        outside = self._base_outside(rows, batch_folds(rows.batch_ids, CALIBRATION_FOLDS, seed))
        said = self._train_members(rows, self.base, folds, seed, progress)
        self.share = best_share(rows, rows.y - outside, said - outside)
        self.outside = self._mixed_outside(rows, outside, said)

    def predict(self, windows: Windows) -> Prediction:
        """Predict (n, targets)."""
        base = self._done()
        simple = base.predict(windows)
        if not self.share.any() or not len(windows):
            return Prediction(simple, np.zeros_like(simple))
        correction = self.share * (base.design.in_units(windows, self.mean_output(windows)) - simple)
        return Prediction(simple + correction, np.abs(correction))

    def held_out(self) -> HeldOut | None:
        """Give what network m says of fold m, mixed with a base that did not see those batches either."""
        return self.outside

    def dropout_samples(self, windows: Windows, count: int, seed: int) -> Floats:
        """Draw (count, n, targets) of the whole prediction with the networks' dropout left on."""
        base = self._done()
        simple = base.predict(windows)
        if not self.share.any() or not len(windows):
            return np.repeat(simple[None], count, axis=0)
        drawn = [base.design.in_units(windows, rates) for rates in self.sampled_output(windows, count, seed)]
        return np.asarray(simple + self.share * (np.stack(drawn) - simple))

    def gradients(self, windows: Windows, target: int) -> Gradients:
        """Give the slopes of one target's prediction: every network's mixed with the base's; without share the base's.

        Raises:
            TrainingError: they are not finite.
        """
        base, share = self._done(), float(self.share[target])
        simple = slopes.gradients(base.parts(), windows, target)
        if not share:
            return simple
        # Networks start from the same last values as the base: of those, all parts have the same slopes.
        names = tuple(f"network {m + 1}" for m in range(len(self.members)))
        rest, found = (1 - share) * simple.x.mean(axis=0), np.empty((len(names), *windows.x.shape))
        for m, (said, by_x) in enumerate(self.output_slopes(windows, target)):
            by_x *= share
            found[m] = slopes.in_units(base.design.target, windows, target, share * said, by_x)
            found[m] += rest
        last = np.repeat(simple.last[:1], len(names), axis=0)
        return slopes.finite(Gradients(names, found, last), windows, target)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give the base, the share and the networks."""
        base = {f"base_{name}": array for name, array in self._done().arrays().items()}
        return {**base, **self.network_arrays(), "share": self.share}

    def restore(self, arrays: Arrays) -> None:
        """Take them back."""
        self.base = blend.from_arrays(
            {name.removeprefix("base_"): array for name, array in arrays.items() if name.startswith("base_")}
        )
        self.restore_network(arrays)
        self.share = np.asarray(arrays["share"], dtype=np.float64)
        self.outside = None

    def notes(self) -> tuple[str, ...]:
        """Give what went otherwise than planned, and how much of the prediction is the networks'."""
        if not len(self.share):
            return super().notes()
        named = self.plan.targets or tuple(f"target {number + 1}" for number in range(len(self.share)))
        shares = zip(named, self.share, strict=True)
        parts = ", ".join(f"{name.replace('_', ' ')} {100 * share:.0f} %" for name, share in shares)
        return (f"Share of the networks in the prediction: {parts}.", *super().notes())

    def _done(self) -> Blend:
        if self.base is None:
            raise RuntimeError("The model was used before it was fitted or restored.")
        return self.base

    def _fit_base(self, rows: Windows) -> Blend:
        return fit_blend(rows, self.plan.preset == "forecast", self.recipe)

    def _base_outside(self, rows: Windows, folds: NDArray[np.intp]) -> Floats:
        """Return (n, targets) of the base, every batch predicted by a fit that did not see it.

        NaN where the other batches never measured a target.
        """
        outside = np.full((len(rows), len(rows.targets)), np.nan)
        for fold in np.unique(folds):
            others = rows.take(folds != fold)
            if np.isfinite(others.y).any(axis=0).all():
                outside[folds == fold] = self._fit_base(others).predict(rows.take(folds == fold))
        return outside

    def _mixed_outside(self, rows: Windows, outside: Floats, said: Floats) -> HeldOut:
        """Mix as in prediction; where no network has a share, a fold without a network has its prediction too."""
        correction = np.where(self.share > 0, self.share * (said - outside), 0.0)
        real = rows.measured
        return HeldOut(
            rows.batch_ids[real],
            rows.target_hours[real],
            rows.y[real],
            (outside + correction)[real],
            np.abs(correction)[real],
        )

    def _train_members(
        self, rows: Windows, base: Blend, folds: NDArray[np.intp], seed: int, progress: Progress
    ) -> Floats:
        """Train a network without each fold; return (n, targets) of what it says there (NaN for skipped folds)."""
        r, scale = self.recipe, scales(base.design.target, rows)
        rates = (rows.y - offsets(base.design.target, rows)) / scale
        self.learn_scales(rows, rates)
        course = Course(r.epochs, r.minibatch, warm_up=min(r.warm_up, r.epochs - 1), cosine=True)
        importance = np.where(np.arange(rates.shape[1]) == 0, 1.0, r.quality_weight) * scale
        x, packed = self.inputs(rows), pack((rates - self.center) / self.spread, importance)
        said, count = np.full(rates.shape, np.nan), int(folds.max()) + 1
        for fold in range(count):
            inside, name = folds != fold, f"network {fold + 1} of {count}"
            part = progress.part(fold / count, (fold + 1) / count, name)
            sample = mixed((x[inside], packed[inside]), r.mixing, seed + SEEDS_APART * fold)
            trained = train_network(self.shape, self.optimizer, course, sample, None, seed + SEEDS_APART * fold, part)
            self.remember(trained, f"_{fold + 1}")
            outputs = predict_network(self.shape, self.optimizer, trained.weights, x[~inside])
            said[~inside] = base.design.in_units(rows.take(~inside), self.in_learned_units(outputs))
            if progress.finish_now():
                if fold + 1 < count:
                    self.said.append(f"{FINISHED_EARLY}: {fold + 1} of {count} networks were trained.")
                break
        return said


def best_share(rows: Windows, missing: Floats, correction: Floats) -> Floats:
    """Return (targets,): how much of a correction lessens the squared error on held-out samples, in [0, 1].

    Few batches tell the share poorly, so it is drawn to 0 by its own uncertainty over batches (as James and Stein do):
    a share that is no larger than its standard error, which leaving out one batch at a time tells, becomes 0.
    """
    shares = []
    for j in range(missing.shape[1]):
        there = rows.measured & np.isfinite(missing[:, j]) & np.isfinite(correction[:, j])
        _, batch = np.unique(rows.batch_ids[there], return_inverse=True)
        fitting = np.bincount(batch, correction[there, j] * missing[there, j]).astype(np.float64)
        power = np.bincount(batch, np.square(correction[there, j])).astype(np.float64)
        shares.append(_drawn_to_zero(fitting, power))
    return np.asarray(np.clip(np.array(shares), 0.0, 1.0))


def _drawn_to_zero(fitting: Floats, power: Floats) -> float:
    """Return sum(fitting) / sum(power) over batches, less the more it depends on single batches."""
    others = power.sum() - power
    if power.sum() <= 0 or (others <= 0).any():
        return 0.0
    share, count = float(fitting.sum() / power.sum()), len(power)
    without = (fitting.sum() - fitting) / others
    variance = (count - 1) / count * float(np.sum(np.square(without - without.mean())))
    return share * max(0.0, 1.0 - variance / share**2) if share > 0 else 0.0
