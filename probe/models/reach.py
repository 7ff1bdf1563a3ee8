"""What lies between here and a service: addresses, sockets and proxies, in plain words."""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2

from probe.errors import PrerequisiteError

T = TypeVar("T")

_UNREACHED = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
)
"""What an HTTP client raises before a service can have seen the request."""

_PAGE = re.compile(r"\s*<(!doctype|html|head|body|\?xml)", re.IGNORECASE)


def opened(make: Callable[[], T]) -> T:
    """Make an HTTP client, which reads the proxies of the environment.

    Raises
    ------
    PrerequisiteError
        A proxy cannot be used.
    """
    try:
        return make()
    except ImportError:
        raise PrerequisiteError(
            f"the proxy of {_variables()} speaks SOCKS, which needs a package:"
            " `pip install socksio`, or unset it"
        ) from None
    except (ValueError, httpx2.InvalidURL):
        raise PrerequisiteError(
            f"{_variables()} names no proxy that can be used;"
            " one is written http://host:port; set it so, or unset it"
        ) from None


def _variables() -> str:
    """The variables of the environment that name a proxy."""
    return " or ".join(f"{scheme.upper()}_PROXY" for scheme in getproxies() if scheme != "no")


def proxy_before(url: SplitResult) -> str | None:
    """Host and port of the proxy on the way to an address; None where there is none."""
    proxies = getproxies()
    found = proxies.get(url.scheme) or proxies.get("all")
    if not found or proxy_bypass(url.hostname or ""):
        return None
    return urlsplit(found if "://" in found else f"http://{found}").netloc.rpartition("@")[2]


def is_local(host: str) -> bool:
    """Whether a host is this machine, or another of the same network, by its name or number."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal", ".lan"))


def why_lost(error: BaseException) -> tuple[bool, str]:
    """Why there was no answer, and whether a service was reached at all.

    Returns
    -------
    reached : bool
        Whether it may have seen the request.
    why : str
        The same words for the same reason, so that reasons can be counted.
    """
    chain = list(_causes(error))
    reached = not any(isinstance(one, _UNREACHED) for one in chain)
    for one in chain:
        if isinstance(one, ConnectionRefusedError):
            return reached, "connection refused"
        if isinstance(one, socket.gaierror):
            return reached, "no such host"
        if isinstance(one, ssl.SSLError):
            return reached, f"no TLS, {one.reason or one}"
        if isinstance(one, httpx2.ProxyError):
            return reached, f"the proxy says {one}"
        if isinstance(one, httpx2.RemoteProtocolError | httpx2.ReadError):
            broke = "peer closed" in str(one) or not str(one)
            return reached, "the answer broke off" if broke else str(one)
    cause = error.__cause__ or error
    return reached, str(cause) or type(cause).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what it came of, the last first."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__


def no_json(body: bytes) -> str:
    """What a body is that is no JSON."""
    title = page_title(body)
    return "no JSON" if title is None else f"a web page, {title!r}"


def page_title(body: object) -> str | None:
    """The title of a web page, or its first words; None where a body is no page."""
    if isinstance(body, bytes):
        body = body.decode("utf-8", "replace")
    if not isinstance(body, str) or not _PAGE.match(body):
        return None
    title = re.search(r"<(title|h1)[^>]*>(.*?)</\1", body, re.I | re.S)
    words = title.group(2) if title else re.sub(r"<[^>]*>", " ", body)
    return " ".join(words.split())[:100] or "without words"
