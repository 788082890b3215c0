"""Which addresses are public, in whatever form they are written."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

_NEVER: Final = tuple(
    ip_network(one)
    for one in (
        "168.63.129.16/32",  # the platform's own service in one large cloud
        "192.0.0.0/24",
        "192.88.99.0/24",  # relays between IPv4 and IPv6
    )
)
"""What is not for us, though it may be reached like any other address."""

_GLOBAL: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Return whether an address lies in the public internet; what is no plain address does not."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return _is_public_4(found) if isinstance(found, IPv4Address) else _is_public_6(found)


def _is_public_4(address: IPv4Address) -> bool:
    is_special = address.is_multicast or address.is_reserved or not address.is_global
    return not is_special and not any(address in one for one in _NEVER)


def _is_public_6(address: IPv6Address) -> bool:
    if address.scope_id is not None:
        return False
    within = _embedded(address)
    if within:
        return all(_is_public_4(one) for one in within)
    return address in _GLOBAL and address.is_global and not address.is_multicast


def _embedded(address: IPv6Address) -> tuple[IPv4Address, ...]:
    """Return the IPv4 addresses that an IPv6 address leads to."""
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    if address in _NAT64:
        return (IPv4Address(int(address) & 0xFFFF_FFFF),)
    return ()
