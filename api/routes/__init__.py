"""The doors, one file each."""

from api.routes import (
    alarms,
    alertmanager,
    approvals,
    conversations,
    demo,
    effects,
    events,
    gaps,
    health,
    incidents,
    maintenance,
    measurements,
    outbox,
    status,
    verdicts,
)

ROUTERS = [
    alarms.router,
    alertmanager.router,
    measurements.router,
    incidents.router,
    verdicts.router,
    maintenance.router,
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
