"""TCP syslog: both framings, cut anywhere, and messages without end."""

from hypothesis import given
from hypothesis import strategies as st

from forge.feeds.frames import Frames


def test_octet_counting_and_line_feeds_may_be_mixed() -> None:
    stream = b"7 <13>one<13>two\n9 <13>a\nb c<14>three\r\n"
    assert list(Frames().feed(stream)) == [b"<13>one", b"<13>two", b"<13>a\nb c", b"<14>three\r"]


def test_a_line_that_only_begins_with_a_number_is_a_line() -> None:
    assert list(Frames().feed(b"45: *Aug  4 10:29:44: %LINK\n")) == [b"45: *Aug  4 10:29:44: %LINK"]


def test_half_a_counted_message_is_known_to_be_half() -> None:
    frames = Frames()
    assert list(frames.feed(b"50 <13>only the begin")) == []
    assert frames.rest() == (b"<13>only the begin", True)


def test_a_last_line_needs_no_line_feed() -> None:
    frames = Frames()
    assert list(frames.feed(b"<13>last")) == []
    assert frames.rest() == (b"<13>last", False)


def test_a_message_past_the_limit_is_cut_and_the_next_one_is_whole() -> None:
    for stream in (b"<13>" + b"x" * 1_000_000 + b"\n<13>next\n", b"1000004 <13>" + b"x" * 1_000_000 + b"<13>next\n"):
        frames = Frames(limit=1_000)
        messages = [m for start in range(0, len(stream), 4_096) for m in frames.feed(stream[start : start + 4_096])]
        assert [len(message) for message in messages] == [1_000, 8]
        assert messages[1] == b"<13>next"
        assert frames.cut == 1


@given(
    messages=st.lists(st.tuples(st.text("abc 123<>", min_size=1, max_size=30), st.booleans()), min_size=1, max_size=8),
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=5),
)
def test_wherever_the_stream_is_cut_the_messages_are_the_same(
    messages: list[tuple[str, bool]], sizes: list[int]
) -> None:
    wanted = [b"<13>" + text.encode() for text, _ in messages]
    stream = b"".join(
        b"%d %s" % (len(data), data) if counted else data + b"\n"
        for data, (_, counted) in zip(wanted, messages, strict=True)
    )
    frames, got, at, turn = Frames(), [], 0, 0
    while at < len(stream):
        size = sizes[turn % len(sizes)]
        got += list(frames.feed(stream[at : at + size]))
        at, turn = at + size, turn + 1
    assert got == wanted


@given(st.lists(st.binary(max_size=100), max_size=10))
def test_no_bytes_make_it_raise_or_lose_its_place(chunks: list[bytes]) -> None:
    frames = Frames(limit=50)
    for chunk in chunks:
        assert all(len(message) <= 50 for message in frames.feed(chunk))
    frames.rest()
