import dataclasses

import numpy as np

from mabdesk.analysis.fitting import fit_models
from mabdesk.data.batch import Dataset, Measurements
from mabdesk.data.settings import CleaningPlan, WindowPlan
from mabdesk.data.windowing import plan_for
from mabdesk.models import factory
from mabdesk.models.settings import KINDS
from mabdesk.progress import SILENT

SIMPLE = tuple(kind for kind, known in KINDS.items() if known.simple)


def fits(dataset, ids):
    plan = plan_for(dataset, WindowPlan(preset="forecast"))
    small = {"random_forest": {"trees": 10}}
    return fit_models(
        dataset, CleaningPlan(), plan, ids[:8], ids[8:10], SIMPLE, small, 1, factory.create, 12.0, SILENT, False
    ).models


def times_three(batch):
    tables = (Measurements(part.names, part.hours, 3 * part.values) for part in (batch.online, batch.offline))
    return dataclasses.replace(batch, **dict(zip(("online", "offline"), tables, strict=True)))


def test_that_no_simple_model_nor_its_held_out_words_depend_on_a_test_batch(dataset):
    other = Dataset(dataset.variables, (*dataset.batches[:10], *map(times_three, dataset.batches[10:])))
    for kind, before, after in zip(SIMPLE, fits(dataset, dataset.ids), fits(other, dataset.ids), strict=True):
        given = after.arrays()
        assert all(np.array_equal(array, given[name]) for name, array in before.arrays().items()), kind
        assert np.array_equal(before.held_out().mean, after.held_out().mean, equal_nan=True), kind
