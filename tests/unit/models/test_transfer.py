import dataclasses

import numpy as np
import pytest
from little_plant import fake_windows
from small_networks import SETTINGS, reference

from mabdesk.data.settings import WindowPlan
from mabdesk.errors import DataError, TrainingError
from mabdesk.models import factory, transfer
from mabdesk.models.blend import Blend
from mabdesk.models.kernel import fit_kernel
from mabdesk.progress import SILENT, Progress

NETWORKS = ("cnn_lstm", "cnn_lstm_paper")
MORE = 1.4  # times the source's productivity is the new line's


def new_line(batches=4, seed=5, more=MORE):
    windows = fake_windows(batches=batches, seed=seed)
    y = windows.y.copy()
    y[:, 0] *= more
    return dataclasses.replace(windows, y=y)


@pytest.fixture(scope="module")
def local():
    return new_line().of(("B00", "B01"))


@pytest.fixture(scope="module")
def test():
    return new_line().of(("B02", "B03"))


@pytest.fixture(scope="session")
def tuned():
    windows = new_line().of(("B00", "B01"))
    return {kind: transfer.fine_tune(reference(kind), windows, 1, SILENT) for kind in NETWORKS}


def error(model, windows):
    return float(np.sqrt(np.mean((model.predict(windows).mean - windows.y)[:, 0] ** 2)))


@pytest.mark.parametrize("kind", NETWORKS)
def test_that_fine_tuning_brings_the_source_nearer_to_the_new_line(kind, tuned, test):
    assert error(tuned[kind], test) < (0.6 if kind == "cnn_lstm" else 1.0) * error(reference(kind), test)


@pytest.mark.parametrize("kind", NETWORKS)
def test_that_the_source_stays_as_it_is(kind, local, tuned):
    source = reference(kind)
    before = {name: array.copy() for name, array in source.arrays().items()}
    factory.fine_tune(source, local, 1, SILENT)
    assert all(np.array_equal(array, before[name]) for name, array in source.arrays().items())
    assert tuned[kind] is not source


@pytest.mark.parametrize("kind", NETWORKS)
def test_that_the_same_seed_tunes_bit_for_bit_alike(kind, local, tuned):
    again = factory.fine_tune(reference(kind), local, 1, SILENT)
    assert all(np.array_equal(array, tuned[kind].arrays()[name]) for name, array in again.arrays().items())


@pytest.mark.parametrize("kind", NETWORKS)
def test_that_a_tuned_model_is_kept_as_plain_arrays_like_any_other(kind, tuned, test):
    back = factory.create(kind, SETTINGS[kind], WindowPlan(preset="soft_sensor"))
    back.restore(tuned[kind].arrays())
    assert np.array_equal(back.predict(test).mean, tuned[kind].predict(test).mean)


@pytest.mark.parametrize("kind", NETWORKS)
def test_that_only_weights_move_and_scales_stay_those_of_the_source(kind, tuned):
    before, after = reference(kind).arrays(), tuned[kind].arrays()
    for name in ("input_mean", "input_deviation", "center", "spread"):
        assert np.array_equal(before[name], after[name])
    networks = [name for name in before if name.startswith("network_")]
    assert any(not np.array_equal(before[name], after[name]) for name in networks)


def test_that_a_group_like_the_source_moves_the_gaussian_process_little():
    windows = fake_windows()
    source = Blend(fit_kernel(windows, False, True, 0.2))
    alike = dataclasses.replace(windows, y=source.predict(windows))
    moved = transfer.departed(source, alike.of(("B00", "B01")), 0.2)
    assert np.allclose(moved.predict(windows), source.predict(windows), atol=1e-8)


def test_that_more_rows_of_one_batch_are_no_more_witnesses():
    source = Blend(fit_kernel(fake_windows(), False, True, 0.2))
    windows = new_line()
    one = windows.of(("B00",))
    many = dataclasses.replace(one, batch_ids=np.array([f"C{n}" for n in range(len(one))]))
    asked = windows.of(("B02",))
    start = source.predict(asked)
    moved, further = (
        np.abs(transfer.departed(source, rows, 0.2).predict(asked) - start)[:, 0].mean() for rows in (one, many)
    )
    assert 0 < moved < further


def test_that_what_is_infinite_or_missing_teaches_nothing(local, test):
    x, y = local.x.copy(), local.y.copy()
    x[0, 0, 0] = np.inf
    y[1] = np.nan
    tuned = transfer.fine_tune(reference("cnn_lstm"), dataclasses.replace(local, x=x, y=y), 1, SILENT)
    assert np.isfinite(tuned.predict(test).mean).all()


def test_that_progress_is_told_for_every_network(local):
    heard = []
    transfer.fine_tune(reference("cnn_lstm"), local, 1, Progress(lambda share, text: heard.append((share, text))))
    shares = [share for share, _ in heard]
    assert shares == sorted(shares)
    assert {text.split(",")[0] for _, text in heard} == {"network 1 of 2", "network 2 of 2"}


def test_that_a_simple_model_is_refused(local):
    model = factory.create("ridge", {}, WindowPlan())
    with pytest.raises(TrainingError, match="Only a trained network can be fine-tuned"):
        transfer.fine_tune(model, local, 1, SILENT)


def test_that_a_target_never_measured_locally_is_told(local):
    y = local.y.copy()
    y[:, 1] = np.nan
    with pytest.raises(DataError, match="No value of the target 'aggregates' was measured"):
        transfer.fine_tune(reference("cnn_lstm"), dataclasses.replace(local, y=y), 1, SILENT)
