"""Rate limits: from the policies in the admin to the error of a rejected request."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.cache import caches
from django.test import Client

from accounts.models import AccountPreferences
from core.limits.subjects import RateLimitSubject, subject_for
from synthesis.errors import SpeechError
from synthesis.limits.policy import DEFAULT_POLICY, LimitPolicy, merge_policies
from synthesis.limits.policy_store import CACHE_TTL_S, PolicyStore
from synthesis.limits.rate_limiter import RateLimiter
from synthesis.models import LimitPolicyRow

pytestmark = pytest.mark.django_db(transaction=True)
VISITOR = RateLimitSubject(None, "192.0.2.1")


@pytest.fixture(autouse=True)
def _no_policies(transactional_db: None) -> None:
    """Delete the policies: otherwise only the first test would find the rows of the migrations."""
    LimitPolicyRow.objects.all().delete()


class Clock:
    """A clock that a test advances."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_merged_policies_have_the_highest_of_each_limit() -> None:
    assert merge_policies(
        [
            LimitPolicy(requests_per_minute=1, max_text_length=900),
            LimitPolicy(requests_per_minute=5, max_text_length=10),
        ]
    ) == LimitPolicy(requests_per_minute=5, max_text_length=900)
    assert merge_policies([]) == DEFAULT_POLICY
    assert (
        merge_policies([LimitPolicy(allowed_symbols=".,"), LimitPolicy(allowed_symbols=".?")]).allowed_symbols == ",.?"
    )
    assert merge_policies([LimitPolicy(memory_mb=300), LimitPolicy(memory_mb=200)]).memory_mb == 300


@pytest.mark.parametrize(("name", "value"), [("allowed_symbols", ".,"), ("memory_mb", 100)])
def test_a_group_without_a_limit_removes_the_limit(name: str, value: Any) -> None:
    bounded, free = LimitPolicy(**{name: value}), LimitPolicy()
    assert getattr(merge_policies([bounded, free]), name) == getattr(free, name)


async def test_visitors_members_and_groups() -> None:
    await LimitPolicyRow.objects.acreate(scope="visitors", requests_per_minute=5)
    await LimitPolicyRow.objects.acreate(scope="members", requests_per_minute=50)
    group = await Group.objects.acreate(name="narrators")
    await LimitPolicyRow.objects.acreate(
        scope="group", group=group, requests_per_minute=7, characters_per_minute=90_000
    )
    alice, bob = await User.objects.acreate(username="alice"), await User.objects.acreate(username="bob")
    await alice.groups.aadd(group)
    policies = PolicyStore()
    assert (await policies.for_account(None)).requests_per_minute == 5
    assert (await policies.for_account(bob.pk)).requests_per_minute == 50
    of_alice = await policies.for_account(alice.pk)
    assert (of_alice.requests_per_minute, of_alice.characters_per_minute) == (50, 90_000)


async def test_an_account_that_wants_nothing_stored_has_no_cache() -> None:
    clock = Clock()
    policies = PolicyStore(clock)
    alice, bob = await User.objects.acreate(username="alice"), await User.objects.acreate(username="bob")
    await LimitPolicyRow.objects.acreate(scope="members", max_cached_segments=900)
    assert (await policies.for_account(alice.pk)).max_cached_segments == 900
    await AccountPreferences.objects.acreate(user=alice, cache_speech=False)
    clock.now += CACHE_TTL_S
    assert (await policies.for_account(alice.pk)).max_cached_segments == 0
    assert (await policies.for_account(bob.pk)).max_cached_segments == 900


async def test_an_empty_field_means_the_default() -> None:
    assert await PolicyStore().for_account(None) == DEFAULT_POLICY


async def test_a_change_takes_effect_within_a_second() -> None:
    clock = Clock()
    policies = PolicyStore(clock)
    limits = await LimitPolicyRow.objects.acreate(scope="visitors", requests_per_minute=5)
    assert (await policies.for_account(None)).requests_per_minute == 5
    limits.requests_per_minute = 6
    await limits.asave()
    assert (await policies.for_account(None)).requests_per_minute == 5
    clock.now += CACHE_TTL_S
    assert CACHE_TTL_S < 1
    assert (await policies.for_account(None)).requests_per_minute == 6


@pytest.mark.parametrize(
    ("client", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("testclient", "unknown"),
        (None, "unknown"),
    ],
)
def test_ipv6_addresses_are_counted_by_network(client: str | None, address: str) -> None:
    assert subject_for(None, client).key == f"address.{address}"


def test_an_account_is_counted_across_addresses() -> None:
    assert subject_for(7, "192.0.2.1").key == subject_for(7, "2001:db8::1").key == "account.7"


@pytest.fixture
def rate_limiter() -> RateLimiter:
    return RateLimiter(PolicyStore(), caches["limits"])


async def test_an_error_names_the_limit_and_the_wait(rate_limiter: RateLimiter) -> None:
    policy = LimitPolicy(requests_per_minute=1, characters_per_minute=10)
    with pytest.raises(SpeechError) as long:
        await rate_limiter.charge_request(VISITOR, policy, 11)
    assert (long.value.code, long.value.details["limit"], long.value.details["value"]) == ("limit_characters", 10, 0)
    with pytest.raises(SpeechError) as often:
        await rate_limiter.charge_request(VISITOR, policy, 1)
    assert (often.value.code, often.value.details["limit"]) == ("limit_requests", 1)
    assert 0 < often.value.details["retry_after"] <= 60
    assert str(often.value.details["retry_after"]) in often.value.message


