"""All defences, by the room in which SECURITY.md speaks of them."""

from collections.abc import Mapping, Sequence

from tests.defences import sockets
from tests.defences.defence import Defence

ROOMS: Mapping[str, Sequence[Defence]] = {
    "sockets": sockets.DEFENCES,
}
DEFENCES = [one for those in ROOMS.values() for one in those]
