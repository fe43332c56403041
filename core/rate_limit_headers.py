"""The RateLimit response header fields of the IETF draft."""

from core.quotas import WINDOW_S


def rate_limit_headers(what: str, limit: int, remaining: int, reset_in_s: int) -> dict[str, str]:
    """The fields of the IETF's draft: what is left, and in how many seconds it is whole again."""
    return {
        "RateLimit-Policy": f'"{what}";q={limit};w={WINDOW_S}',
        "RateLimit": f'"{what}";r={remaining};t={reset_in_s}',
    }
