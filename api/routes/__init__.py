"""The doors, one file each."""

from api.routes import alarms, approvals, conversations, demo, effects, events, gaps, health, incidents, outbox, status

ROUTERS = [
    alarms.router,
    incidents.router,
    conversations.router,
    approvals.router,
    effects.router,
    status.router,
    gaps.router,
    events.router,
    outbox.router,
    demo.router,
    health.router,
]
