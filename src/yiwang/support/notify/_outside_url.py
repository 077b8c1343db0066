"""An address that somebody else chose: looked up once, refused where it leads inside, and called at what was looked up."""

import ipaddress
import os
import socket
import ssl
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from yiwang.support.notify.contracts import BadAddress

ANSWER_BYTES_MAX = 64 * 1024
PATIENCE = httpx.Timeout(10.0, connect=3.0)
URL_MAX = 400

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Target:
    """Where a name led when it was looked up: the call goes there, whatever the name says a moment later."""

    scheme: str
    host: str
    port: int
    address: str
    path: str

    @property
    def url(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{host}:{self.port}{self.path}"

    @property
    def host_header(self) -> str:
        usual = {"https": 443, "http": 80}[self.scheme]
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == usual else f"{name}:{self.port}"


def target(url: str) -> Target:
    """Where an address leads. Every one that its name has must be public, or of a network that the operator named.

    In the clear only inside such a network. Raises BadAddress.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        raise _bad("地址写法不对。") from None
    is_plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= URL_MAX
    if not is_plain or parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
        raise _bad("地址写法不对。")
    found = _looked_up(parts.hostname, port)
    if not all(_is_allowed(each) for each in found):
        raise _bad("地址指向内部网络。")
    if parts.scheme == "http" and not all(_is_named(each) for each in found):
        raise _bad("地址要用https。")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port, str(found[0]), path)


def post(where: Target, body: bytes, headers: dict[str, str]) -> int:
    """The status of the answer; nothing is followed, and no more read than needed. Raises httpx.HTTPError."""
    extensions = {"sni_hostname": where.host} if where.scheme == "https" else {}
    with (
        httpx.Client(trust_env=False, timeout=PATIENCE, verify=_trusted(), follow_redirects=False) as client,
        client.stream(
            "POST", where.url, content=body, headers={**headers, "Host": where.host_header}, extensions=extensions
        ) as answer,
    ):
        return answer.status_code


def _looked_up(host: str, port: int) -> list[Ip]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _bad("找不到这个地址。") from None
    return [_plain(ipaddress.ip_address(str(each[4][0]).partition("%")[0])) for each in found]


def _plain(address: Ip) -> Ip:
    """An IPv4 address in the clothes of IPv6 is what it is."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _is_allowed(address: Ip) -> bool:
    return (address.is_global and not address.is_multicast) or _is_named(address)


def _is_named(address: Ip) -> bool:
    """Inside a network of the place that the operator lets us call (YIWANG_WEBHOOK_NETWORKS, such as 10.8.0.0/16)."""
    said = getattr(settings, "YIWANG_WEBHOOK_NETWORKS", None) or os.environ.get("YIWANG_WEBHOOK_NETWORKS", "")
    networks = [ipaddress.ip_network(each.strip()) for each in str(said).split(",") if each.strip()]
    return any(address in network for network in networks if network.version == address.version)


def _bad(what: str) -> BadAddress:
    return BadAddress(what, hint="请填写对方系统可以公开访问的https地址；内部网络请运维先登记。")


@cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
