"""The doors, one file each."""

from api.routes import alarms, events, health, incidents, outbox, status

ROUTERS = [
    alarms.router,
    incidents.router,
    status.router,
    events.router,
    outbox.router,
    health.router,
]
