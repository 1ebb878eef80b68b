"""The doors, one file each."""

from api.routes import alarms, approvals, conversations, effects, events, health, incidents, outbox, status

ROUTERS = [
    alarms.router,
    incidents.router,
    conversations.router,
    approvals.router,
    effects.router,
    status.router,
    events.router,
    outbox.router,
    health.router,
]
