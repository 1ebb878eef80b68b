"""Field work, step by step: work orders, who goes, and what the crew reports."""

import re
from datetime import datetime

from agents.llm.flow import Ask, Dialogue, Flow, Found, Reply, Steps, use
from agents.llm.phrasing import moment, sentence

#: Words by which a crew says that it has finished.
DONE = re.compile(r"\b(?:done|finished|repaired|spliced|fixed|complete[d]?)\b(?!.*\b(?:not|soon|will|if)\b)", re.I)
SKILLS = ("fibre splicing", "pon", "coax", "radio", "premises", "power")


def work_order(d: Dialogue) -> Steps:
    """A work order for the incident that is meant, for a skill that is named or asked for."""
    incident = d.about("incident")
    if incident is None:
        return Reply("For which incident, such as INC-12?", Ask("dispatcher/work_order", "incident", _known(d)))
    skill = d.said("skill")
    if skill is None:
        question = f"Which skill does {incident} need: {' or '.join(SKILLS)}?"
        return Reply(question, Ask("dispatcher/work_order", "skill", {"incident": incident}))
    found = yield from use("create_work_order", incident=incident, skill=skill, instructions=_instructions(d))
    if not found.ok:
        return Reply(found.text)
    return Reply(_job(found, f"{found['reference']} for {incident} is {found['state']}."))


def _known(d: Dialogue) -> dict[str, str]:
    return {"skill": d.slots.skill} if d.slots.skill else {}


def _instructions(d: Dialogue) -> str:
    """The engineer's own words, for the crew to read."""
    return d.known.get("instructions") or d.text[:500]


def assign(d: Dialogue) -> Steps:
    """Give a work order to a technician by name."""
    order = d.about("work_order")
    if order is None:
        known = {"technician": d.slots.technician} if d.slots.technician else {}
        return Reply("Which work order, such as WO-3?", Ask("dispatcher/assign", "work_order", known))
    technician = d.said("technician")
    if technician is None:
        return Reply(f"Who takes {order}?", Ask("dispatcher/assign", "technician", {"work_order": order}))
    found = yield from use("assign_technician", work_order=order, technician=technician)
    if not found.ok:
        return Reply(found.text)
    return Reply(_job(found, f"{found['reference']} goes to {found['technician']}."))


def _job(found: Found, what: str) -> str:
    skill = found["skill"].replace("_", " ")
    return sentence(what, f"Skill: {skill}.", f"Place: {found['place']}." if found["place"] else "")


def repair(d: Dialogue) -> Steps:
    """Record when the repair is expected, or what the crew says."""
    incident = d.about("incident")
    if incident is None:
        known = {"note": d.text[:500]} | ({"at": d.slots.at.isoformat()} if d.slots.at else {})
        return Reply("For which incident, such as INC-12?", Ask("dispatcher/repair", "incident", known))
    note = d.known.get("note") or d.text[:500]
    at = d.slots.at or (datetime.fromisoformat(d.known["at"]) if "at" in d.known else None)
    done = True if at is None and DONE.search(note) else None
    found = yield from use("report_repair", incident=incident, note=note, expected_at=at and at.isoformat(), done=done)
    if not found.ok:
        return Reply(found.text)
    if at:
        return Reply(f"Recorded: the repair of {incident} is expected at {moment(at, d.now)}.")
    ended = " as repaired" if done else ""
    return Reply(f"Recorded on {incident}{ended}: “{found['text']}”")


FLOWS: dict[str, Flow] = {"work_order": work_order, "assign": assign, "repair": repair}
