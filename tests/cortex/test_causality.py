"""Which type sets off which: on logs made by a known process, and on two real sets."""

import numpy as np
import pytest

from benchmarks.causality import read, scores
from benchmarks.shared import shared
from cortex.causality import Log, learn

CHAIN = {(0, 1), (1, 2)}


def made(seed: int, devices: int = 20, days: float = 20.0, links: list[tuple[int, int]] | None = None) -> Log:
    """Types 0 to 3: 0 sets off 1 within a minute, 1 sets off 2; 3 comes by chance. With links, 0 acts next door."""
    rng = np.random.default_rng(seed)
    next_door = dict(links or [])
    rows: list[tuple[int, int, float]] = []
    for device in range(devices):
        for kind in (0, 3):
            rows += [(kind, device, float(at)) for at in rng.uniform(0, days * 86_400, 40)]
    for effect, cause, chance, delay in ((1, 0, 0.6, 30.0), (2, 1, 0.5, 200.0)):
        for kind, device, at in list(rows):
            if kind == cause and rng.random() < chance:
                where = next_door.get(device, device) if cause == 0 and links else device
                rows.append((effect, where, at + float(rng.exponential(delay))))
    kinds, at_devices, times = zip(*rows, strict=True)
    return Log(np.array(kinds), np.array(at_devices), np.array(times))


def test_a_chain_is_found_link_by_link_and_chance_is_left_alone() -> None:
    learned = learn(made(1), 4)
    assert {(t.cause, t.effect) for t in learned.triggers} == CHAIN
    first = next(t for t in learned.triggers if t.effect == 1)
    assert 5 < first.lag < 120
    assert first.share > 0.8
    assert not first.near


def test_alarms_without_any_relation_set_off_nothing() -> None:
    rng = np.random.default_rng(5)
    log = Log(rng.integers(0, 5, 2_000), rng.integers(0, 20, 2_000), np.sort(rng.uniform(0, 1e6, 2_000)))
    assert learn(log, 5).triggers == ()


def test_what_acts_next_door_needs_the_links_to_be_found() -> None:
    ring = [(n, (n + 1) % 20) for n in range(20)]
    log = made(2, links=ring)
    assert (0, 1) not in {(t.cause, t.effect) for t in learn(log, 4).triggers}
    found = next(t for t in learn(log, 4, ring).triggers if (t.cause, t.effect) == (0, 1))
    assert found.near


def test_the_numbers_of_types_and_devices_and_the_order_of_rows_do_not_matter() -> None:
    log = made(3)
    kinds, devices, rows = (np.random.default_rng(9).permutation(n) for n in (4, 20, len(log.at)))
    told = Log(kinds[log.kind][rows], devices[log.device][rows], log.at[rows])
    found = {(t.cause, t.effect) for t in learn(told, 4).triggers}
    assert found == {(int(kinds[cause]), int(kinds[effect])) for cause, effect in CHAIN}


def test_an_empty_log_and_a_rare_type_teach_nothing() -> None:
    empty = np.array([], dtype=np.int64)
    assert learn(Log(empty, empty, empty.astype(np.float64)), 3).triggers == ()
    assert learn(Log(np.array([0, 1]), np.array([0, 0]), np.array([0.0, 1.0])), 2).triggers == ()


def test_a_real_set_is_learned_better_than_by_answering_every_pair() -> None:
    folder = shared("alarms/huawei-18v")
    if not folder.is_dir():
        pytest.skip(f"no alarms in {folder}")
    log, links, truth = read(folder)
    everything = scores(np.ones_like(truth), truth)[2]
    assert scores(learn(log, len(truth), links).matrix(len(truth)), truth)[2] > max(0.55, everything)
