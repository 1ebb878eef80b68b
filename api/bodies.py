"""Reading the body of a post that may be too large."""

from fastapi import Request

from api.errors import Problem


async def read_body(request: Request, limit: int) -> bytes:
    """The body, refused with 413 as soon as it is known to be over `limit` bytes."""
    refusal = Problem(413, f"The post is over {limit:,} bytes; split it into several.")
    if int(request.headers.get("content-length") or 0) > limit:
        raise refusal
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise refusal
    return bytes(body)
