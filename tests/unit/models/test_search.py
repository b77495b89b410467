import importlib
import math
import os
import threading

import pytest

from mabdesk.analysis.searched import SPACE
from mabdesk.models import search as search_module
from mabdesk.models.search import BayesianSearch

SMALL = {"filters": (32, 64, 128), "dropout": (0.1, 0.3, 0.5)}
FIRST = {"filters": 64, "lstm_1": 128, "lstm_2": 64, "dropout": 0.3, "learning_rate": 1e-3}


def loss(settings):
    rate = (math.log10(settings.get("learning_rate", 1e-3)) + 2) ** 2 / 10
    return 0.05 + rate + (settings["dropout"] - 0.5) ** 2 + abs(settings["filters"] - 128) / 300


def tried(search, count, objective=loss):
    """Run trials; return (settings, loss) of each."""
    found = []
    for _ in range(count):
        settings = search.suggest()
        if settings is None:
            break
        found.append((settings, objective(settings)))
        search.tell(found[-1][1])
    return found


def distinct(found):
    return len({tuple(sorted(settings.items())) for settings, _ in found})


def test_that_nothing_is_tried_twice_and_an_exhausted_space_ends_the_search():
    found = tried(BayesianSearch(SMALL, FIRST, 1), 25)
    assert len(found) == distinct(found) == 9


def test_that_table_3_gives_no_duplicates_and_the_best_is_found_soon():
    search = BayesianSearch(SPACE, FIRST, 1)
    found = tried(search, 40)
    assert distinct(found) == 40
    assert search.replaced > 0  # KerasTuner itself would have tried some again
    assert min(value for _, value in found) == pytest.approx(0.05)  # one of 9 points of 243


def test_that_the_first_trial_is_the_models_own_settings():
    assert BayesianSearch(SPACE, FIRST, 5).suggest() == FIRST


def test_that_a_space_of_one_point_is_one_trial():
    found = tried(BayesianSearch({"filters": (64,)}, {}, 1), 5, lambda _: 1.0)
    assert [settings for settings, _ in found] == [{"filters": 64}]


def test_that_a_resumed_search_suggests_what_an_uninterrupted_one_would_at_every_point():
    whole = tried(BayesianSearch(SPACE, FIRST, 3), 16)
    for kept in range(16):
        search = BayesianSearch(SPACE, FIRST, 3)
        assert all(search.replay(settings, value) for settings, value in whole[:kept])
        assert search.suggest() == whole[kept][0]


def test_that_another_seed_suggests_other_settings():
    assert tried(BayesianSearch(SPACE, FIRST, 1), 6) != tried(BayesianSearch(SPACE, FIRST, 2), 6)


def test_that_a_trial_of_another_space_or_a_known_one_is_not_replayed():
    search = BayesianSearch(SMALL, FIRST, 1)
    assert search.replay({"filters": 64, "dropout": 0.3}, 0.1)
    assert not search.replay({"filters": 64, "dropout": 0.3}, 0.1)
    assert not search.replay({"filters": 65, "dropout": 0.3}, 0.1)
    assert not search.replay({"filters": 64}, 0.1)


def test_that_failures_in_a_row_neither_end_the_search_nor_lock_it():
    search = BayesianSearch(SMALL, FIRST, 1)
    found = []

    def work():
        found.extend(tried(search, 25, lambda _: math.nan))

    for _ in range(5):
        search.suggest()
        search.tell(None, "no finite loss")
    other = threading.Thread(target=work)  # the lock of another thread would hold it for good
    other.start()
    other.join(timeout=60)
    assert not other.is_alive()
    assert len(found) == 4


def test_that_a_loss_that_is_not_finite_counts_as_failed():
    plain, failed = BayesianSearch(SPACE, FIRST, 1), BayesianSearch(SPACE, FIRST, 1)
    for search, value in ((plain, None), (failed, math.inf)):
        for number in range(14):
            settings = search.suggest()
            search.tell(value if number == 2 else loss(settings))
    assert plain.suggest() == failed.suggest()


def test_that_equal_losses_still_give_suggestions():
    assert distinct(tried(BayesianSearch(SPACE, FIRST, 1), 14, lambda _: 0.5)) == 14


def test_that_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tried(BayesianSearch(SMALL, FIRST, 1), 9)
    assert not list(tmp_path.iterdir())


def test_that_the_environment_cannot_make_it_join_others_on_the_network(monkeypatch):
    monkeypatch.setenv("KERASTUNER_ORACLE_IP", "192.0.2.1")
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "chief")
    importlib.reload(search_module)
    assert not [name for name in os.environ if name.startswith("KERASTUNER_")]
