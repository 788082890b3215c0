"""What is looked at of a body before anything reads it: its coding, and the size of a form."""

from __future__ import annotations

from typing import Final

from flask import request
from werkzeug.exceptions import HTTPException, UnsupportedMediaType

FORM: Final = "application/x-www-form-urlencoded"

MAX_FORM: Final = 2_500_000
"""The largest form, in bytes: the longest query fits, whatever its characters are."""

MAX_FIELDS: Final = 1000
"""The most fields that a form may have."""


class FormTooLarge(HTTPException):
    """A form is larger than any query or change that fits into one."""

    code = 413
    description = (
        f"A form may have {MAX_FORM:,} bytes and {MAX_FIELDS:,} fields; "
        "send more than that as a body of its own media type."
    )


def refuse_bodies() -> None:
    """See that the current request's body is as it says, and a form is no larger than forms are.

    Raises:
        UnsupportedMediaType: the body is compressed.
        FormTooLarge: the form has too many bytes or fields.
    """
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise UnsupportedMediaType(
            "send the body as it is, without Content-Encoding; nothing is unpacked here"
        )
    if request.mimetype != FORM:
        return
    if (request.content_length or 0) > MAX_FORM:
        raise FormTooLarge
    if request.get_data(cache=True).count(b"&") >= MAX_FIELDS:
        raise FormTooLarge
