"""What is said, from how it was typed: plain words for the classifier, and the slots it names.

A slot is taken only where the text says it outright; nothing is guessed.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rapidfuzz import fuzz, process

NUMBER_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
NUMBER_WORDS += ["eleven", "twelve"]
REFERENCES = {
    "incident": re.compile(r"\b(?:inc(?:ident)?)(?:\s+(?:number|no\.?))?[\s#:-]*(\d{1,9})\b", re.I),
    "ticket": re.compile(r"\b(?:tt|ticket)(?:\s+(?:number|no\.?))?[\s#:-]*(\d{1,9})\b", re.I),
    "work_order": re.compile(r"\b(?:wo|work\s*order|job)(?:\s+(?:number|no\.?))?[\s#:-]*(\d{1,9})\b", re.I),
}
PREFIX = {"incident": "INC", "ticket": "TT", "work_order": "WO"}
ZONE = re.compile(rf"\bzone\s*(?:number|no\.?)?\s*#?\s*(\d{{1,4}}|{'|'.join(NUMBER_WORDS)})\b", re.I)
DEVICE = re.compile(r"\b(?=[\w.-]*[A-Za-z])(?=[\w.-]*\d)[A-Za-z]\w*(?:[-.]\w+)+\b")
NAMED_DEVICE = re.compile(r"\b(?:device|router|switch|node|olt|cmts|bng|tower)\s+([A-Za-z]\w*(?:[-.]\w+)*)", re.I)
YES = re.compile(
    r"^\W*(?:yes|yeah|yep|yup|sure|ok(?:ay)?|please do|do it|go ahead|of course|please|right|correct|y)\b", re.I
)
NO = re.compile(
    r"^\W*(?:no(?! (?:internet|connection|signal|wifi|service))|nope|nah|not now|don'?t|never mind|cancel|n)\b", re.I
)
CLOCK = re.compile(r"\b(?:at|by|until|around|for)\s+(\d{1,2})(?::(\d{2}))?\s*(am|pm)?(?:\s*utc)?\b", re.I)
SPAN = re.compile(r"\bin\s+(?:about\s+)?(\d{1,3}|an?|half an?)\s*(minutes?|mins?|hours?|hrs?|h|m)\b", re.I)
SKILLS = {
    "fibre_splicing": ("splice", "splicing", "splicer", "fibre splicing", "fiber splicing", "fibre", "fiber"),
    "pon": ("pon", "ont", "olt"),
    "coax": ("coax", "docsis", "cable modem"),
    "power": ("power crew", "generator", "electrician"),
    "radio": ("radio", "wireless", "tower", "antenna"),
    "premises": ("premises", "in-house", "inside the house", "home visit"),
}
TECHNICIAN = re.compile(r"\b(?:assign|send|give|dispatch|put)\s+(.+?)\s+(?:to|on|onto)\b", re.I)
GIVEN_TO = re.compile(r"\b(?:assign|give)\b.*?\bto\s+([^\d,.!?]+?)[\s.!?]*$", re.I)
NOBODY = re.compile(r"\b(?:the|a|an|it|this|technician|someone|somebody|crew|wo|work|order|job|inc)\b", re.I)


@dataclass(frozen=True, slots=True)
class Slots:
    """What a text names. References are as people are answered: INC-12, TT-3, WO-7."""

    zone: int | None = None
    incident: str | None = None
    ticket: str | None = None
    work_order: str | None = None
    device: str | None = None
    technician: str | None = None
    skill: str | None = None
    at: datetime | None = None
    yes: bool | None = None


def plain(text: str) -> str:
    """Lower-case words with names and numbers levelled: INC-12 and INC-99 are the same to a classifier."""
    words = text[:2_000].replace("’", "'")
    for kind, pattern in REFERENCES.items():
        words = pattern.sub(f" {kind}ref ", words)
    words = ZONE.sub(" zoneref ", words)
    words = DEVICE.sub(" deviceref ", words)
    return re.sub(r"\s+", " ", re.sub(r"\d+", "0", words.lower())).strip()


def slots_of(text: str, now: datetime) -> Slots:
    """The slots a text names; `now` is what "in two hours" counts from."""
    text = text[:2_000].replace("’", "'")
    found = {kind: _reference(kind, text) for kind in REFERENCES}
    return Slots(
        zone=_zone(text),
        **found,
        device=_device(text),
        technician=_technician(text),
        skill=_skill(text),
        at=_time(text, now),
        yes=True if YES.search(text) else False if NO.search(text) else None,
    )


def _reference(kind: str, text: str) -> str | None:
    match = REFERENCES[kind].search(text)
    return f"{PREFIX[kind]}-{int(match[1])}" if match else None


def _zone(text: str) -> int | None:
    match = ZONE.search(text)
    if not match:
        return None
    word = match[1].lower()
    return int(word) if word.isdigit() else NUMBER_WORDS.index(word)


def _device(text: str) -> str | None:
    for match in DEVICE.finditer(text):
        if not re.match(r"(?:inc|tt|wo|zone)[-.]?\d+$", match[0], re.I):
            return match[0]
    named = NAMED_DEVICE.search(text)
    return named[1] if named and any(letter.isdigit() for letter in named[1]) else None


def _technician(text: str) -> str | None:
    for pattern in (TECHNICIAN, GIVEN_TO):
        match = pattern.search(text)
        if match and not NOBODY.search(match[1]):
            return match[1].strip()
    return None


def _skill(text: str) -> str | None:
    """The skill whose words come closest, typing errors forgiven."""
    terms = {term: skill for skill, terms in SKILLS.items() for term in terms}
    words = text.lower().split()
    grams = [" ".join(words[i : i + n]).strip(".,!?") for n in (1, 2) for i in range(len(words) - n + 1)]
    best = [process.extractOne(gram, list(terms), scorer=fuzz.ratio, score_cutoff=88) for gram in grams]
    hits = [hit for hit in best if hit]
    return None if not hits else terms[max(hits, key=lambda hit: (hit[1], len(hit[0])))[0]]


def _time(text: str, now: datetime) -> datetime | None:
    """A time named outright, in UTC; one that has passed today is tomorrow's."""
    if match := SPAN.search(text):
        return now + _span(match[1].lower(), match[2].lower())
    match = CLOCK.search(text)
    if not match or not (match[2] or match[3]):
        return None
    hour = int(match[1])
    if match[3]:
        hour = hour % 12 + (12 if match[3].lower() == "pm" else 0)
    if hour > 23 or int(match[2] or 0) > 59:
        return None
    at = now.astimezone(UTC).replace(hour=hour, minute=int(match[2] or 0), second=0, microsecond=0)
    return at if at > now else at + timedelta(days=1)


def _span(amount: str, unit: str) -> timedelta:
    number = 0.5 if amount.startswith("half") else 1.0 if amount.startswith("a") else float(amount)
    return timedelta(hours=number) if unit.startswith("h") else timedelta(minutes=number)
