"""What is said of an incident by itself: the first public word, the promised next one, and what a crew is to do."""

from atlas.itsm.models import Incident
from atlas.network.elements import plain_cause


def first_word(incident: Incident) -> str:
    """The first public word: the cause as a subscriber should hear it, and what happens now."""
    cause = plain_cause(incident.verdict_element or incident.element, incident.shown_mode)
    if incident.remedy == "wait" and incident.shown_mode:
        return f"We have found {cause}. It passes by itself; we are watching it."
    if incident.power_until and incident.effect == "at risk":
        until = f"{incident.power_until:%H:%M} UTC"
        return f"We have found {cause}. Your service works; without mains power it will until about {until}."
    return f"We have found {cause} and are working on it."


def next_word(incident: Incident) -> str:
    """The promised word where there is no news."""
    if not incident.shown_mode or incident.remedy == "crew":
        return "Our crew is still working on it."
    return "It has not passed yet; we are watching it." if incident.remedy == "wait" else "We are still working on it."


def needs_crew(incident: Incident) -> bool:
    """Whether somebody must go there; a person's verdict that names another cause asks for a crew."""
    return incident.remedy == "crew" or not incident.shown_mode


def crew_skill(incident: Incident) -> str:
    """The skill that the mode of fault asks for; empty where the element alone says it."""
    first = incident.causes[0] if incident.causes and incident.shown_mode else {}
    return str(first.get("skill", ""))


def crew_words(incident: Incident) -> str:
    """What the crew is told."""
    words = f"{incident.title}. {incident.devices} devices and {incident.subscribers} subscribers are cut off."
    if incident.degraded:
        words += f" {incident.degraded} have poor service."
    if incident.power_until:
        words += f" The battery ends at {incident.power_until:%H:%M} UTC."
    return words
