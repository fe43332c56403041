"""The views that open files, and that store, show and delete positions."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import AsyncClient, Client
from django.utils import timezone

from accounts.data_export import export_account
from core.limits.disk_quota import DiskQuota
from documents import positions, views
from documents.models import DocumentPosition, Reader
from tests.documents.files import epub
from themes.owners.identity import Identity

pytestmark = pytest.mark.django_db(transaction=True)

DIGEST = "ab" * 32
OCTETS = "application/octet-stream"


async def opened(client: AsyncClient, data: bytes, kind: str = "epub", **headers: str) -> Any:
    return await client.post(f"/documents/extract?type={kind}", data, content_type=OCTETS, headers=headers or None)


async def at(client: AsyncClient, offset: Any, digest: Any = DIGEST) -> int:
    fields = {"digest": digest, "offset": offset}
    response = await client.post("/documents/position", json.dumps(fields), content_type="application/json")
    return response.status_code


async def stored() -> int:
    return len([row async for row in DocumentPosition.objects.all()])


async def test_a_file_is_returned_as_text_with_its_outline(async_client: AsyncClient) -> None:
    response = await opened(async_client, epub())
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    answer = response.json()
    assert answer["position"] == 0
    assert answer["document"]["outline"][2] == ["Chapter Two", 1, 5]


async def test_other_sites_cannot_send_files_or_positions(async_client: AsyncClient) -> None:
    for origin in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert (await opened(async_client, epub(), **origin)).status_code == 403
        response = await async_client.post("/documents/position", "{}", content_type="text/plain", headers=origin)
        assert response.status_code == 403


async def test_a_file_that_is_too_large_is_refused_before_it_is_read(async_client: AsyncClient, settings: Any) -> None:
    settings.DOCUMENT_MAX_MB = 1
    response = await opened(async_client, b"x" * (2**20 + 1), "txt")
    assert response.status_code == 413
    assert response.json()["error"]["code"] == "document_too_large"
    assert (await opened(async_client, b"", "txt")).json()["error"]["code"] == "document_empty"


async def test_the_files_of_a_minute_are_limited(async_client: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PER_MINUTE", 1)
    assert (await opened(async_client, b"\0", "x")).status_code == 415
    response = await opened(async_client, b"\0", "x")
    assert response.status_code == 429
    assert response.json()["error"]["code"] == "limit_documents"
    assert int(response["Retry-After"]) > 0


async def test_a_position_is_returned_with_the_file(async_client: AsyncClient) -> None:
    digest = (await opened(async_client, epub())).json()["document"]["digest"]
    # This response sets the cookie by which the visitor is known from then on.
    assert await at(async_client, 17, digest) == 204
    assert await at(async_client, 23, digest) == 204
    assert (await opened(async_client, epub())).json()["position"] == 23
    row = await DocumentPosition.objects.aget()
    assert row.document != digest
    assert (await opened(AsyncClient(), epub())).json()["position"] == 0


async def test_invalid_positions_are_refused(async_client: AsyncClient) -> None:
    for offset, digest in ((-1, DIGEST), (True, DIGEST), (10**9, DIGEST), (1, "ab"), (1, 5)):
        assert await at(async_client, offset, digest) == 422
    response = await async_client.post("/documents/position", "[" * 2000, content_type="application/json")
    assert response.status_code == 422
    assert await stored() == 0


async def test_a_browser_without_cookies_stores_no_position(async_client: AsyncClient) -> None:
    assert await at(async_client, 5) == 204
    assert await stored() == 0


async def test_expired_positions_are_deleted_with_visitors_who_have_no_other(async_client: AsyncClient) -> None:
    bob = AsyncClient()
    for client, offset in ((async_client, 5), (bob, 6)):
        # The first response sets the cookie by which the visitor is known.
        assert await at(client, 0) == 204
        await DocumentPosition.objects.aupdate(updated_at=timezone.now() - positions.MAX_AGE - timedelta(days=1))
        assert await at(client, offset) == 204
    assert [row.offset async for row in DocumentPosition.objects.all()] == [6]
    # Raises an error if there is another one.
    await Reader.objects.aget()


async def test_a_full_storage_stores_no_position(async_client: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await at(async_client, 5) == 204
    monkeypatch.setattr(DiskQuota, "has_space", lambda _quota: False)
    assert await at(async_client, 5) == 204
    assert await stored() == 0


async def test_an_account_deletes_and_switches_off_its_positions(async_client: AsyncClient, settings: Any) -> None:
    settings.DOCUMENT_POSITIONS = 2
    alice = await User.objects.acreate_user("alice")
    await async_client.aforce_login(alice)
    for number in range(3):
        assert await at(async_client, number, f"{number:064}") == 204
    assert [row.offset async for row in DocumentPosition.objects.all()] == [2, 1]
    page = (await async_client.get("/accounts/documents/")).content.decode()
    assert "2 positions are stored" in page

    await async_client.post("/accounts/documents/", {"delete": "all"})
    assert await stored() == 0

    await at(async_client, 5)
    await async_client.post("/accounts/documents/", {})
    assert await at(async_client, 6) == 204
    assert await stored() == 0
    await async_client.post("/accounts/documents/", {"store": "on"})
    await at(async_client, 7)
    assert await stored() == 1
    settings.DOCUMENT_POSITIONS = 0
    assert "switched this off" in (await async_client.get("/accounts/documents/")).content.decode()


def test_positions_are_in_the_export_and_deleted_with_the_account(client: Client) -> None:
    alice = User.objects.create_user("alice")
    client.force_login(alice)
    fields = {"digest": DIGEST, "offset": 9}
    assert client.post("/documents/position", json.dumps(fields), content_type="application/json").status_code == 204
    exported = export_account(alice, Identity(uuid.uuid4(), alice.pk))
    assert exported["documents"]["positions"][0]["offset"] == 9
    alice.delete()
    assert not DocumentPosition.objects.exists()
