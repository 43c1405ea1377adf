"""Accounts that anybody can use because they have no password."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Readings, Result, level, level_set
from techkit.i18n import N_, _, ngettext
from techkit.probes import security
from techkit.records.findings import Area, Reason, Verdict


@level_set
class Levels:
    """Accounts with a shell and an empty password."""

    act_count: int = level(
        1, unit="count", source="CIS Debian Linux Benchmark: ensure password fields are not empty"
    )


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result where that could be looked at, or where a system tells at least who need not have a password."""
    reading = readings.get("security.empty_passwords")
    if reading is None or not isinstance(reading.value, list):
        yield from _need_none(readings)
        return
    names = [str(name) for name in reading.value]
    good = len(names) < levels.act_count
    yield Result(
        Verdict.OK if good else Verdict.ACT,
        value=len(names),
        unit="count",
        value_text=_("none") if good else quantities.listed(names, 2),
        limit_text=_("act from {act}", act=levels.act_count),
        sentence=_("Every account has a password or is locked.")
        if good
        else ngettext(
            "{n} account has no password: {names}.",
            "{n} accounts have no password: {names}.",
            len(names),
            names=quantities.listed(names),
        ),
        customer_sentence=_("No account can be used without a password.")
        if good
        else _("An account of this computer can be used without a password."),
        advice="" if good else _("Set a password, or lock the account."),
        reading_ids=("security.empty_passwords",),
        higher_is_better=False,
    )


def _need_none(readings: Readings) -> Iterator[Result]:
    """Yield what follows from who need not have a password: that somebody may be without one is no proof of it.

    Windows' own set-up makes such accounts, with a password: they are not told apart.
    """
    reading = readings.get("security.password_not_required")
    if reading is None or not isinstance(reading.value, list):
        return
    names = [str(name) for name in reading.value]
    ids = ("security.password_not_required",)
    if not names:
        yield Result(
            Verdict.OK,
            value=0,
            unit="count",
            value_text=_("none"),
            sentence=_("Every account in use must have a password."),
            customer_sentence=_("No account can be used without a password."),
            reading_ids=ids,
            higher_is_better=False,
        )
        return
    yield Result(
        Verdict.UNKNOWN,
        reason=Reason.NOT_PRESENT,
        reason_text=_(
            "the system does not tell whether a password is empty; it allows that for {names}.",
            names=quantities.listed(names),
        ),
        reading_ids=ids,
    )


CHECK = Check(
    id="empty_passwords",
    title=N_("Accounts without a password"),
    area=Area.SECURITY,
    why=N_("An account without a password is an open door."),
    probes=(security.ACCOUNTS,),
    levels=Levels(),
    needs=("security.empty_passwords",),
    evaluate=evaluate,
    version=2,
)
