"""A cache in Redis that uses this process's memory while Redis cannot be reached."""

from typing import Any

from django.conf import settings
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.retry import Retry

from core.errors import LimitsUnavailableError
from core.storage.redis_link import TIMEOUT_S, redis_link


class FallbackCache(RedisCache):
    """Django's Redis cache with a fallback. ``OPTIONS`` are those of ``LocMemCache``.

    With ``REJECTS`` in the parameters and ``LIMITS_WITHOUT_REDIS=reject``, it raises ``LimitsUnavailableError`` in
    place of the fallback: then no limit is ever exceeded, and limited requests fail.
    """

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        # redis-py itself would try again for seconds.
        connection = {
            "socket_connect_timeout": TIMEOUT_S,
            "socket_timeout": TIMEOUT_S,
            "retry": Retry(NoBackoff(), 0),
        }
        super().__init__(server, {**params, "OPTIONS": connection})
        self._rejects = bool(params.get("REJECTS"))
        self._local = LocMemCache(f"fallback-{params.get('KEY_PREFIX', '')}", params)

    def _either(self, name: str, *args: Any, **options: Any) -> Any:
        def local() -> Any:
            if self._rejects and settings.LIMITS_WITHOUT_REDIS == "reject":
                raise LimitsUnavailableError
            return getattr(self._local, name)(*args, **options)

        remote = getattr(super(), name)
        return redis_link.call(lambda: remote(*args, **options), local)


def _redirect(name: str) -> Any:
    def method(self: FallbackCache, *args: Any, **options: Any) -> Any:
        return self._either(name, *args, **options)

    method.__name__ = name
    method.__doc__ = getattr(RedisCache, name).__doc__
    return method


for _name in (
    "add",
    "clear",
    "delete",
    "delete_many",
    "get",
    "get_many",
    "has_key",
    "incr",
    "set",
    "set_many",
    "touch",
):
    setattr(FallbackCache, _name, _redirect(_name))
