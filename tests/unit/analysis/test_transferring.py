import dataclasses
import itertools
import json

import numpy as np
import pytest
from little_batches import VARIABLES, batch

from mabdesk import workflow
from mabdesk.analysis import transfer_gains
from mabdesk.analysis import transferring as study_module
from mabdesk.analysis.results import Courses, Samples
from mabdesk.analysis.settings import TransferOptions
from mabdesk.analysis.transfer_gains import Draw
from mabdesk.analysis.transferred import Transfer
from mabdesk.analysis.transferring import study_transfer
from mabdesk.cli import tables, transferring
from mabdesk.data.batch import Dataset, Measurements, Split
from mabdesk.data.cleaning import clean, fit_cleaning
from mabdesk.data.imported import Reading
from mabdesk.data.settings import CleaningPlan, WindowPlan
from mabdesk.errors import DataError, MabdeskError, OptionsError, TrainingError
from mabdesk.job import Job
from mabdesk.models.model import Prediction
from mabdesk.progress import SILENT, Progress
from mabdesk.project import codec, known  # noqa: F401 - names the types of results

COARSE = WindowPlan(step_h=4.0)
WAYS = ("local", "pooled", "pooled_static", "fine_tuned", "pls_local", "ridge_local", "gp_local")
MORE = 1.3  # times the productivity of line A is line D's


class Stub:
    """Titer is a learned number times IVCD: of all rows alike, or of each line where a channel tells it."""

    def __init__(self, kind, plan, log):
        self.kind, self.plan, self.log = kind, plan, log
        self.per_cells, self.local = 0.0, None

    def fit(self, training, validation, seed, progress):
        self.log.append((self, training, validation))
        if self.kind in {"stumbles", "pls"} and len(set(training.batch_ids)) < 3 and self.log[0][0].kind == "stumbles":
            raise TrainingError("It stumbled.")
        self.per_cells = ratio(training)
        progress.update(1.0)

    def predict(self, windows):
        titer = self.per_cells * windows.final("ivcd")
        return Prediction(np.stack([titer, np.full(len(titer), 1.0)], axis=1)[:, : len(windows.targets)])


def ratio(windows):
    return float(np.nanmean(windows.y[:, 0] / windows.final("ivcd")))


def adapt(model, local, seed, progress):
    tuned = Stub("tuned", model.plan, model.log)
    model.log.append((tuned, local, local.take(np.zeros(len(local), bool))))
    tuned.per_cells = 0.9 * ratio(local) + 0.1 * model.per_cells
    return tuned


def two_lines(source=6, local=12, more=MORE, **tags):
    lines = ["A"] * source + ["D"] * local
    made = [_sparse(batch(n, days=5, scale=more if line == "D" else 1.0)) for n, line in enumerate(lines)]
    named = [
        dataclasses.replace(b, tags={"cell_line": line, "scale": "200 L", **tags})
        for b, line in zip(made, lines, strict=True)
    ]
    return Dataset(VARIABLES, tuple(named))


def _sparse(one):
    """The same batch with sensors every 4 h: quick to clean."""
    online = one.online
    return dataclasses.replace(one, online=Measurements(online.names, online.hours[::4], online.values[::4]))


def study(dataset, log=None, model="cnn_lstm", progress=SILENT, seed=1, plan=COARSE, made=None, **options):
    log = [] if log is None else log
    chosen = TransferOptions(**{"group": "D", "sizes": ("2", "4"), "repeats": 2, "model": model, **options})

    def make(kind, _settings, plan):
        return Stub(made or kind, plan, log)

    return study_transfer(dataset, CleaningPlan(), plan, chosen, seed, make, adapt, progress)


@pytest.fixture(scope="module")
def lines():
    return two_lines()


@pytest.fixture(scope="module")
def log():
    return []


@pytest.fixture(scope="module")
def found(lines, log):
    return study(lines, log)


# -- what is studied ------------------------------------------------------------------------------------------------


def test_that_every_way_is_measured_at_every_size_and_the_source_as_it_is(found):
    got = {(score.method, score.batches) for score in found.scores if score.target == "titer"}
    assert got == {*itertools.product(WAYS, (2, 4)), ("source", 0)}
    assert {score.repeats for score in found.scores if score.batches} == {2}
    assert (found.by, found.group, found.sizes, found.source_batches) == ("cell_line", "D", (2, 4), 6)


