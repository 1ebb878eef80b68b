"""Two neighbours with a row in every table that is about people, made to tell whose a row is."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CONVERSATION = {n: uuid.UUID(int=n) for n in (1, 2)}


def rows_of(n: int) -> dict[str, dict[str, Any]]:
    """Everything of subscriber n. Each row's own id is n, and each text says whose it is."""
    whose = f"of-{n}"
    owned, at = {"subscriber_id": n}, {"at": NOW}
    return {
        "zone": {"number": n, "name": f"Zone {n}", "lon": 8.6, "lat": 50.1},
        "address": {"zone_id": n, "street": whose, "house_number": "1", "postcode": "1", "city": "T", "lon": 8.6,
                    "lat": 50.1},
        "node": {"name": f"ont-{whose}", "kind": "ont", "zone_id": n, "lon": 8.6, "lat": 50.1},
        "plan": {"code": f"P{n}", "name": "Fibre 100", "technology": "pon", "segment": "residential",
                 "down_mbps": 100,
                 "up_mbps": 50, "monthly_price": 30, "currency": "EUR", "repair_hours": 24},
        "subscriber": {"number": f"471{n}", "name": whose, "segment": "residential", "preferred_channel": "sms",
                       "since": NOW},
        "contact": owned | {"channel": "email", "address": whose, "on_file_since": NOW},
        "consent": owned | {"purpose": "marketing", "given_at": NOW},
        "interaction": owned | at | {"channel": "sms", "direction": "in", "summary": whose},
        "product_order": owned | {"plan_id": n, "address_id": n, "state": "completed", "ordered_at": NOW},
        "service": owned | {"plan_id": n, "address_id": n, "access_node_id": n, "username": whose, "state": "active"},
        "account": owned | {"currency": "EUR", "bill_day": 1},
        "invoice": {"account_id": n, "number": f"I-{whose}", "state": "issued", "issued_on": date(2026, 3, 1),
                    "due_on": date(2026, 3, 15), "total": 30, "currency": "EUR"},
        "invoice_line": {"invoice_id": n, "service_id": n, "kind": "recurring", "description": whose, "amount": 30},
        "credit": {"account_id": n, "invoice_id": n, "amount": 1, "currency": "EUR", "reason": whose,
                   "created_at": NOW},
        "payment": {"account_id": n, "invoice_id": n, "amount": 1, "currency": "EUR", "reference": whose,
                    "received_at": NOW},
        "incident": {"state": "open", "title": whose, "confidence": 0.9, "is_certain": True, "causes": [],
                     "explanation": [],
                     "started_at": NOW, "detected_at": NOW, "place": "", "devices": 0, "subscribers": 1,
                     "vulnerable": 0,
                     "business": 0, "at_risk": 0, "revenue_per_hour": 0, "degraded": 0, "mode": "", "effect": "down",
                     "remedy": "crew", "doubts": [], "power_until": None},
        "incident_line": owned | {"incident_id": n, "service_id": n, "zone_id": n},
        "incident_update": at | {"incident_id": n, "by": "anna", "is_public": True, "text": whose},
        "ticket": owned | {"kind": "subscriber", "state": "open", "category": "no_service", "subject": whose,
                           "description": "", "opened_at": NOW},
        "access_session": {"service_id": n, "nas": "bng", "session_id": whose, "started_at": NOW,
                           "last_interim_at": NOW,
                           "interim_seconds": 1800, "octets_in": 0, "octets_out": 0},
        "sample": at | {"node_id": n, "metric": "rx_power_dbm", "value": -20.0},
        "conversation": owned | {"id": CONVERSATION[n], "principal_kind": "subscriber", "principal_id": f"471{n}",
                                 "role": "subscriber", "verified": "otp", "channel": "webchat", "state": "open",
                                 "created_at": NOW},
        "message": at | {"id": CONVERSATION[n], "conversation_id": CONVERSATION[n], "role": "person",
                         "channel": "webchat",
                         "text": whose, "data": {}},
        "turn": {"id": CONVERSATION[n], "conversation_id": CONVERSATION[n], "message_id": CONVERSATION[n],
                 "state": "done",
                 "attempts": 1, "created_at": NOW},
        "action": owned | {"id": CONVERSATION[n], "key": whose, "tool": "open_ticket", "schema_version": "1",
                           "arguments": {},
                           "principal_kind": "subscriber", "principal_id": f"471{n}", "principal_role": "subscriber",
                           "digest": "d", "facts": {}, "decision": {}, "state": "done", "summary": whose,
                                                    "proposed_at": NOW},
        "action_target": owned | {"action_id": CONVERSATION[n]},
        "pseudonym": owned | {"secret": b"s"},
        "notice": owned | {"id": CONVERSATION[n], "kind": "outage", "action_id": CONVERSATION[n], "incident_id": n,
                           "channel": "sms", "address": "+491", "text": whose, "state": "handed_over",
                           "updated_at": NOW},
        "appointment": owned | {"starts_at": NOW, "ends_at": NOW + timedelta(hours=1), "state": "booked"},
    }  # fmt: skip
