"""The embedded understanding: how often it is right on what it has never seen, and what it takes from a text."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agents.llm.catalogue import FLOWS
from agents.llm.nlu import AUDIENCES, Nlu, load_nlu, read_utterances
from agents.llm.words import slots_of
from tests.conftest import HOME

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HELD_OUT = yaml.safe_load((Path(__file__).parent / "held_out.yaml").read_text())
#: Of what has a meaning, so much is understood; of what has none, so much is left alone.
UNDERSTOOD, LEFT_ALONE, MISLED = 0.85, 0.8, 0.05


@pytest.fixture(scope="module")
def nlu() -> Nlu:
    return load_nlu(HOME / "models")


def held_out() -> Iterator[tuple[str, str, str | None]]:
    for audience, examples in HELD_OUT.items():
        for text, label in examples:
            yield ("noc" if audience == "staff" else audience), text, label


def test_accuracy_on_what_was_never_seen(nlu: Nlu, capsys: pytest.CaptureFixture[str]) -> None:
    right, meant, alone, nothing, wrong = 0, 0, 0, 0, []
    for role, text, label in held_out():
        found = nlu.understand(text, role)
        said = f"{found.agent}/{found.intent}" if found.is_clear else None
        if label is None:
            nothing, alone = nothing + 1, alone + (said is None)
        else:
            meant, right = meant + 1, right + (said == label)
        if said is not None and said != label:
            wrong.append(f"{text!r}: {said}, not {label}")
    with capsys.disabled():
        print(f"\nunderstood {right}/{meant}, left alone {alone}/{nothing}, misled {len(wrong)}: {wrong}")
    assert right / meant >= UNDERSTOOD
    assert alone / nothing >= LEFT_ALONE
    assert len(wrong) / (meant + nothing) <= MISLED


def test_no_held_out_text_was_learnt() -> None:
    learnt = {text for audience in AUDIENCES for _, text in read_utterances(audience)}
    assert not [text for _, text, _ in held_out() if text in learnt]


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_intent_has_enough_examples_and_a_flow(audience: str) -> None:
    labels = [label for label, _ in read_utterances(audience)]
    assert set(labels) - {"common/out_of_scope"} <= set(FLOWS)
    assert min(labels.count(label) for label in set(labels)) >= 25


def test_what_was_trained_once_is_read_back_the_same(tmp_path: Path) -> None:
    load_nlu.cache_clear()
    trained = load_nlu(tmp_path).understand("what is down in zone 3", "noc")
    load_nlu.cache_clear()
    read = load_nlu(tmp_path).understand("what is down in zone 3", "noc")
    assert len(list(tmp_path.iterdir())) == len(AUDIENCES)
    assert read.intent == trained.intent and read.probability == pytest.approx(trained.probability)


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("what is down in zone 3", {"zone": 3}),
        ("anything in zone twelve?", {"zone": 12}),
        ("ack INC-12", {"incident": "INC-12"}),
        ("acknowledge incident number 7", {"incident": "INC-7"}),
        ("what about ticket 45", {"ticket": "TT-45"}),
        ("assign Maria Klein to WO-3", {"work_order": "WO-3", "technician": "Maria Klein"}),
        ("give work order 2 to Sabine Koch", {"work_order": "WO-2", "technician": "Sabine Koch"}),
        ("state of z3-olt-1?", {"device": "z3-olt-1"}),
        ("is core-frankfurt-1 up", {"device": "core-frankfurt-1"}),
        ("we need a splicer at INC-9", {"incident": "INC-9", "skill": "fibre_splicing"}),
        ("repair expected at 14:30", {"at": datetime(2026, 3, 2, 14, 30, tzinfo=UTC)}),
        ("fixed by 3 pm", {"at": datetime(2026, 3, 2, 15, 0, tzinfo=UTC)}),
        ("at 8:00", {"at": datetime(2026, 3, 3, 8, 0, tzinfo=UTC)}),  # eight has passed today
        ("done in about 2 hours", {"at": datetime(2026, 3, 2, 11, 0, tzinfo=UTC)}),
        ("yes please", {"yes": True}),
        ("no thanks", {"yes": False}),
        ("no internet since noon", {}),
        ("send a technician to it", {}),
        ("the e-mail does not re-open", {}),
    ],
)
def test_slots(text: str, slots: dict[str, Any]) -> None:
    found = slots_of(text, NOW)
    assert {name: getattr(found, name) for name in found.__slots__ if getattr(found, name) is not None} == slots


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    slots_of(text, NOW)


@given(st.text(max_size=300))
def test_any_text_can_be_weighed(text: str) -> None:
    found = load_nlu(HOME / "models").understand(text, "subscriber")
    assert 0 <= found.probability <= 1