def test_that_every_batch_of_the_group_is_tested_in_some_draw(lines, found):
    assert set(found.test_ids) == {b.id for b in lines.batches if b.tags["cell_line"] == "D"}


def test_that_no_way_is_tested_on_a_batch_that_it_learned_from(lines, monkeypatch):
    seen = []
    measured = study_module._measured

    def watched(study, ids, size, fitted, windows):
        seen.append((size, set(ids), [set(one.training.batch_ids) for one in fitted.values()]))
        draw = measured(study, ids, size, fitted, windows)
        assert set(draw.samples.batch_ids) == set(ids)
        return draw

    monkeypatch.setattr(study_module, "_measured", watched)
    log = []
    study(lines, log, sizes=("2", "8"))
    assert [(size, len(tested)) for size, tested, _ in seen] == [(0, 12), (2, 10), (8, 4), (2, 10), (8, 4)]
    assert all(not tested & learned for _, tested, ways in seen for learned in ways)
    tuned = [set(windows.batch_ids) for model, windows, _ in log if model.kind == "tuned"]
    assert all(not tested & local for (_, tested, _), local in zip(seen[1:], tuned, strict=True))


def test_that_a_test_batch_changes_nothing_that_is_learned(lines):
    one, other = [], []
    study(lines, one, sizes=("2",), repeats=1)
    local = {name for model, windows, _ in one if model.kind == "pls" for name in windows.batch_ids}
    tested = {b.id for b in lines.batches if b.tags["cell_line"] == "D"} - local
    study(
        dataclasses.replace(lines, batches=tuple(_louder(b, tested) for b in lines.batches)),
        other,
        sizes=("2",),
        repeats=1,
    )
    pairs = list(zip(one, other, strict=True))
    assert all(np.array_equal(a[1].x, b[1].x, equal_nan=True) for a, b in pairs)
    assert [a[0].per_cells for a, _ in pairs] == [b[0].per_cells for _, b in pairs]


def _louder(one, ids):
    if one.id not in ids:
        return one
    offline = Measurements(one.offline.names, one.offline.hours, one.offline.values * 2 + 1)
    return dataclasses.replace(one, offline=offline)


def test_that_one_way_alone_is_told_the_line(log):
    told = [any(name.startswith("cell_line=") for name in windows.channels) for _, windows, _ in log]
    both = [len({*windows.batch_ids} | {*checked.batch_ids}) > 6 for _, windows, checked in log]
    assert sum(told) == 4
    assert all(pooled for pooled, said in zip(both, told, strict=True) if said)
    assert sum(both) == 8


def test_that_the_larger_draw_holds_the_smaller_one(log):
    local = [set(windows.batch_ids) for model, windows, _ in log if model.kind == "pls"]
    assert [len(ids) for ids in local] == [2, 4, 2, 4]
    assert local[0] < local[1]
    assert local[2] < local[3]
    assert local[0] != local[2]


def test_that_a_draw_that_comes_again_is_studied_once(lines):
    found = study(two_lines(local=5), sizes=("1",), repeats=7)
    assert {score.repeats for score in found.scores if score.batches} == {5}
    assert "1 local batches: 5 of 7 draws, for there are no others." in found.notes


def test_that_the_same_seed_gives_the_same_numbers_bit_for_bit(lines, found):
    again = study(lines)
    assert codec.content_hash(again) == codec.content_hash(found)
    assert codec.content_hash(study(lines, seed=2)) != codec.content_hash(found)


def test_that_the_order_in_the_file_means_nothing(lines, found):
    turned = dataclasses.replace(lines, batches=lines.batches[::-1])
    assert study(turned).test_ids == found.test_ids


def test_that_a_way_that_cannot_be_gone_is_told_and_left_out():
    found = study(two_lines(), made="stumbles", sizes=("2",), repeats=1)
    assert {score.method for score in found.scores} == {"source", "pooled", "pooled_static", "fine_tuned"}
    assert sum("It stumbled." in note for note in found.notes) == 4
    assert found.gains == ()
    assert "none can be recommended" in found.advice[0]


# -- finishing early, progress --------------------------------------------------------------------------------------


