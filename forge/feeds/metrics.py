"""What the feeds count, for Prometheus."""

from prometheus_client import Counter, Gauge

from atlas.network.enums import Feed
from atlas.network.schemas import Alarm, DeadLetter

#: outcome: alarm | ignored | dead_letter | refused (wrong secret or community) | dropped (no room).
MESSAGES = Counter("bedrock_feed_messages", "Messages a feed took, by what became of them.", ["feed", "outcome"])
WRITTEN = Counter("bedrock_feed_written", "Items the feeds wrote to Atlas.", ["buffer"])
RETRIES = Counter("bedrock_feed_write_retries", "Batches that had to be written again.", ["buffer"])
LOST = Counter("bedrock_feed_lost", "Items that not even the dead-letter table took.", ["buffer"])
WAITING = Gauge("bedrock_feed_waiting", "Items that wait to be written.", ["buffer"], multiprocess_mode="livesum")


def count(feed: Feed, item: Alarm | DeadLetter | None) -> None:
    """Count what became of one message."""
    outcome = "ignored" if item is None else "alarm" if isinstance(item, Alarm) else "dead_letter"
    MESSAGES.labels(feed.value, outcome).inc()
