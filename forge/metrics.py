"""What the stream counts, for Prometheus."""

from prometheus_client import Counter, Histogram

#: From a batch read to what it means written down.
STEP_SECONDS = Histogram(
    "bedrock_stream_step_seconds",
    "Time to understand one batch of the alarm log.",
    buckets=(0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
)
READ = Counter("bedrock_stream_alarms", "Alarms read from the log and understood.")
OPENED = Counter("bedrock_incidents_opened", "Incidents opened by the stream.")
FAILED = Counter("bedrock_stream_restarts", "Times the stream failed and began again from the database.")