async def test_leases_are_released_after_errors_and_cancellation(rate_limiter: RateLimiter) -> None:
    policy = LimitPolicy(max_concurrent_utterances=1)
    with pytest.raises(ZeroDivisionError):
        async with rate_limiter.utterance_slot(VISITOR, policy):
            raise ZeroDivisionError
    async with rate_limiter.utterance_slot(VISITOR, policy):
        with pytest.raises(SpeechError) as caught:
            async with rate_limiter.utterance_slot(VISITOR, policy):
                pass
    assert caught.value.code == "limit_utterances"
    rate_limiter.close()


async def test_tabs_are_limited_per_owner_across_addresses(rate_limiter: RateLimiter) -> None:
    policy, elsewhere = LimitPolicy(max_connections=1), RateLimitSubject(None, "192.0.2.99")
    async with (
        rate_limiter.connection_slot(VISITOR, "alice", policy),
        rate_limiter.connection_slot(elsewhere, "bob", policy),
    ):
        with pytest.raises(SpeechError) as caught:
            async with rate_limiter.connection_slot(elsewhere, "alice", policy):
                pass
    assert (caught.value.code, caught.value.details["limit"]) == ("limit_sockets", 1)
    rate_limiter.close()


async def test_connections_of_an_address_are_limited_over_all_its_visitors(rate_limiter: RateLimiter) -> None:
    policy = LimitPolicy(max_connections=1)
    from contextlib import AsyncExitStack

    async with AsyncExitStack() as open_tabs:
        for owner in ("a", "b", "c", "d"):
            await open_tabs.enter_async_context(rate_limiter.connection_slot(VISITOR, owner, policy))
        with pytest.raises(SpeechError) as caught:
            await open_tabs.enter_async_context(rate_limiter.connection_slot(VISITOR, "e", policy))
        assert caught.value.details["limit"] == 4
    rate_limiter.close()


FIELDS = {
    "requests_per_minute": "7",
    "characters_per_minute": "30000",
    "max_text_length": "1000",
    "max_queue_length": "32",
    "max_concurrent_utterances": "16",
    "max_connections": "256",
    "allowed_symbols": "",
    "max_cached_segments": "500",
    "memory_mb": "0",
    "timeout_s": "30",
    "api_access": "local",
}


class TestAdmin:
    """Policies in the admin."""

    @pytest.fixture
    def visitors(self) -> LimitPolicyRow:
        return LimitPolicyRow.objects.create(scope="visitors")

    def test_a_change_is_saved_and_logged_in_the_history(self, visitors: LimitPolicyRow, admin_client: Client) -> None:
        answer = admin_client.post(f"/admin/synthesis/limitpolicyrow/{visitors.pk}/change/", FIELDS)
        assert answer.status_code == 302
        visitors.refresh_from_db()
        assert (visitors.requests_per_minute, visitors.characters_per_minute) == (7, 30_000)
        entry = LogEntry.objects.get()
        assert entry.user.username == "admin"
        assert "requests_per_minute from 100 to 7" in entry.get_change_message()

    def test_limits_have_help_texts(self, visitors: LimitPolicyRow, admin_client: Client) -> None:
        page = admin_client.get(f"/admin/synthesis/limitpolicyrow/{visitors.pk}/change/").content.decode()
        assert "about 11 minutes of speech per minute" in page

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("requests_per_minute", "0"),
            ("max_text_length", "4001"),
            ("timeout_s", "-1"),
            ("max_queue_length", "x"),
            ("allowed_symbols", ".a"),
            ("max_cached_segments", "-1"),
        ],
    )
    def test_invalid_limits_are_rejected(
        self, visitors: LimitPolicyRow, admin_client: Client, name: str, value: str
    ) -> None:
        answer = admin_client.post(f"/admin/synthesis/limitpolicyrow/{visitors.pk}/change/", FIELDS | {name: value})
        assert answer.status_code == 200
        visitors.refresh_from_db()
        assert visitors.requests_per_minute == 100

    def test_a_group_can_have_its_own_limits(self, admin_client: Client) -> None:
        group = Group.objects.create(name="narrators")
        fields = FIELDS | {"scope": "group", "group": str(group.pk)}
        assert admin_client.post("/admin/synthesis/limitpolicyrow/add/", fields).status_code == 302
        assert str(LimitPolicyRow.objects.get()) == "limits of narrators"

    @pytest.mark.parametrize("fields", [{"scope": "group"}, {"scope": "visitors", "group": "1"}])
    def test_a_group_is_required_only_for_group_limits(self, admin_client: Client, fields: dict[str, str]) -> None:
        Group.objects.create(pk=1, name="narrators")
        assert admin_client.post("/admin/synthesis/limitpolicyrow/add/", FIELDS | fields).status_code == 200
        assert not LimitPolicyRow.objects.exists()

    def test_visitor_limits_cannot_be_deleted(self, visitors: LimitPolicyRow, admin_client: Client) -> None:
        assert admin_client.get(f"/admin/synthesis/limitpolicyrow/{visitors.pk}/delete/").status_code == 403
        several = {"action": "delete_selected", "_selected_action": [str(visitors.pk)], "post": "yes"}
        admin_client.post("/admin/synthesis/limitpolicyrow/", several)
        assert LimitPolicyRow.objects.filter(pk=visitors.pk).exists()
