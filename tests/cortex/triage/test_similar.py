"""Past incidents like one: the same alarms at the same kind of cause first, with what fixed them."""

from cortex.triage.similar import Case, similar

CUT = Case("INC-9", "fibre:F-1", "fibre", "", 3, 400, "Feeder cable cut", {"pon-loss-of-signal": 8})
PAST = [
    Case("INC-1", "fibre:F-1", "fibre", "", 3, 380, "Feeder cable cut", {"pon-loss-of-signal": 8}, "Spliced.", 200.0),
    Case("INC-2", "fibre:F-7", "fibre", "", 8, 350, "Feeder cable cut", {"pon-loss-of-signal": 6}, "Pulled in.", 300.0),
    Case("INC-3", "node:s1", "splitter", "", 3, 30, "Mains outage", {"ont-dying-gasp": 30}, "Came back.", 60.0),
    Case("INC-4", "node:radius", "radius", "", None, 9000, "RADIUS rejects", {"authentication-rejects": 3}),
]


def test_the_likest_comes_first_with_what_fixed_it() -> None:
    found = similar(CUT, [*PAST, CUT])
    assert [each.reference for each in found] == ["INC-1", "INC-2"]
    assert found[0].resolution == "Spliced."
    assert found[0].minutes == 200
    assert any("same element" in reason for reason in found[0].reasons)


def test_of_equals_the_one_that_teaches_something_comes_first() -> None:
    silent = Case("INC-8", "fibre:F-1", "fibre", "", 3, 380, "Feeder cable cut", {"pon-loss-of-signal": 8})
    assert [each.reference for each in similar(CUT, [silent, PAST[0]])] == ["INC-1", "INC-8"]


def test_forty_alarms_of_a_kind_are_not_forty_times_one() -> None:
    one, many = (Case("INC-5", "node:x", "ont", "", 1, n, "x", {"ont-dying-gasp": n}) for n in (20, 40))
    assert similar(one, [Case("INC-6", "node:y", "ont", "", 1, 40, "x", dict(many.alarms), "Waited.")])


def test_an_incident_of_which_nothing_is_known_is_like_none() -> None:
    assert similar(Case("INC-7", "", "", "", None, 0, ""), PAST) == []
