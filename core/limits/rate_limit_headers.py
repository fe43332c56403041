"""The RateLimit response header fields of the IETF draft."""

from core.limits.quotas import WINDOW_S


def rate_limit_headers(what: str, limit: int, remaining: int, reset_in_s: int) -> dict[str, str]:
    """Return the header fields: the remaining quota, and the seconds until it resets."""
    return {
        "RateLimit-Policy": f'"{what}";q={limit};w={WINDOW_S}',
        "RateLimit": f'"{what}";r={remaining};t={reset_in_s}',
    }