def test_that_finishing_early_keeps_whole_draws(lines):
    log, asked = [], iter(range(1000))
    found = study(lines, log, progress=Progress(finish_now=lambda: next(asked) >= 2))
    assert any(note == "Finished early on request: 1 of 4 draws were studied." for note in found.notes)
    assert found.sizes == (2,)
    assert len(found.advice) == 1


def test_that_finishing_at_once_still_gives_one_draw(lines):
    found = study(lines, progress=Progress(finish_now=lambda: True))
    assert found.sizes == (2,)
    assert any("the training on the source was cut short" in note for note in found.notes)


def test_that_progress_only_rises_and_names_the_draw(lines):
    heard = []
    study(lines, progress=Progress(lambda share, text: heard.append((share, text))))
    shares = [share for share, _ in heard]
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] <= 1 + 1e-9
    assert any(text.startswith("4 local batches, draw 2, network, pooled") for _, text in heard)


# -- which batches --------------------------------------------------------------------------------------------------


def test_that_sizes_that_leave_too_few_to_test_on_are_skipped_with_a_note(lines):
    found = study(lines, sizes=("2", "10", "12"), repeats=1)
    assert found.sizes == (2,)
    skipped = [note for note in found.notes if "not studied" in note]
    assert [note.split()[0] for note in skipped] == ["10", "12"]


def test_that_all_batches_that_are_not_local_are_tested_on(lines):
    assert len(study(lines, sizes=("9",), repeats=1).test_ids) == 3
    assert len(study(lines, sizes=("2",), repeats=1).test_ids) == 10


def test_that_without_a_name_the_smallest_group_that_is_enough_is_the_new_one():
    found = study(two_lines(source=9, local=6), group="", sizes=("2",), repeats=1)
    assert found.group == "D"
    assert found.notes[0] == "New cell line: D, the one with the fewest batches that is enough."
    few = study(two_lines(source=9, local=4), group="", sizes=("2",), repeats=1)
    assert few.group == "A"


def test_that_a_scale_is_found_without_its_unit_and_under_its_other_name():
    made = two_lines()
    named = [
        dataclasses.replace(b, tags={"scale_l": "2000 L" if b.tags["cell_line"] == "D" else "50 L"})
        for b in made.batches
    ]
    log = []
    dataset = Dataset(VARIABLES, tuple(named))
    found = study(dataset, log, by="scale", group="2000", sizes=("2",), repeats=1)
    assert found.group == "2000 L"
    assert any("scale_l=2000 L" in windows.channels for _, windows, _ in log)
    assert found.verdict.startswith("For scale 2000 L ")


def test_that_batches_without_a_measured_titer_take_no_part():
    made = two_lines(local=8)
    bare = made.batches[-1]
    titer = bare.offline.names.index("titer")
    values = bare.offline.values.copy()
    values[:, titer] = np.nan
    bare = dataclasses.replace(bare, offline=Measurements(bare.offline.names, bare.offline.hours, values))
    log = []
    found = study(dataclasses.replace(made, batches=(*made.batches[:-1], bare)), log, sizes=("2",), repeats=1)
    assert bare.id not in found.test_ids
    assert "Left out, without a measured titer or a named cell line: 1 batches." in found.notes


@pytest.mark.parametrize(
    ("dataset", "options", "error", "sentence"),
    [
        (two_lines(source=0), {}, DataError, "All batches are of the cell line D; a transfer needs at least two"),
        (two_lines(cell_line=""), {}, DataError, "The batches name no cell line."),
        (two_lines(), {"by": "scale", "group": ""}, DataError, "All batches are of the scale 200 L"),
        (two_lines(), {"group": "Q"}, OptionsError, "No batch is of the cell line 'Q'."),
        (two_lines(local=4), {}, DataError, "The cell line D has 4 batches with a measured titer; 2 to learn from"),
        (two_lines(4, 4), {"group": ""}, DataError, "No cell line has 2 batches to learn from and 3 to test on"),
        (two_lines(source=2), {}, DataError, "2 batches are not of the cell line D; 3 are needed as the source."),
        (two_lines(), {"sizes": ("two",)}, OptionsError, "received 'two'; whole numbers from 1 on"),
        (two_lines(), {"sizes": ("0", "2")}, OptionsError, "received '0'; whole numbers from 1 on"),
        (two_lines(), {"sizes": ("2.5",)}, OptionsError, "received '2.5'"),
        (two_lines(), {"sizes": ()}, OptionsError, "received none"),
    ],
)
def test_that_data_and_settings_that_do_not_do_are_told_in_a_sentence(dataset, options, error, sentence):
    with pytest.raises(error) as raised:
        study(dataset, **options)
    assert sentence in raised.value.message
    assert raised.value.hint


