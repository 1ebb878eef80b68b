"""What every agent says to greetings and thanks, what it can do, and how it hands over to a person."""

from typing import Any

from agents.llm.flow import Ask, Dialogue, Flow, Reply, Steps, use
from agents.llm.phrasing import listed

HAND_OVER = "hand_over_to_person"
CAN = {
    "support": (
        "check your line and any outage on it",
        "show your tickets",
        "open a ticket",
        "show your bill",
    ),
    "billing": ("show your bill", "check your line", "show your tickets", "open a ticket"),
    "noc": (
        "say what is down and who is affected",
        "explain an incident's cause",
        "show a device's state",
        "run diagnostics",
        "acknowledge an incident",
        "notify the affected subscribers",
        "create and assign work orders",
        "record a repair",
    ),
}
CAN["dispatcher"] = CAN["noc"]
EXAMPLE = {
    "support": "“is there an outage at my place?”",
    "billing": "“how much do I owe?”",
    "noc": "“what is down in zone 3 and who is affected?”",
    "dispatcher": "“create a work order for INC-12”",
}


def greeting(d: Dialogue) -> Reply:
    """A hello, and what to say next."""
    if d.role == "subscriber":
        return Reply("Hello. What can I do for you? I can check your line, your tickets and your bill.")
    return Reply("Hello. Ask me what is down, or tell me what to do about it.")


def thanks(_: Dialogue) -> Reply:
    """You're welcome."""
    return Reply("You're welcome.")


def goodbye(_: Dialogue) -> Reply:
    """Goodbye."""
    return Reply("Goodbye.")


def can_do(d: Dialogue) -> Reply:
    """What this assistant is and can do."""
    who = "noc" if d.role != "subscriber" else "support"
    return Reply(f"I am an automatic assistant. I can {listed(CAN[who])}, or hand you over to a person.")


def person(d: Dialogue) -> Reply | Steps:
    """Hand over, at once when asked outright; after a question only on a yes."""
    if d.known.get("yes_no") is False:
        return Reply("All right. What else can I do?")
    return _hand_over(d)


def _hand_over(d: Dialogue) -> Steps:
    if HAND_OVER not in d.tools:
        return Reply("I can't hand this conversation over from here. Please call the desk.")
    found = yield from use(HAND_OVER, reason=d.known.get("reason") or d.text[:300])
    if not found.ok:
        return Reply(found.text)
    return Reply("I have handed this conversation to a colleague. They will answer you here.")


def affirm(_: Dialogue) -> Reply:
    """A yes to nothing that was asked."""
    return Reply("I had not asked anything. What would you like me to do?")


def deny(_: Dialogue) -> Reply:
    """A no to nothing that was asked."""
    return Reply("All right, I do nothing. What else can I do?")


def not_understood(d: Dialogue, agent: str, misses: int) -> Reply:
    """Say so, say what would be understood, and, the second time, offer a person."""
    text = f"I did not understand that. I can {listed(CAN[agent])}. For example: {EXAMPLE[agent]}"
    if misses < 2:
        return Reply(f"{text} If you would rather talk to a person, say “person”.")
    ask = Ask("common/person", "yes_no", {"reason": f"Not understood: {d.text[:200]}"})
    return Reply("I still don't understand, sorry. Shall I hand you over to a person?", ask)


def not_offered(d: Dialogue, agent: str) -> Reply:
    """What was asked for is not this person's, or not there."""
    return Reply(
        f"I understood you, but I can't do that for you here. I can {listed(CAN[agent])}, as far as your role "
        f"({d.role}) may. If you need it done, say “person”."
    )


def happened(text: str, data: dict[str, Any]) -> Reply:
    """An outcome that this thread waited for; of an effect on many, how many and by which channel."""
    result = data.get("result") or {}
    channels = result.get("channels") if data.get("kind") == "action.done" else None
    by = [f"{sent:,} by {channel}" for channel, sent in sorted((channels or {}).items())]
    return Reply(f"{text.rstrip('.')}" + (f": {listed(by)}." if by else "."))


FLOWS: dict[str, Flow] = {
    "greeting": greeting,
    "thanks": thanks,
    "goodbye": goodbye,
    "help": can_do,
    "person": person,
    "affirm": affirm,
    "deny": deny,
}
