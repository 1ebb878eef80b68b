"""Whose address is whose, and who is next to whom, from words about neighbours alone."""

import random
from ipaddress import IPv4Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cortex.adjacency.ends import others_of, plain
from cortex.adjacency.learner import Heard, Learner
from cortex.adjacency.sides import Side, side_of
from cortex.adjacency.timing import hints, owners_by_timing


def learned(*heard: tuple[str, str]) -> Learner:
    learner = Learner()
    learner.learn(Heard(device, peer, float(n)) for n, (device, peer) in enumerate(heard))
    return learner


def test_the_two_addresses_of_a_pair_are_each_others_other_end() -> None:
    assert others_of("10.0.0.0")[0] == ("10.0.0.1", "10.0.0.0/31")
    assert [other.prefix for other in others_of("10.0.0.1")] == ["10.0.0.0/31", "10.0.0.0/30"]
    assert others_of("2001:db8::a")[0] == ("2001:db8::b", "2001:db8::a/127")
    assert others_of("fe80::1%Te0/0/0/1") == others_of("r7") == ()
    assert plain("2001:0DB8:0::1") == "2001:db8::1"


@given(st.integers(4, 2**32 - 1))
def test_the_other_end_of_the_other_end_is_this_one(number: int) -> None:
    address = str(IPv4Address(number))
    if IPv4Address(number).is_link_local:
        return
    assert address in {back.address for other in others_of(address) for back in others_of(other.address)}


def test_who_names_the_address_at_the_other_end_holds_this_one() -> None:
    learner = learned(("leaf1", "10.0.0.0"), ("spine1", "10.0.0.1"))
    assert learner.owner("10.0.0.0") == "spine1"
    assert learner.owner("10.0.0.1") == "leaf1"


def test_one_end_alone_says_nothing_of_the_owner() -> None:
    assert learned(("leaf1", "10.0.0.0")).owner("10.0.0.0") is None


def test_links_numbered_in_fours_are_understood_until_pairs_are_seen_around() -> None:
    assert learned(("a", "10.0.0.1"), ("b", "10.0.0.2")).owner("10.0.0.1") == "b"
    assert learned(("a", "10.0.0.1"), ("b", "10.0.0.2"), ("c", "10.0.0.4")).owner("10.0.0.1") is None


def test_an_address_claimed_by_two_devices_is_nobodys() -> None:
    assert learned(("a", "10.0.0.0"), ("b", "10.0.0.1"), ("c", "10.0.0.1")).owner("10.0.0.0") is None


def test_in_a_mesh_the_address_that_one_device_never_names_is_its_own() -> None:
    loopback = {name: f"10.255.0.{n}" for n, name in enumerate("abcd", 1)}
    learner = learned(*((x, loopback[y]) for x in "abcd" for y in "abcd" if x != y))
    assert {learner.owner(address) for address in loopback.values()} == set("abcd")
    assert all(learner.owner(loopback[name]) == name for name in "abcd")


def test_a_name_is_a_device() -> None:
    assert learned(("a", "b"), ("b", "a")).owner("b") == "b"


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_words_does_not_matter(rng: random.Random) -> None:
    words = [("leaf1", "10.0.0.0"), ("spine1", "10.0.0.1"), ("leaf1", "10.0.1.0"), ("spine2", "10.0.1.1"), ("x", "y")]
    rng.shuffle(words)
    learner = learned(*words)
    owners = [learner.owner(a) for a in ("10.0.0.0", "10.0.0.1", "10.0.1.0", "10.0.1.1")]
    assert owners == ["spine1", "leaf1", "spine2", "leaf1"]


def test_a_route_reflectors_address_is_found_by_who_speaks_when_it_is_lost() -> None:
    heard = []
    for loss in range(4):
        at = 1000.0 * loss
        heard += [Heard(f"client{n}", "10.255.0.9", at + 0.1 * n) for n in range(4)]
        heard += [Heard("reflector", f"10.255.0.{n}", at) for n in range(4)]
        heard.append(Heard("bystander", "10.9.9.9", at + 300))
    learner = Learner()
    learner.learn(heard)
    assert owners_by_timing(learner, heard)["10.255.0.9"] == "reflector"


def test_devices_that_keep_speaking_together_are_hinted_at_and_others_are_not() -> None:
    rng = random.Random(3)
    together = [(device, 600.0 * n) for n in range(30) for device in ("a", "b")]
    others = [(device, rng.uniform(0, 18_000)) for device in ("c", "d", "e", "f") for _ in range(30)]
    assert [(hint.a, hint.z) for hint in hints(together + others)] == [("a", "b")]


def test_without_any_relation_hints_are_as_rare_as_promised() -> None:
    rng = random.Random(4)
    runs = [[(f"r{d}", rng.uniform(0, 30_000)) for d in range(12) for _ in range(40)] for _ in range(40)]
    assert sum(1 for run in runs if hints(run)) <= 2


@pytest.mark.parametrize(
    ("reason", "side"),
    [
        ("User clear requested (CEASE notification sent - administrative reset)", Side.NEAR),
        ("Shutdown during SEVERE low memory condition (CEASE notification sent - out of resource)", Side.NEAR),
        ("BGP Notification received, administrative reset", Side.FAR),
        ("Peer closing down the session", Side.FAR),
        ("BGP Notification sent, hold time expired", Side.SILENT),
        ("BGP Notification received, hold time expired", Side.UNSAID),
        ("BGP Notification sent, maximum number of prefixes reached", Side.FAR),
        ("Interface flap", Side.LINK),
        ("Neighbor Down: dead timer expired", Side.SILENT),
        ("RecvNotify", Side.FAR),
        ("", Side.UNSAID),
    ],
)
def test_whom_a_reason_blames(reason: str, side: Side) -> None:
    assert side_of(reason) == side
