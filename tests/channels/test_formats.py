"""What each channel makes of a text: plain, short enough, and nothing in it that the channel would act on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import OutboundMessage, Undeliverable, fit
from channels.registry import FORMATS

BY_NAME = {each.name: each for each in FORMATS}
ADDRESS = dict.fromkeys(BY_NAME, "+447700900123") | {"email": "mary@example.com", "webchat": "thread-1"}


def shaped(channel: str, text: str, subject: str = "") -> str:
    return BY_NAME[channel].apply(OutboundMessage("key", ADDRESS[channel], text, subject))


def test_sms_is_one_paragraph_of_characters_that_cost_one_each() -> None:
    assert shaped("sms", "Your line is down –\nit’s a “cut” fibre…") == 'Your line is down - it\'s a "cut" fibre...'


def test_whatsapp_reads_no_formatting_into_a_name() -> None:
    assert shaped("whatsapp", "Dear *Mary*") == "Dear ∗Mary∗"


def test_a_line_break_in_an_email_subject_is_no_second_header() -> None:
    text = shaped("email", "Hello.", subject="Outage\nBcc: everyone@example.com")
    assert text.splitlines()[0] == "Subject: Outage Bcc: everyone@example.com"
    assert text.split("\n\n", 1)[1] == "Hello."


def test_voice_spells_references_and_reads_no_addresses_of_pages() -> None:
    assert shaped("voice", "INC-12: see https://isp.example/status") == "I N C 1 2: see our web site"


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("sms", "07700 900123"),
        ("whatsapp", "+0123456789"),
        ("voice", ""),
        ("email", "mary"),
        ("email", "mary@example.com\nBcc: x@y.zz"),
        ("webchat", ""),
    ],
)
def test_an_address_out_of_reach_is_said_to_be(channel: str, address: str) -> None:
    with pytest.raises(Undeliverable, match=channel):
        BY_NAME[channel].apply(OutboundMessage("key", address, "hello"))


@given(st.sampled_from(sorted(BY_NAME)), st.text(max_size=6_000), st.text(max_size=300))
def test_no_text_is_too_long_or_holds_control_characters(channel: str, text: str, subject: str) -> None:
    made = shaped(channel, text, subject)
    assert len(made) <= BY_NAME[channel].max_length
    assert all(each == "\n" or each.isprintable() for each in made)


@given(st.text(), st.integers(2, 50))
def test_cutting_keeps_the_beginning(text: str, limit: int) -> None:
    cut = fit(text, limit)
    assert cut == text if len(text) <= limit else text.startswith(cut.removesuffix("…"))