def test_that_an_unknown_group_is_answered_with_those_there_are(lines):
    with pytest.raises(MabdeskError) as raised:
        study(lines, group="Q")
    assert raised.value.hint == "There are: A (6 batches), D (12 batches)."


# -- gains, advice, verdict -----------------------------------------------------------------------------------------


def drawn(size, errors, batches=8, samples=6, seed=0):
    """One draw in which way m is off by `errors[m]`, with a little noise."""
    rng = np.random.default_rng(seed)
    ids = np.repeat([f"T{n}" for n in range(batches)], samples)
    measured = rng.normal(2, 1, (len(ids), 1))
    noise = rng.normal(0, 0.02, (len(errors), len(ids), 1))
    predicted = measured + np.array(list(errors.values()))[:, None, None] + noise
    hours = np.tile(24.0 * np.arange(1, samples + 1), batches)
    nothing = np.zeros(len(ids), dtype=np.int64)
    samples_of = Samples(ids, hours, hours, measured, np.zeros_like(measured), predicted, nothing)
    return Draw(size, tuple(errors), samples_of, Courses(ids, hours, predicted))


def twice(size, errors):
    return [drawn(size, errors, seed=seed) for seed in (1, 2)]


def told(draws):
    sizes = tuple(sorted({draw.size for draw in draws}))
    gains = transfer_gains.gains_of(draws, sizes)
    scores = transfer_gains.scores_of(draws, ("titer",))
    advice = [transfer_gains.advice_of(size, scores, gains, "g/L") for size in sizes]
    return gains, advice, transfer_gains.verdict_of("cell line D", sizes, scores, gains)


def test_that_a_transfer_that_helps_is_recommended_and_one_that_hurts_is_named():
    gains, (advice,), verdict = told(twice(2, {"local": 0.5, "pooled": 0.8, "fine_tuned": 0.2, "pls_local": 0.4}))
    by_name = {gain.method: gain for gain in gains}
    assert {gain.rival for gain in gains} == {"pls_local"}
    assert by_name["fine_tuned"].recommended
    assert by_name["fine_tuned"].gain == pytest.approx(0.2, abs=0.02)
    assert 0 < by_name["fine_tuned"].low < by_name["fine_tuned"].gain < by_name["fine_tuned"].high
    assert not by_name["pooled"].recommended
    assert advice.startswith("2 local batches: use network, fine-tuned: RMSE 0.")
    assert advice.endswith("It hurts here: network, pooled.")
    assert verdict == "For cell line D transfer helps: use network, fine-tuned with 2 local batches."


def test_that_a_transfer_that_is_not_shown_to_help_is_not_recommended():
    same = {"local": 0.3, "fine_tuned": 0.3, "pls_local": 0.6}
    gains, (advice,), verdict = told(twice(2, same))
    assert not any(gain.recommended for gain in gains)
    assert advice.startswith(
        "2 local batches: no transfer is shown to help; until more batches tell, use network, local batches only"
    )
    assert verdict == (
        "For cell line D no transfer is shown to help with 2 local batches: use its own until more tell."
    )


def test_that_the_verdict_says_from_how_few_batches_on_transfer_stops_to_help():
    helps, not_any_more = {"local": 0.5, "fine_tuned": 0.1}, {"local": 0.1, "fine_tuned": 0.5}
    _, _, verdict = told([*twice(2, helps), *twice(4, helps), *twice(8, not_any_more)])
    assert verdict == (
        "For cell line D transfer helps: use network, fine-tuned with 2 and 4 local batches; with 8 no transfer is "
        "shown to help."
    )


def test_that_the_gain_is_the_difference_of_the_mean_errors_of_the_draws():
    draws = [drawn(2, {"local": 0.5, "fine_tuned": 0.1}, seed=1), drawn(2, {"local": 0.9, "fine_tuned": 0.2}, seed=2)]
    (gain,), _, _ = told(draws)
    errors = {score.method: score.rmse for score in transfer_gains.scores_of(draws, ("titer",))}
    assert gain.gain == pytest.approx(errors["local"] - errors["fine_tuned"], abs=1e-12)


