"""All mutations, by section of SECURITY.md."""

from collections.abc import Mapping, Sequence

from tests.mutation import (
    accounts,
    billing,
    connections,
    content,
    gateway,
    headers,
    limits,
    local,
    names,
    proxies,
    resources,
    revocation,
    sockets,
    storage,
    supply,
    text,
    themes,
    voices,
    web,
)
from tests.mutation.mutation import Mutation

SECTIONS: Mapping[str, Sequence[Mutation]] = {
    "web": web.MUTATIONS,
    "sockets": [*sockets.MUTATIONS, *revocation.MUTATIONS],
    "connections": connections.MUTATIONS,
    "limits": [*limits.MUTATIONS, *billing.MUTATIONS, *gateway.MUTATIONS],
    "resources": [*resources.MUTATIONS, *storage.MUTATIONS],
    "text": text.MUTATIONS,
    "content": content.MUTATIONS,
    "voices": voices.MUTATIONS,
    "themes": themes.MUTATIONS,
    "accounts": accounts.MUTATIONS,
    "names": names.MUTATIONS,
    "proxies": proxies.MUTATIONS,
    "headers": headers.MUTATIONS,
    "local": local.MUTATIONS,
    "supply": supply.MUTATIONS,
}
MUTATIONS = [one for those in SECTIONS.values() for one in those]
