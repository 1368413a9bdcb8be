"""The hosts that a `postgresql://…` URL names, to be tried one by one.

The driver gives all of them one time-out together, and a first one that is silent (no power, no network) would use it up.
"""

from urllib.parse import parse_qs, unquote, urlsplit

Host = tuple[str | None, int | None]
"""A name, an address or a directory of sockets, None where the environment says; the port, None where it is the usual one."""


def hosts(url: str) -> list[Host]:
    """Each host with its port, in their order; empty where the URL leaves them to the environment."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    named = query.get("host", [""])[-1] or unquote(parts.netloc.rpartition("@")[2])
    ports = query.get("port", [""])[-1].split(",")
    found = [_split(each) for each in named.split(",") if each]
    if ports == [""]:
        return found
    each_its_own = ports if len(ports) == len(found) else ports[:1] * len(found)
    return [(host, port or int(other)) for (host, port), other in zip(found, each_its_own, strict=True)]


def _split(named: str) -> Host:
    if named.startswith("/"):
        return named, None
    if named.startswith("["):
        host, _, port = named[1:].partition("]")
        return host, int(port[1:]) if port[1:] else None
    host, _, port = named.partition(":")
    return host, int(port) if port else None
