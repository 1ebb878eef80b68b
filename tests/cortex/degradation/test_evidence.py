"""Evidence names what raised the risk, with its numbers, and drift what has moved."""

import numpy as np
import pytest

from cortex.degradation.drift import calibration, shifts
from cortex.degradation.evidence import PARTS, middle, reasons
from cortex.degradation.features import NAMES
from cortex.degradation.training import Sheet
from cortex.trees import Trees


def test_the_riskiest_rows_have_reasons_and_the_usual_row_has_none(learnt: tuple[Trees, Sheet, Sheet]) -> None:
    model, sheet, _ = learnt
    usual = middle(sheet.table)
    assert reasons(model, usual, usual) == []
    worst = sheet.table[np.argmax(model.probabilities(sheet.table))]
    named = reasons(model, worst, usual)
    assert named
    assert [each.weight for each in named] == sorted((each.weight for each in named), reverse=True)
    assert all("nan" not in each.words for each in named)


def test_evidence_is_about_what_was_done_to_the_row(learnt: tuple[Trees, Sheet, Sheet]) -> None:
    model, sheet, _ = learnt
    usual = middle(sheet.table)
    row = usual.copy()
    changed = {"level_dips": 9.0, "level_deepest": 3.0, "level_unrest": 1.2}
    for name, value in changed.items():
        row[NAMES.index(name)] = value
    about = {each.about for each in reasons(model, row, usual)}
    assert about <= {"level dips", "level unrest"}


def test_every_feature_is_part_of_the_evidence() -> None:
    assert sorted(name for _, names, _ in PARTS for name in names) == sorted(NAMES)


def test_the_world_a_model_learnt_from_has_not_moved(learnt: tuple[Trees, Sheet, Sheet]) -> None:
    model, sheet, _ = learnt
    assert not any(each.has_moved for each in shifts(model, sheet.table))


def test_a_feature_that_moves_is_named_and_no_other(learnt: tuple[Trees, Sheet, Sheet]) -> None:
    model, sheet, _ = learnt
    table = sheet.table.copy()
    table[:, NAMES.index("level_now")] -= 3
    moved = [each for each in shifts(model, table) if each.has_moved]
    assert [each.name for each in moved] == ["level_now"]
    assert moved[0].ks > 0.4


def test_a_feature_that_goes_missing_has_moved(learnt: tuple[Trees, Sheet, Sheet]) -> None:
    model, sheet, _ = learnt
    table = sheet.table.copy()
    table[:, NAMES.index("level_now")] = np.nan
    assert [each.name for each in shifts(model, table) if each.has_moved] == ["level_now"]


def test_matured_predictions_are_counted() -> None:
    found = calibration(np.array([0.5, 0.5, 0.1, 0.9]), np.array([True, False, False, True]))
    assert found[:3] == (4, 2, 2.0)
    assert found.brier == pytest.approx((0.25 + 0.25 + 0.01 + 0.01) / 4)
