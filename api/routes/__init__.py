"""The doors, one file each."""

from api.routes import (
    alarms,
    approvals,
    conversations,
    demo,
    effects,
    events,
    health,
    incidents,
    measurements,
    outbox,
    status,
)

ROUTERS = [
    alarms.router,
    measurements.router,
    incidents.router,
    conversations.router,
    approvals.router,
    effects.router,
    status.router,
    events.router,
    outbox.router,
    demo.router,
    health.router,
]
