"""The API's documentation works while the internet does not."""

import re

import httpx

from api.main import create_app
from atlas.settings import Settings


async def test_the_documentation_fetches_nothing_from_outside(settings: Settings) -> None:
    transport = httpx.ASGITransport(create_app(settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://bedrock") as client:
        page = (await client.get("/docs")).text
        assets = re.findall(r'(?:src|href)="([^"]+)"', page)
        assert assets
        for asset in assets:
            assert (await client.get(asset)).status_code == httpx.codes.OK
    assert "https://" not in page
