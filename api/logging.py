"""Logs for people and machines, with personal data masked before anything is written.

Fields that name a person are masked by their key; phone numbers, e-mail addresses and tokens also wherever
they stand in a text. A phone keeps its last two digits, so that two lines about one person can be told to match.
"""

import logging
import re
import sys
from collections.abc import Callable

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from atlas.settings import Settings

#: Fields whose whole value is personal.
PERSONAL = frozenset(
    {"name", "subscriber_name", "address", "street", "email", "phone", "to", "sender_address", "text", "message"}
)
SECRET = frozenset({"token", "authorization", "password", "secret", "api_key", "cookie", "community"})
OURS = ("atlas", "policies", "channels", "forge", "tools", "agents", "api", "evals")

Mask = Callable[[re.Match[str]], str]
PATTERNS: tuple[tuple[re.Pattern[str], Mask], ...] = (
    (re.compile(r"bedrock\.[\w-]{8,}\.[\w-]{8,}"), lambda _: "<token>"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), lambda m: f"{m[1]} <token>"),
    (re.compile(r"(//[^/:@\s]*):[^@\s]+@"), lambda m: f"{m[1]}:<password>@"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), lambda _: "<e-mail>"),
    (re.compile(r"\+\d[\d ()-]{5,18}\d"), lambda m: f"<phone …{re.sub(r'[^0-9]', '', m[0])[-2:]}>"),
)


def masked(value: object) -> object:
    """A value with what looks personal or secret replaced, in depth."""
    if isinstance(value, str):
        for pattern, mask in PATTERNS:
            value = pattern.sub(mask, value)
        return value
    if isinstance(value, dict):
        return {key: _field(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(item) for item in value]
    return value


def _field(key: str, value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if key.lower() in SECRET:
        return "<secret>"
    return "<personal>" if key.lower() in PERSONAL else masked(value)


def mask_event(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:  # noqa: ARG001
    """A structlog processor: runs last before rendering, so that tracebacks are masked as well."""
    return {key: masked(value) if key == "event" else _field(key, value) for key, value in event.items()}


def configure(settings: Settings, process: str) -> None:
    """Send structlog and the standard library's logging through one masked pipeline, to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_event,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_json
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    # Libraries tell of every step they take; what matters of it comes as a warning.
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for package in OURS:
        logging.getLogger(package).setLevel(settings.log_level)
    # Each request is logged once, by us: uvicorn's line would hold the whole query string.
    logging.getLogger("uvicorn.access").disabled = True
