"""What a thread is about, so that "them", "it" and "that one" mean something.

Kept by the tool node from typed calls and results, whichever model made the calls: the incident, zone,
device, work order and ticket last talked about.
"""

import re
from typing import Any

REFERENCE = re.compile(r"^(INC|WO|TT)-\d+$")
KINDS = {"INC": "incident", "WO": "work_order", "TT": "ticket"}
PLAIN = ("zone", "device")


def remember(topic: dict[str, Any], calls: list[tuple[dict[str, Any], dict[str, Any]]]) -> dict[str, Any]:
    """The topic after one round of calls, each with its result: what their arguments name, else what their
    results hold.

    Where there are several of a kind, none is *the* one: `<kind>s` lists them and the single one goes.
    """
    named = references([arguments for arguments, _ in calls])
    found = references([result for _, result in calls])
    new = dict(topic)
    for kind in KINDS.values():
        _settle(new, kind, named.get(kind) or found.get(kind) or [])
    for name in PLAIN:
        values = {arguments[name] for arguments, _ in calls if arguments.get(name) is not None}
        if len(values) == 1:
            new[name] = values.pop()
    return new


def _settle(topic: dict[str, Any], kind: str, references: list[str]) -> None:
    if len(references) == 1:
        topic[kind] = references[0]
        topic.pop(f"{kind}s", None)
    elif references:
        topic.pop(kind, None)
        topic[f"{kind}s"] = references[:20]


def references(value: Any) -> dict[str, list[str]]:
    """References by kind, in order of appearance, from values that are a reference and nothing else: a text
    that mentions one is somebody's words, not a subject."""
    found: dict[str, list[str]] = {}
    _collect(value, found)
    return found


def _collect(value: Any, found: dict[str, list[str]]) -> None:
    if isinstance(value, dict):
        for item in value.values():
            _collect(item, found)
    elif isinstance(value, list):
        for item in value:
            _collect(item, found)
    elif isinstance(value, str) and (match := REFERENCE.match(value)):
        kind = found.setdefault(KINDS[match[1]], [])
        if value not in kind:
            kind.append(value)
