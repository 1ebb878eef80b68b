"""What subscribers ask about their line, step by step. Every fact said here comes from a tool's result."""

from collections.abc import Callable
from typing import Any

from agents.llm.flow import Ask, Dialogue, Flow, Reply, Steps, use
from agents.llm.phrasing import count, moment, sentence

CHECK = (
    "Please check that your box has power and its cable sits firmly, switch it off for a minute and on again, "
    "and wait five minutes."
)


def my_status(d: Dialogue) -> Steps:
    """Is it an outage we know of, the line, or the home? Said in that order."""
    found = yield from use("my_service_status")
    if not found.ok:
        return Reply(found.text)
    lines = found["lines"]
    if not lines:
        return Reply("I find no active line of yours. Say “person” and a colleague will look into it.")
    states = {line["state"]: line for line in lines}  # the worst one is what this is about
    worst = next(state for state in WORST_FIRST if state in states)
    return _SAID[worst](states[worst], d)


def _outage(line: dict[str, Any], d: Dialogue) -> Reply:
    """This outage: its cause in plain words, and when the next word comes."""
    outage = line["outage"]
    return Reply(
        sentence(
            f"I'm sorry: your line is down because of an outage we know of. The cause is {outage['cause']}, "
            f"since {moment(outage['since'], d.now)}.",
            _prospect(outage, d),
            "You need not do anything.",
            f"Our reference is {outage['reference']}.",
        )
    )


def _prospect(outage: dict[str, Any], d: Dialogue) -> str:
    """When it is back if a person has said so, else when the next word comes."""
    if outage["expected_repair_at"]:
        return f"We expect it back by {moment(outage['expected_repair_at'], d.now)}."
    unsure = "We can't say yet when it will be repaired"
    if outage["next_update_at"]:
        return f"{unsure}; you get the next word by {moment(outage['next_update_at'], d.now)}."
    return f"{unsure}."


def _restored(_: dict[str, Any], d: Dialogue) -> Reply:
    return Reply(
        "There was an outage on your line, and it is over. Please switch your box off and on again if it is not "
        "back by itself. If that does not help, shall I open a ticket?",
        _ticket(d),
    )


def _offline(line: dict[str, Any], d: Dialogue) -> Reply:
    heard = moment(line["last_heard_at"], d.now)
    last = f" We last heard from it at {heard}." if heard else ""
    return Reply(
        f"There is no known outage on your line, but your box is not online.{last} {CHECK} If that does not help, "
        "shall I open a ticket?",
        _ticket(d),
    )


def _suspended(_: dict[str, Any], d: Dialogue) -> Reply:
    ask = Ask("common/person", "yes_no", {"reason": f"Line suspended: {d.text[:200]}"})
    return Reply("Your line is suspended. A colleague can tell you why: shall I hand you over?", ask)


def _online(_: dict[str, Any], d: Dialogue) -> Reply:
    return Reply(
        "There is no known outage, and your box is online with us, so the trouble is likely between the box and "
        "your device. Please try it with a cable, or restart the box. If that does not help, shall I open a ticket?",
        _ticket(d),
    )


def _unknown(_: dict[str, Any], d: Dialogue) -> Reply:
    return Reply(f"I can't see your line right now. {CHECK} If that does not help, shall I open a ticket?", _ticket(d))


def _ticket(d: Dialogue, category: str = "no_service") -> Ask:
    return Ask("support/open_ticket", "yes_no", {"category": category, "description": d.text[:500]})


_SAID: dict[str, Callable[[dict[str, Any], Dialogue], Reply]] = {
    "outage": _outage,
    "suspended": _suspended,
    "offline": _offline,
    "restored": _restored,
    "unknown": _unknown,
    "online": _online,
}
WORST_FIRST = tuple(_SAID)


def slow(d: Dialogue) -> Steps:
    """Slow or dropping: an outage may explain it; else a ticket is offered."""
    found = yield from use("my_service_status")
    if not found.ok:
        return Reply(found.text)
    hit = [line for line in found["lines"] if line["outage"]]
    if hit:
        return _outage(hit[0], d)
    return Reply(
        "There is no known outage on your line. Please test once with a cable straight to the box: if it is "
        "slow there too, it is the line. Shall I open a ticket so that somebody measures it?",
        _ticket(d, "slow"),
    )


def my_tickets(d: Dialogue) -> Steps:
    """The subscriber's tickets, or the one that is named."""
    found = yield from use("my_tickets")
    if not found.ok:
        return Reply(found.text)
    tickets = found["tickets"]
    if d.slots.ticket:
        tickets = [each for each in tickets if each["reference"] == d.slots.ticket]
        if not tickets:
            return Reply(f"You have no open ticket {d.slots.ticket}.")
    if not tickets:
        return Reply("You have no open tickets.")
    lines = [
        f"• {each['reference']}: {each['subject']} ({each['state'].replace('_', ' ')}, opened "
        f"{moment(each['opened_at'], d.now)})"
        for each in tickets[:10]
    ]
    return Reply("\n".join([f"You have {count(len(tickets), 'open ticket')}:", *lines]))


def open_ticket(d: Dialogue) -> Reply | Steps:
    """Open a ticket: on a yes to our offer, or after asking what it is about."""
    if d.known.get("yes_no") is False:
        return Reply("All right, no ticket. What else can I do?")
    description = d.known.get("description") or d.known.get("text")
    if not description:
        return Reply("What is it about? Tell me in a sentence.", Ask("support/open_ticket", "text"))
    return _open(d.known.get("category", "other"), description)


def _open(category: str, description: str) -> Steps:
    found = yield from use("open_ticket", category=category, description=description)
    if not found.ok:
        return Reply(found.text)
    return Reply(f"Your ticket is {found['reference']}. You can ask me about it at any time.")


FLOWS: dict[str, Flow] = {
    "my_status": my_status,
    "when_fixed": my_status,
    "slow": slow,
    "my_tickets": my_tickets,
    "open_ticket": open_ticket,
}
