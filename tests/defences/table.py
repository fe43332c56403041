"""All defences, by the room in which SECURITY.md speaks of them."""

from collections.abc import Mapping, Sequence

from tests.defences import (
    billing,
    connections,
    content,
    doors,
    headers,
    limits,
    local,
    looks,
    names,
    proxies,
    resources,
    revocation,
    sockets,
    storage,
    supply,
    text,
    voices,
    web,
)
from tests.defences.defence import Defence

ROOMS: Mapping[str, Sequence[Defence]] = {
    "web": web.DEFENCES,
    "sockets": [*sockets.DEFENCES, *revocation.DEFENCES],
    "connections": connections.DEFENCES,
    "limits": [*limits.DEFENCES, *billing.DEFENCES],
    "resources": [*resources.DEFENCES, *storage.DEFENCES],
    "text": text.DEFENCES,
    "content": content.DEFENCES,
    "voices": voices.DEFENCES,
    "looks": looks.DEFENCES,
    "doors": doors.DEFENCES,
    "names": names.DEFENCES,
    "proxies": proxies.DEFENCES,
    "headers": headers.DEFENCES,
    "local": local.DEFENCES,
    "supply": supply.DEFENCES,
}
DEFENCES = [one for those in ROOMS.values() for one in those]
