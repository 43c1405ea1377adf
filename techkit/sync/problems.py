"""Numbered problems: what the service says is wrong, in its words and in the receiver's own."""

from __future__ import annotations

from enum import IntEnum

import msgspec

from techkit.i18n import N_, _


class ProblemCode(IntEnum):
    """What is wrong, by number: 1xx with a request, 2xx with one operation, 3xx with a file."""

    MALFORMED = 100
    TOO_LARGE = 101
    UNKNOWN_DEVICE = 102
    REVOKED = 103
    BAD_SIGNATURE = 104
    CLOCK = 105
    REPLAYED = 106
    FORKED = 107
    OLD_PROTOCOL = 108
    BAD_CODE = 109
    BUSY = 110
    FAULT = 111
    PREFIX_TAKEN = 112
    TOO_MANY_TRIES = 113
    MEASURED_TOO_OFTEN = 114
    LINE_BUSY = 115
    MEASURING_OVER = 116
    BAD_OPERATION = 200
    FOREIGN_SCOPE = 201
    OTHER_RECORD = 202
    OFFICE_ONLY = 203
    FACT_CHANGED = 204
    VISIT_SUBMITTED = 205
    NEVER_SENT = 206
    FIELDS_NOT_TAKEN = 207
    ID_TAKEN = 208
    FIELD_TOO_LARGE = 209
    UNKNOWN_FILE = 300
    WRONG_OFFSET = 301
    WRONG_HASH = 302
    FILE_TOO_LARGE = 303


#: code -> (HTTP status, what happened, what to do now)
_PROBLEMS: dict[ProblemCode, tuple[int, str, str]] = {
    ProblemCode.MALFORMED: (400, N_("The request could not be read."), N_("Try again; update techkit if it happens again.")),
    ProblemCode.TOO_LARGE: (413, N_("The request is too large."), N_("Send smaller pieces.")),
    ProblemCode.UNKNOWN_DEVICE: (401, N_("The service does not know this device."), N_("Ask the office for a code and enrol it.")),
    ProblemCode.REVOKED: (403, N_("The office has withdrawn this device."), N_("Ask the office for a new code; it can take unsent work from a package file, too.")),
    ProblemCode.BAD_SIGNATURE: (401, N_("The signature of the request does not fit."), N_("Ask the office for a code and enrol the device again.")),
    ProblemCode.CLOCK: (401, N_("The device’s clock and the service’s are too far apart."), N_("techkit allows for the difference and tries again.")),
    ProblemCode.REPLAYED: (401, N_("This very request was sent before."), N_("Try again.")),
    ProblemCode.FORKED: (409, N_("There is a copy of this device, or it was restored from a backup."), N_("Enrol this one anew; everything unsent is kept and sent then.")),
    ProblemCode.OLD_PROTOCOL: (426, N_("This techkit is too old or too new for the service."), N_("Update techkit.")),
    ProblemCode.BAD_CODE: (403, N_("The code is wrong, was used before or has expired."), N_("Ask the office for a new code.")),
    ProblemCode.BUSY: (503, N_("The service is busy."), N_("Try again in a minute.")),
    ProblemCode.FAULT: (500, N_("The service made a mistake."), N_("Try again in a minute; tell the office if it goes on.")),
    ProblemCode.PREFIX_TAKEN: (409, N_("Another device numbers its visits with the same letters."), N_("Ask the office.")),
    ProblemCode.TOO_MANY_TRIES: (429, N_("Too many wrong codes."), N_("Wait a quarter of an hour and try again.")),
    ProblemCode.MEASURED_TOO_OFTEN: (429, N_("The line was measured often enough for now."), N_("Measure again in an hour.")),
    ProblemCode.LINE_BUSY: (429, N_("The service measures another device’s line just now."), N_("Try again in a minute.")),
    ProblemCode.MEASURING_OVER: (409, N_("The measurement is over."), N_("Begin another one.")),
    ProblemCode.BAD_OPERATION: (422, N_("The change is damaged."), N_("Tell the office.")),
    ProblemCode.FOREIGN_SCOPE: (403, N_("The customer is not assigned to this device."), N_("Ask the office to assign the customer.")),
    ProblemCode.OTHER_RECORD: (409, N_("The record belongs to another customer or is of another kind."), N_("Tell the office.")),
    ProblemCode.OFFICE_ONLY: (403, N_("Only the office changes this."), N_("Ask the office.")),
    ProblemCode.FACT_CHANGED: (409, N_("What was written once cannot be changed."), N_("Record a correction instead.")),
    ProblemCode.VISIT_SUBMITTED: (409, N_("The visit was submitted and is closed for changes."), N_("The office can open it again with a question.")),
    ProblemCode.NEVER_SENT: (422, N_("This is worked out at each end and never sent."), N_("Update techkit.")),
    ProblemCode.FIELDS_NOT_TAKEN: (200, N_("Some fields belong to the office and were left out."), N_("Ask the office to change them.")),
    ProblemCode.ID_TAKEN: (409, N_("Another change has the same number."), N_("Tell the office.")),
    ProblemCode.FIELD_TOO_LARGE: (413, N_("A field is too long."), N_("Shorten it, or attach it as a file.")),
    ProblemCode.UNKNOWN_FILE: (404, N_("The service does not expect this file."), N_("techkit announces it again.")),
    ProblemCode.WRONG_OFFSET: (409, N_("The file goes on at another place."), N_("techkit goes on from there.")),
    ProblemCode.WRONG_HASH: (422, N_("The file arrived damaged."), N_("techkit sends it again.")),
    ProblemCode.FILE_TOO_LARGE: (413, N_("The file is too large for the service."), N_("Ask the office.")),
}  # fmt: skip


#: So much of somebody else's words is shown.
_MAX_WORDS = 400


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A numbered problem as the wire carries it; the words are the receiver's own, by `shown`.

    field: names what it is about. now_ms and offset: facts that let the sender go on.
    """

    code: int
    title: str = ""
    field: str = ""
    advice: str = ""
    status: int = 0
    now_ms: int = 0
    offset: int = -1
    retry_after_s: int = 0

    def shown(self) -> tuple[str, str]:
        """Return title and advice in the language in force; the sender's words for a new code."""
        try:
            _status, title, advice = _PROBLEMS[ProblemCode(self.code)]
        except ValueError:
            return self.title[:_MAX_WORDS], self.advice[:_MAX_WORDS]
        return _(title), _(advice)


def problem(code: ProblemCode, *, field: str = "", **facts: int) -> Problem:
    """Return the numbered problem with its English words and HTTP status."""
    status, title, advice = _PROBLEMS[code]
    return Problem(code=code, title=title, advice=advice, field=field, status=status, **facts)
