"""NOC: incidents, what they cut off, and telling people about it."""

from agents.profile import STAFF, Agent

NOC = Agent(
    name="noc",
    purpose="incidents and devices: what is down, who is affected, diagnostics, notices",
    tools=(
        "find_incidents",
        "who_is_affected",
        "device_state",
        "run_diagnostics",
        "similar_incidents",
        "find_predictions",
        "acknowledge_incident",
        "notify_affected",
        "report_repair",
        "hand_over_to_person",
    ),
    roles=STAFF | {"support"},
)
