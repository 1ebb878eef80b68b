"""What NOC engineers ask and command, step by step. Every number said here comes from a tool's result."""

from collections.abc import Callable
from typing import Any

from agents.llm.flow import Ask, Dialogue, Flow, Found, Reply, Steps, Use, use
from agents.llm.phrasing import count, listed, moment, sentence

SHOWN = 5


def what_is_down(d: Dialogue) -> Steps:
    """Open incidents, everywhere or in one zone, and whom each cuts off."""
    zone = d.slots.zone
    found = yield from use("find_incidents", zone=zone)
    if not found.ok:
        return Reply(found.text)
    where = f" in zone {zone}" if zone is not None else ""
    rows = found["incidents"]
    if not rows:
        return Reply(f"Nothing is down{where}: there is no open incident.")
    if len(rows) > 1:
        return Reply(_several(rows, found["total"], where, d))
    affected = yield from use("who_is_affected", incident=rows[0]["reference"])
    return Reply(sentence(_headline(rows[0], d), _impact(affected), _prospect(rows[0], d)))


def _several(rows: list[dict[str, Any]], total: int, where: str, d: Dialogue) -> str:
    lines = [f"{count(total, 'open incident')}{where}:"]
    lines += [f"• {_headline(row, d)} {_size(row)}" for row in rows[:SHOWN]]
    if total > SHOWN:
        lines.append(f"• and {total - SHOWN} more")
    return "\n".join(lines)


def _headline(row: dict[str, Any], d: Dialogue) -> str:
    """The reference, the cause as certain as it is, and since when."""
    since = f"Since {moment(row['started_at'], d.now)}."
    if row["state"] == "monitoring":
        since += " All alarms have cleared; it is being watched."
    cause = row["title"]
    if row["is_certain"]:
        start = cause[0] if cause[1:2].isupper() else cause[0].lower()  # an OLT stays one
        cause = f"root cause {start}{cause[1:]} ({row['confidence']:.0%})"
    return f"{row['reference']}: {cause}. {since}"


def _size(row: dict[str, Any]) -> str:
    return f"{count(row['devices'], 'device')}, {count(row['subscribers'], 'subscriber')}."


def _impact(affected: Found) -> str:
    if not affected.ok:
        return affected.text
    parts = [
        f"Affected: {count(affected['devices'], 'device')}, {count(affected['subscribers'], 'subscriber')}, "
        f"{count(affected['open_tickets'], 'open ticket')}."
    ]
    among = [f"{affected[key]:,} {key}" for key in ("business", "vulnerable") if affected[key]]
    if among:
        parts.append(f"Among them {listed(among)}.")
    by_zone = [f"{zone['subscribers']:,} in zone {zone['zone']}" for zone in affected["zones"]]
    if len(by_zone) > 1:
        parts.append(f"That is {listed(by_zone)}.")
    back = sum(zone["restored"] for zone in affected["zones"])
    if back:
        parts.append(f"Of these, {back:,} are back.")
    if affected["at_risk"]:
        parts.append(f"One more fault would cut off {affected['at_risk']:,} others.")
    return " ".join(parts)


def _prospect(row: dict[str, Any], d: Dialogue) -> str:
    if row["expected_repair_at"]:
        return f"Repair expected at {moment(row['expected_repair_at'], d.now)}."
    if row["next_update_at"]:
        return f"No repair time yet; next update by {moment(row['next_update_at'], d.now)}."
    return ""


def affected(d: Dialogue) -> Steps:
    """Whom one incident, or whatever is wrong in a zone, cuts off."""
    zone = d.slots.zone
    if zone is None or d.slots.incident:
        return (yield from _with_the_incident("noc/affected", d, _affected_by))
    found = yield from use("who_is_affected", zone=zone)
    if found.ok and not found["incidents"]:
        return Reply(f"Nobody: there is no open incident in zone {zone}.")
    return Reply(f"Zone {zone}, {listed(found['incidents'])}. {_impact(found)}" if found.ok else found.text)


def _affected_by(_: Dialogue, incident: str) -> Steps:
    found = yield from use("who_is_affected", incident=incident)
    return Reply(f"{incident}. {_impact(found)}" if found.ok else found.text)


def incident_detail(d: Dialogue) -> Steps:
    """One incident: cause, evidence, place, prospect."""
    return (yield from _with_the_incident("noc/incident_detail", d, _detail))


def _detail(d: Dialogue, incident: str) -> Steps:
    found, affected = yield [Use("find_incidents", {}), Use("who_is_affected", {"incident": incident})]
    if not (found.ok and affected.ok):
        return Reply(affected.text if found.ok else found.text)
    row = next((each for each in found["incidents"] if each["reference"] == incident), None)
    if row is None:
        return Reply(f"{incident} is not open any more. Its cause was: {affected['cause']}.")
    taken = f"Acknowledged by {row['acknowledged_by']}." if row["acknowledged_by"] else "Not acknowledged yet."
    place = f"Place: {row['place']}." if row["place"] else ""
    said = sentence(_headline(row, d), _impact(affected), place, taken, _prospect(row, d))
    why = [f"• {reason}" for reason in affected["explanation"][:SHOWN]]
    return Reply("\n".join([said, *(["Evidence:", *why] if why else [])]))


