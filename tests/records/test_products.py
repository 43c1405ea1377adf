"""Names and versions of programs: natural order, the same product under a new name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techkit.records import products


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("9.9", "9.10"),
        ("1.0-2ubuntu1", "1.0.1-1ubuntu2"),
        ("1.0-1", "1.0-1.1"),
        ("1.0~rc1", "1.0"),
        ("1.0-beta2", "1.0"),
        ("1.0", "1.0.1"),
        ("2:1.0", "3:0.1"),
        ("9.9", "1:0.1"),
        ("1.1.1a", "1.1.1b"),
        ("24H1", "24H2"),
        ("6.1.0-9", "6.1.0-18"),
        ("v2.1", "2.2"),
        ("05.11.2023", "04.12.2023"),
    ],
)
def test_versions_are_ordered_naturally(older, newer):
    """Numbers in versions count as numbers: 9.10 is newer than 9.9."""
    assert products.is_newer(newer, older)
    assert not products.is_newer(older, newer)


@pytest.mark.parametrize(("one", "other"), [("2.0", "2.0.0"), ("v9.9", "9.9"), ("1.2", " 1.2 ")])
def test_writing_a_version_differently_is_no_change(one, other):
    """Trailing zeros, a leading v and blanks do not make another version."""
    assert products.is_same_version(one, other)


@given(st.lists(st.integers(0, 999), min_size=1, max_size=5), st.integers(0, 4))
def test_raising_any_part_makes_it_newer(parts, place):
    """Raising one part of a version always makes a newer version."""
    place %= len(parts)
    raised = [*parts[:place], parts[place] + 1, *parts[place + 1 :]]
    assert products.is_newer(".".join(map(str, raised)), ".".join(map(str, parts)))


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_ordered(one, other):
    """Whatever stands in a version's place, comparing it never fails and is never both ways."""
    assert not (products.is_newer(one, other) and products.is_newer(other, one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("PlainOffice 2025 (64-bit)", "PlainOffice 2026 (64-bit)"),
        ("7-Zip 23.01 (x64)", "7-Zip 24.08 (x64)"),
        ("Python 3.11.4 (64-bit)", "Python 3.12.0 (64-bit)"),
        ("Archive Reader v9.2", "Archive Reader v10.0"),
        ("linux-image-6.1.0-18-amd64", "linux-image-6.1.0-26-amd64"),
        ("Sample Compact R2", "Sample Compact R3"),
        ("Sample Maps 3.28.12 'Firenze'", "Sample Maps 3.34.2 'Prizren'"),
        ("Sample Tunnel 2.5.8-I601 amd64", "Sample Tunnel 2.6.8-I001 amd64"),
    ],
)
def test_renamed_products_are_one_family(one, other):
    """A name's year, version and architecture do not make another product."""
    assert products.family(one) == products.family(other)


def test_different_products_stay_apart():
    """Names that differ in a word are different products."""
    assert products.family("PlainOffice Writer 2025") != products.family("PlainOffice Calc 2025")
    assert products.family("Sample 365 - en-us") != products.family("Sample 12 - en-us")


@pytest.mark.parametrize(
    ("name", "before", "after", "expected"),
    [
        ("Browsewell", "143.0", "143.1", True),
        ("Mozilla Firefox (x64 de)", "143.0", "145.0", True),
        ("Microsoft Edge WebView2-Laufzeit", "1.1", "1.2", True),
        ("DentaBook", "9.9", "9.10", False),
        ("PlainOffice 2026", "25.4", "26.1", False),
        ("Yearbook", "2025.1", "2025.2", False),
        ("Quickpost", "131.0.1", "132.0", True),
    ],
)
def test_programs_that_update_themselves(name, before, after, expected):
    """Browsers, known self-updaters and rapid release trains may have updated themselves; others not."""
    assert products.updates_itself(name, before, after) is expected
