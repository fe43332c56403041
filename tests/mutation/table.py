"""All mutations, by section of SECURITY.md."""

from collections.abc import Mapping, Sequence

from tests.mutation.access import accounts, api, dialects, feedback, local, names, offline, revocation, say, storage
from tests.mutation.content import content, documents, downloads, fetching, markup, supply, text, themes, voices
from tests.mutation.limits import admission, billing, gateway, limits, resources
from tests.mutation.mutation import Mutation
from tests.mutation.network import connections, headers, monitoring, proxies, sockets, web

SECTIONS: Mapping[str, Sequence[Mutation]] = {
    "web": [*web.MUTATIONS, *offline.MUTATIONS, *feedback.MUTATIONS],
    "sockets": [*sockets.MUTATIONS, *revocation.MUTATIONS],
    "connections": connections.MUTATIONS,
    "limits": [*limits.MUTATIONS, *billing.MUTATIONS, *gateway.MUTATIONS, *admission.MUTATIONS],
    "resources": [*resources.MUTATIONS, *storage.MUTATIONS],
    "text": text.MUTATIONS,
    "content": content.MUTATIONS,
    "documents": [*documents.MUTATIONS, *fetching.MUTATIONS],
    "markup": markup.MUTATIONS,
    "voices": [*voices.MUTATIONS, *downloads.MUTATIONS],
    "themes": themes.MUTATIONS,
    "accounts": accounts.MUTATIONS,
    "api": [*api.MUTATIONS, *say.MUTATIONS],
    "dialects": dialects.MUTATIONS,
    "names": names.MUTATIONS,
    "proxies": proxies.MUTATIONS,
    "headers": headers.MUTATIONS,
    "local": local.MUTATIONS,
    "monitoring": monitoring.MUTATIONS,
    "supply": supply.MUTATIONS,
}
MUTATIONS = [one for those in SECTIONS.values() for one in those]
