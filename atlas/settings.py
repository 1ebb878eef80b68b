"""Every setting of Bedrock, in one frozen object.

Entry points build it once with `Settings()` and pass it on; nothing else reads the environment.
Each field is set by `BEDROCK_<NAME>`, and every default works on one machine with nothing configured.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from atlas.feed_settings import AlertLabels, GnmiTarget, SnmpUser


class Settings(BaseSettings):
    """`BEDROCK_*` from the environment, with defaults for a single machine."""

    model_config = SettingsConfigDict(
        env_prefix="BEDROCK_",
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,  # a value that does not fit may be a password
    )

    home: Path = Field(default=Path.home() / ".bedrock", description="Where the embedded data lives.")
    database_url: str | None = Field(
        default=None, description="A PostgreSQL 16+ server with pgvector; embedded when unset."
    )
    database_name: str = Field(default="bedrock", description="Database on the embedded server.")
    pool_size: int = Field(default=10, ge=1, description="Connections per process.")

    demo: bool = Field(default=False, description="Demo ISP, demo tokens, accelerated clock.")
    clock_speed: float = Field(default=1.0, gt=0, description="Demo only: simulated seconds per second.")
    seed: int | None = Field(default=None, description="Seeds ids, for tests and evals.")

    host: str = "127.0.0.1"
    port: int = Field(default=8420, ge=0, le=65535)
    token_secret: SecretStr | None = Field(default=None, description="Signs tokens; made on first start.")
    max_batch: int = Field(default=20_000, description="Alarms taken in one HTTP post.")
    max_text: int = Field(default=2_000, description="Characters of free text kept per alarm.")

    syslog_port: int = Field(default=5514, ge=0, le=65535, description="UDP and TCP; 0 turns it off.")
    trap_port: int = Field(default=1162, ge=0, le=65535, description="SNMP traps over UDP; 0 turns it off.")
    radius_port: int = Field(default=1813, ge=0, le=65535, description="RADIUS accounting; 0 turns it off.")
    radius_secret: SecretStr = SecretStr("testing123")
    feed_host: str = Field(default="127.0.0.1", description="Address the feeds listen on.")
    snmp_port: int = Field(default=161, description="Where devices answer polls.")
    snmp_community: SecretStr = SecretStr("public")
    snmp_users: tuple[SnmpUser, ...] = Field(default=(), description="SNMP v3 users whose traps and informs are taken.")
    snmp_engine_id: str = Field(
        default="",
        pattern=r"^([0-9a-fA-F]{2}){5,32}$|^$",
        description="Our SNMP v3 engine id in hex, for devices that must be told it; of the host's name if unset.",
    )
    gnmi_targets: tuple[GnmiTarget, ...] = Field(default=(), description="Devices whose state is streamed.")
    alert_labels: AlertLabels = Field(default=AlertLabels(), description="Which Prometheus labels name a device.")
    watchdog_interval: float = Field(
        default=300.0, gt=0, description="Seconds within which Alertmanager repeats its Watchdog alert."
    )
    poll_interval: float = Field(default=300.0, gt=0, description="Seconds between polls of one device.")

    on_call: str = Field(default="", description="Who is paged, in turn: `name channel address`, separated by commas.")
    page_again: float = Field(default=300.0, gt=0, description="Seconds until the next one on call is paged.")
    doubtful_share: float = Field(
        default=0.3, gt=0, le=1, description="Share of all subscribers cut off at once that needs a second source."
    )

    model: str = Field(default="local", description="`local`, or a model name of `model_url`.")
    model_url: str | None = Field(default=None, description="Any OpenAI-compatible endpoint.")
    model_key: SecretStr | None = None
    model_timeout: float = Field(default=20.0, gt=0, description="Seconds before a turn falls back to `local`.")

    predictions_a_day: int = Field(default=50, ge=0, description="Failures foreseen that are written down a day.")
    prediction_least: float = Field(default=0.05, ge=0, le=1, description="Less likely ones are not.")
    preventive_jobs_a_day: int = Field(default=3, ge=0, description="Preventive jobs proposed a day; 0: none.")
    preventive_job_least: float = Field(default=0.2, ge=0, le=1, description="Less likely failures get no proposal.")

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_json: bool = False
