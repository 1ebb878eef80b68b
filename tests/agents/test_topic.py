"""What a thread is about, so that "them" and "it" mean something."""

from agents.topic import remember


def test_what_a_call_names_is_the_topic() -> None:
    calls = [({"incident": "INC-2"}, {"incidents": ["INC-2", "INC-3"]})]
    assert remember({}, calls) == {"incident": "INC-2"}


def test_what_a_result_holds_alone_is_the_topic() -> None:
    calls = [({"zone": 3}, {"incidents": [{"reference": "INC-2", "title": "see INC-9"}]})]
    assert remember({"incident": "INC-1"}, calls) == {"incident": "INC-2", "zone": 3}


def test_of_several_none_is_the_one() -> None:
    found = {"incidents": [{"reference": "INC-2"}, {"reference": "INC-3"}]}
    assert remember({"incident": "INC-1"}, [({}, found)]) == {"incidents": ["INC-2", "INC-3"]}
    named = [({"incident": f"INC-{n}"}, {"state": "open"}) for n in (2, 3)]
    assert remember({"incident": "INC-1"}, named) == {"incidents": ["INC-2", "INC-3"]}


def test_what_a_round_does_not_touch_stays() -> None:
    assert remember({"incident": "INC-1"}, [({"device": "z3-olt-1"}, {"incidents": []})]) == {
        "incident": "INC-1",
        "device": "z3-olt-1",
    }


def test_a_reference_inside_of_words_is_nobodys_subject() -> None:
    assert remember({}, [({}, {"note": "call about INC-9"})]) == {}
