"""The doors, one file each."""

from api.routes import alarms, approvals, effects, events, health, incidents, outbox, status

ROUTERS = [
    alarms.router,
    incidents.router,
    approvals.router,
    effects.router,
    status.router,
    events.router,
    outbox.router,
    health.router,
]
