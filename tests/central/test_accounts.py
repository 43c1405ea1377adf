"""Staff accounts, rights, and the codes that let a device in."""

from __future__ import annotations

from typing import Any

import pytest

from techkit.central import accounts
from techkit.central.accounts import Right
from techkit.central.models import EnrolCode, Role
from techkit.errors import CentralError, InputError


def test_a_name_is_given_once(org: Any, maren: Any) -> None:
    """A second account of the same name is refused with a sentence, whatever its case."""
    with pytest.raises(InputError) as refused:
        accounts.make_staff(org, "MAREN", "another good password")
    assert "maren" in refused.value.title.lower()


def test_rights_follow_the_role(org: Any) -> None:
    """An auditor reads and does not decide; a technician sees no page at all."""
    auditor = accounts.make_staff(org, "ada", "correct horse battery", role=Role.AUDITOR)
    technician = accounts.make_staff(org, "ines", "correct horse battery", role=Role.TECHNICIAN)
    assert accounts.may(auditor, Right.READ)
    assert not accounts.may(auditor, Right.REVIEW)
    assert not accounts.may(technician, Right.READ)
    with pytest.raises(CentralError) as refused:
        accounts.require(auditor, Right.REVIEW)
    assert refused.value.status == 403


def test_an_easy_password_is_refused(maren: Any) -> None:
    """A short, common or own-name password is refused, with advice, and the old one holds."""
    for easy in ("short", "123456789123456789"):
        with pytest.raises(InputError) as refused:
            accounts.change_password(maren, easy)
        assert refused.value.advice
    maren.refresh_from_db()
    assert maren.check_password("correct horse battery staple")


def test_an_enrolment_code_is_kept_as_a_hash_only(maren: Any) -> None:
    """The clear code stands nowhere; its hash is found however the code is typed."""
    text, row = accounts.new_enrol_code(maren, maren)
    assert len(text.replace("-", "")) == 16
    assert EnrolCode.objects.get(code_hash=accounts.code_hash(f" {text.lower()} ")) == row
    assert text.replace("-", "") not in str(EnrolCode.objects.values())


def test_the_password_is_kept_by_argon2id(maren: Any, real_password_cost: tuple[int, int]) -> None:
    """The stored password is an argon2id hash that costs at least 19 MiB and two passes."""
    assert maren.password.startswith("argon2$argon2id$")
    memory_kib, passes = real_password_cost
    assert memory_kib >= 19 * 1024
    assert passes >= 2
