"""Where words and documents differ."""

from cortex.adjacency.gaps import DocumentedLink, Gap, GapKind, gaps_of
from cortex.adjacency.learner import Heard
from cortex.adjacency.timing import Hint

#: A square of routers, a-b-c-d-a and a-c, every link numbered and spoken of at both ends.
LINKS = [
    DocumentedLink("L-1", "a", "b", "te1", "te1", "10.0.0.0", "10.0.0.1"),
    DocumentedLink("L-2", "b", "c", "te2", "te1", "10.0.0.2", "10.0.0.3"),
    DocumentedLink("L-3", "c", "d", "te2", "te1", "10.0.0.4", "10.0.0.5"),
    DocumentedLink("L-4", "d", "a", "te2", "te2", "10.0.0.6", "10.0.0.7"),
    DocumentedLink("L-5", "a", "c", "te3", "te3", "10.0.0.8", "10.0.0.9"),
    DocumentedLink("L-6", "b", "d", "te3", "te3", "10.0.0.10", "10.0.0.11"),
    DocumentedLink("L-7", "a", "c", "te4", "te4", "10.0.0.12", "10.0.0.13"),
]
LOOPBACKS = {f"10.255.0.{n}": name for n, name in enumerate("abcd", 1)}
ADDRESSES = LOOPBACKS | {
    str(address): end for link in LINKS for address, end in ((link.a_address, link.a), (link.z_address, link.z))
}


def words(*links: DocumentedLink) -> list[Heard]:
    """Both ends of these links speak of each other, often enough."""
    heard = []
    for link in links:
        heard.append(Heard(link.a, str(link.z_address), 100.0, "bgp-peer-down", times=3, until=200.0))
        heard.append(Heard(link.z, str(link.a_address), 100.0, "bgp-peer-down", times=3, until=200.0))
    return heard


def found(heard: list[Heard], links: list[DocumentedLink] = LINKS, hints: tuple[Hint, ...] = ()) -> list[Gap]:
    addresses = {
        a: d for a, d in ADDRESSES.items() if a in LOOPBACKS or any(a in (x.a_address, x.z_address) for x in links)
    }
    return gaps_of(heard, links, addresses, set("abcd"), hints)


def test_where_both_agree_there_is_no_gap() -> None:
    assert found(words(*LINKS)) == []


def test_a_link_nobody_documented() -> None:
    (gap,) = found(words(*LINKS), [link for link in LINKS if link.name != "L-6"])
    assert (gap.kind, gap.a, gap.z, gap.messages, gap.confidence) == (GapKind.NO_LINK, "b", "d", 6, 0.95)
    assert gap.sentence == "b and d speak as neighbours over 10.0.0.10/31; no link between them is documented"
    assert (gap.first, gap.last) == (100.0, 200.0)


def test_two_loopbacks_with_a_session_are_no_link() -> None:
    session = [Heard("b", "10.255.0.4", 1.0, times=9), Heard("d", "10.255.0.2", 1.0, times=9)]
    assert found(session, [link for link in LINKS if link.name != "L-6"]) == []


def test_a_router_id_on_an_interface_is_a_link() -> None:
    ospf = [Heard("b", "10.255.0.4", 1.0, "ospf-adjacency-down", "te9", times=4)]
    (gap,) = found(ospf, [link for link in LINKS if link.name != "L-6"])
    assert (gap.kind, gap.a, gap.z, gap.confidence) == (GapKind.NO_LINK, "b", "d", 0.8)


def test_one_word_is_not_enough() -> None:
    assert found([Heard("b", "10.255.0.4", 1.0, "ospf-adjacency-down", "te9", times=3)], LINKS[:1]) == []


def test_an_address_on_the_wrong_device() -> None:
    swapped = [link._replace(z="d") if link.name == "L-2" else link for link in LINKS]
    heard = words(*LINKS, LINKS[1])
    gaps = gaps_of(heard, swapped, ADDRESSES | {"10.0.0.3": "d"}, set("abcd"))
    wrong = next(gap for gap in gaps if gap.kind == GapKind.WRONG_END)
    assert wrong.sentence == "10.0.0.3 of link L-2 is documented on d; by the messages c holds it"


def test_a_link_nobody_ever_spoke_of() -> None:
    (gap,) = found(words(*(link for link in LINKS if link.name != "L-7")))
    assert (gap.kind, gap.a, gap.z) == (GapKind.NEVER_HEARD, "a", "c")
    assert "while a of 3 others and c of 3 others spoke" in gap.sentence
    assert found(words(*LINKS[:2])) == []  # with so little heard, silence says nothing


def test_a_neighbour_that_nobody_documented() -> None:
    (gap,) = found([Heard("a", "r9", 1.0, "isis-adjacency-down", "te8", times=5)])
    assert (gap.kind, gap.a, gap.z) == (GapKind.NO_DEVICE, "a", "r9")


def test_hints_are_said_of_strangers_only() -> None:
    hints = (Hint("x", "y", 9, 0.5, 1e-6), Hint("a", "y", 9, 0.5, 1e-6))
    (gap,) = found([], hints=hints)
    assert (gap.kind, gap.a, gap.z, gap.confidence) == (GapKind.RELATED, "x", "y", 0.2)
