"""What the feeds are told by the environment: read from JSON, and never shown."""

import json

import pytest
from pydantic import ValidationError

from atlas.settings import Settings

USER = {
    "name": "noc",
    "auth": "SHA-512",
    "auth_password": "correct horse",
    "priv": "AES",
    "priv_password": "battery staple",
}
TARGET = {"name": "z3-agg-1", "address": "192.0.2.7", "username": "u", "password": "staple battery", "insecure": True}


def test_users_targets_and_labels_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEDROCK_SNMP_USERS", json.dumps([USER]))
    monkeypatch.setenv("BEDROCK_GNMI_TARGETS", json.dumps([TARGET]))
    monkeypatch.setenv("BEDROCK_ALERT_LABELS", '{"device": ["routerName"]}')
    settings = Settings()
    assert settings.snmp_users[0].priv_password is not None
    assert settings.snmp_users[0].priv_password.get_secret_value() == "battery staple"
    assert (settings.gnmi_targets[0].port, settings.alert_labels.device) == (9339, ("routerName",))
    for secret in ("correct horse", "battery staple", "staple battery"):
        assert secret not in repr(settings)


def test_a_password_too_short_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEDROCK_SNMP_USERS", json.dumps([USER | {"auth_password": "short1"}]))
    with pytest.raises(ValidationError) as error:
        Settings()
    assert "short1" not in str(error.value)


def test_an_engine_id_is_hexadecimal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEDROCK_SNMP_ENGINE_ID", "not hex")
    with pytest.raises(ValidationError):
        Settings()