@pytest.mark.parametrize(("batches", "draws"), [(5, 3), (8, 1)])
def test_that_few_batches_or_a_single_draw_recommend_nothing_and_say_so(batches, draws):
    errors = {"local": 0.9, "fine_tuned": 0.1}
    (gain,), (advice,), verdict = told([drawn(2, errors, batches=batches, seed=seed) for seed in range(draws)])
    assert gain.gain == pytest.approx(0.8, abs=0.05)
    assert np.isnan([gain.low, gain.high]).all()
    assert not gain.recommended
    assert "too few to recommend a transfer or to advise against it: 6 test batches and 2 draws are needed" in advice
    assert verdict == "For cell line D there are too few batches or draws to say whether transfer helps."


def test_that_a_transfer_must_beat_every_local_way_for_certain():
    sure = {"local": 0.5, "fine_tuned": 0.3, "pls_local": 0.9}
    assert told(twice(2, sure))[0][0].recommended
    one, other = twice(2, sure)
    odd = other.samples.predicted.copy()
    odd[2] = other.samples.measured + 0.9 * (np.arange(len(odd[2]))[:, None] >= 42)  # of one batch alone it is off
    shaky = dataclasses.replace(other, samples=dataclasses.replace(other.samples, predicted=odd))
    (gain,), _, _ = told([one, shaky])
    assert gain.rival == "local"
    assert gain.low < 0 < gain.gain
    assert not gain.recommended


def test_that_choosing_among_more_transfers_asks_for_more():
    alone, three = {"local": 0.5, "pooled": 0.4}, {"local": 0.5, "pooled": 0.4, "pooled_static": 0.6, "fine_tuned": 0.6}
    one = told(twice(2, alone))[0][0]
    among = next(gain for gain in told(twice(2, three))[0] if gain.method == "pooled")
    assert among.high - among.low > 1.1 * (one.high - one.low)


# -- what becomes of it ---------------------------------------------------------------------------------------------


def test_that_a_study_comes_back_from_the_project_file_as_it_was(found):
    encoded = codec.encode(found)
    back = codec.decode(encoded.json, dict(encoded.blobs).__getitem__)
    assert isinstance(back, Transfer)
    assert codec.content_hash(back) == codec.content_hash(found)


def test_that_the_command_line_shows_the_table_the_advice_and_the_verdict(found):
    said = transferring.words(found)
    assert said.startswith("New cell line D, soft sensor: tested on 12 of its batches (")
    assert all(sentence in said for sentence in (*found.advice, found.verdict))
    assert said.count("Network, fine-tuned ") == 4  # two sizes, two targets
    assert any(word in said for word in ("yes", "no: not shown to help", "no: it hurts"))


def test_that_json_holds_all_of_it(found):
    answer = json.loads(tables.to_json(transferring.answer(found, "transfer-1")))
    assert {"methods", "gains", "advice", "verdict", "sizes", "test", "notes"} <= set(answer)
    assert answer["result"] == "transfer-1"
    assert len(answer["methods"]) == 15
    assert {"method", "batches", "rival", "gain", "low", "high", "recommended"} == set(answer["gains"][0])


def test_that_the_step_studies_a_real_network_and_never_sees_a_locked_batch():
    dataset = two_lines(source=5, local=6)
    split = Split(dataset.ids[:8], dataset.ids[8:9], dataset.ids[9:10], dataset.ids[10:])
    plan = CleaningPlan()
    cleaned = clean(fit_cleaning(dataset, plan, split.train), dataset)
    parents = {"dataset": Reading(dataset, (), (), ()), "split": split, "cleaned": cleaned}
    options = {"group": "D", "sizes": ["2"], "repeats": 1, "quick": True, "step_h": 4.0, "targets": ["titer"]}
    found = workflow.run(Job("transfer-learning", parents, options, 1), SILENT)
    assert found.notes[0].startswith("Quick run")
    assert dataset.ids[10] not in found.test_ids
    errors = {score.method: score.rmse for score in found.scores}
    assert set(errors) == {"source", *WAYS}
    assert errors["fine_tuned"] < errors["source"]
