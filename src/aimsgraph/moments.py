"""Moments as people write them: a day, a time, or a generation."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from zoneinfo import ZoneInfo

from aimsgraph.errors import ParameterError

_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}[T ]")

When = str | date | datetime | int
"""A moment as callers give it: a day, a time, a generation, or any of these as text."""

Moment = datetime | int
"""A time in UTC, or the number of a generation."""


def read_moment(text: str, zone: ZoneInfo) -> Moment:
    """Return the moment a text stands for.

    A day is its end in the workspace's time zone; a time without an offset is
    in that zone; a plain number is a generation.

    Raises:
        ParameterError: it is none of these.
    """
    if re.fullmatch(r"\d{1,7}", text):
        return int(text)
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return end_of(date.fromisoformat(text), zone)
        found = datetime.fromisoformat(text if _TIME.match(text) else "")
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ParameterError(
            f"{text!r} is no moment; give a day such as 2026-11-20, a time such as "
            "2026-11-20T17:00:00Z, or the number of a generation"
        ) from error


def read_http_date(text: str) -> datetime:
    """Return the moment of an `Accept-Datetime` header (RFC 7089, 2.1.1).

    Raises:
        ParameterError: it is not an RFC 1123 date.
    """
    try:
        found = parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError) as error:
        raise ParameterError(
            f"Accept-Datetime is {text!r}; give it as 'Fri, 20 Nov 2026 17:00:00 GMT'"
        ) from error


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the last microsecond of a day in a time zone, in UTC."""
    after = datetime.combine(day + timedelta(days=1), time(), zone)
    return after.astimezone(UTC) - timedelta(microseconds=1)


def said(moment: datetime) -> str:
    """Return a moment as people read it: to the second, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def moment_of(when: When, zone: ZoneInfo) -> Moment:
    """Return the moment that is meant; a day is its end in a time zone.

    Raises:
        ParameterError: the text is no moment.
    """
    if isinstance(when, datetime):
        return (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC)
    if isinstance(when, date):
        return end_of(when, zone)
    return when if isinstance(when, int) else read_moment(when, zone)