def notify(d: Dialogue) -> Steps:
    """Tell those whom an incident cuts off; "them" is the incident last talked about."""
    return (yield from _with_the_incident("noc/notify", d, _notify))


def _notify(d: Dialogue, incident: str) -> Steps:
    found = yield from use("notify_affected", incident=incident)
    return Reply(_consequence(found, f"The notices about {incident}", d))


def _consequence(found: Found, what: str, d: Dialogue) -> str:
    """What became of a call with an effect, with who must sign and until when."""
    data = found.data
    if found.outcome == "awaiting_sign_off":
        people = "one other person" if data["quorum"] == 1 else f"{data['quorum']} other people"
        return (
            f"{what} need a signature first: {data['summary'].rstrip('.')}. I have asked for sign-off "
            f"#{data['reference']}: {people} ({' or '.join(data['approvers'])}), by "
            f"{moment(data['until'], d.now)}. I'll tell you here what comes of it; meanwhile we can go on."
        )
    result = data.get("result") or {}
    number = count(result["subscribers"], "subscriber") if "subscribers" in result else "everyone affected"
    by = [f"{sent:,} by {channel}" for channel, sent in sorted((result.get("channels") or {}).items())]
    how = f" ({', '.join(by)})" if by else ""
    if found.outcome == "started":
        return f"{what} are on their way to {number}{how}, as #{data['reference']}."
    return f"{what} went to {number}{how}." if found.ok else found.text


def acknowledge(d: Dialogue) -> Steps:
    """Take an incident."""
    return (yield from _with_the_incident("noc/acknowledge", d, _acknowledge))


def _acknowledge(_: Dialogue, incident: str) -> Steps:
    found = yield from use("acknowledge_incident", incident=incident)
    if not found.ok:
        return Reply(found.text)
    return Reply(f"{incident} is acknowledged by {found['acknowledged_by']}.")


def device_state(d: Dialogue) -> Steps:
    """One device, its alarms and the incident it belongs to."""
    device = d.about("device")
    if device is None:
        return Reply("Which device? Give me its name, such as z3-olt-1.", Ask("noc/device_state", "device"))
    found = yield from use("device_state", device=device)
    if not found.ok:
        return Reply(found.text)
    alarms, cut_off_by = found["active_alarms"], found["incidents"]
    state = f"cut off by {listed(cut_off_by)}" if cut_off_by else "in no open incident"
    lines = [
        f"• {each['alarm_type']} on {each['resource']} since {moment(each['raised_at'], d.now)}"
        for each in alarms[:SHOWN]
    ]
    what = f"{found['vendor']} {found['model']}, firmware {found['firmware']}"
    end = ":" if alarms else "."
    said = f"{found['device']} ({what}) is {state}. {count(len(alarms), 'active alarm').capitalize()}{end}"
    return Reply("\n".join([said, *lines]))


def diagnostics(d: Dialogue) -> Steps:
    """Ask the devices of an incident whether they answer."""
    return (yield from _with_the_incident("noc/diagnostics", d, _diagnostics))


def _diagnostics(_: Dialogue, incident: str) -> Steps:
    found = yield from use("run_diagnostics", incident=incident)
    if not found.ok:
        return Reply(found.text)
    probes = found["probes"]
    answered = sum(probe["answers"] for probe in probes)
    return Reply(
        f"Diagnostics of {incident}: {answered} of {count(len(probes), 'device')} asked did answer. {found['summary']}"
    )


def _with_the_incident(intent: str, d: Dialogue, go_on: Callable[[Dialogue, str], Steps]) -> Steps:
    """Go on with the incident that is meant: named, asked for, last talked about, or the only open one.

    Where several could be meant, ask which.
    """
    incident = d.about("incident")
    choices = d.topic.get("incidents", [])
    if incident is None and not choices:
        found = yield from use("find_incidents", zone=d.slots.zone)
        if not found.ok:
            return Reply(found.text)
        choices = [each["reference"] for each in found["incidents"]]
        if not choices:
            return Reply("There is no open incident.")
    if incident is None and len(choices) > 1:
        return Reply(f"Which one: {' or '.join(choices[:SHOWN])}?", Ask(intent, "incident"))
    return (yield from go_on(d, incident or choices[0]))


FLOWS: dict[str, Flow] = {
    "what_is_down": what_is_down,
    "affected": affected,
    "incident_detail": incident_detail,
    "notify": notify,
    "acknowledge": acknowledge,
    "device_state": device_state,
    "diagnostics": diagnostics,
}
