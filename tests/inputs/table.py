"""Every bad input and every station it can reach: which test drives it there, or why it cannot get there.

The numbers are those of the specification's bad inputs, groups A to E. A cell names a test; where a row has none for
a station, its reason says why nothing of it arrives there. `describe` makes docs/bad-inputs.md of it, and
test_table.py holds it to the tests there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

#: Where a value may come by, in the order it travels.
STATIONS: Final[Mapping[str, str]] = {
    "form": "a field of a form, a draft",
    "window": "labels, buttons, choices, tooltips",
    "search": "palette and search",
    "list": "long lists",
    "rules": "what the office will ask about",
    "money": "charges, shares, budgets",
    "drafts": "drafts from differences",
    "paper": "the page, as PDF",
    "screen": "what the customer sees",
    "terminal": "techkit in a terminal",
    "export": "a check as JSON, text, GLPI",
    "sync": "push, ingest, other devices",
    "pages": "review pages, printed too",
    "files": "CSV, JSON lines, a customer's file",
    "package": "by stick to the office",
    "job": "by stick from the office",
    "backup": "backup and restore",
    "reading": "readings of the computer",
}

_TEXTS = "tests/inputs/test_texts.py::"
_VALUES = "tests/ui/presenters/test_bad_values.py::"
_REFERENCES = "tests/scenarios/test_bad_references.py::"
_FILES = "tests/ui/presenters/test_files.py::TestHostileFiles::"
_FORMS = "tests/ui/presenters/test_entry_form.py::"
_PUSHED = "tests/inputs/test_pushed.py::test_whatever_is_sent_pages_and_devices_open"

#: Each text of group A goes through all of these on one journey.
_JOURNEY: Final[Mapping[str, str]] = {
    "form": f"{_TEXTS}test_bad_input_a_arrives_as_it_was_kept",
    "window": f"{_TEXTS}test_window_shows_each_text_letter_by_letter",
    "search": f"{_TEXTS}test_palette_and_lists_take_each_text",
    "list": f"{_TEXTS}test_palette_and_lists_take_each_text",
    "rules": f"{_TEXTS}test_rules_and_money_take_each_text",
    "money": f"{_TEXTS}test_rules_and_money_take_each_text",
    "drafts": f"{_TEXTS}test_drafts_of_a_program_of_each_name",
    "paper": f"{_TEXTS}test_customer_screen_and_paper_hold_each_text",
    "screen": f"{_TEXTS}test_customer_screen_and_paper_hold_each_text",
    "terminal": f"{_TEXTS}test_terminal_and_exports_of_a_check_take_each_text",
    "export": f"{_TEXTS}test_terminal_and_exports_of_a_check_take_each_text",
    "sync": f"{_TEXTS}test_bad_input_a_arrives_as_it_was_kept",
    "pages": f"{_TEXTS}test_review_page_shows_each_text",
    "files": f"{_TEXTS}test_service_files_take_each_text",
    "package": f"{_TEXTS}test_package_and_job_pack_carry_each_text",
    "job": f"{_TEXTS}test_package_and_job_pack_carry_each_text",
    "backup": f"{_TEXTS}test_backup_holds_each_text",
    "reading": f"{_TEXTS}test_drafts_of_a_program_of_each_name",
}

#: What a stranger's program sends in the place of a form that refuses: numbers, days and texts at their ends.
_SENT: Final[Mapping[str, str]] = dict.fromkeys(
    ("list", "rules", "money", "paper", "screen", "sync", "pages", "files"), _PUSHED
)


@dataclass(frozen=True)
class Row:
    """A bad input: its number, what it is, what happens, the test at each station, and why at no other."""

    id: str
    what: str
    happens: str
    cells: Mapping[str, str]
    elsewhere: str = ""
    typed: str = field(default="", repr=False)


def _text(number: int, what: str, happens: str, typed: str, **own: str) -> Row:
    """Return a row of group A, which reaches every station; own: stations with a test of this text alone."""
    special = {station: f"{_TEXTS}{name}" for station, name in own.items()}
    return Row(f"a{number}", what, happens, {**_JOURNEY, **special}, typed=typed)


_REFUSED = "It is refused at the field, so no record holds it; what another program sends instead is at the other cells."
_NO_TEXT = "It is a number, a day or a clock and no text: nothing that shows or looks for texts meets it in another form."
_A_FILE = (
    "Only its name, kind and size are in records; its bytes go to no station that reads texts or numbers."
)

TEXT_ROWS: Final[tuple[Row, ...]] = (
    Row(
        "a1", "only blanks", "missing: said at its field, the rest of the form is kept; so are signs without ink",
        {"form": f"{_TEXTS}test_bad_input_a1_only_blanks", "reading": f"{_TEXTS}test_drafts_of_a_program_of_each_name",
         "terminal": _JOURNEY["terminal"], "export": _JOURNEY["export"]},
        "An empty text is kept as the empty text every optional field holds.", typed="\u00a0 \u3000",
    ),
    _text(2, "blanks around, tab, line end", "trimmed; one line in a field of one line",
          "  two\tblanks\r\nand a line  ", form="test_bad_input_a2_blanks_and_lines"),
    _text(3, "NUL", "taken out on entry", "a\x00b", form="test_bad_input_a3_nul"),
    _text(4, "half a character (U+D800)", "becomes U+FFFD at the border", "lone \ud800 surrogate",
          form="test_bad_input_a4_lone_surrogate"),
    _text(5, "turned direction, isolates", "kept; shown by its code; found all the same",
          "invoice\u202efdp.exe \u2066isolated\u2069", pages="test_bad_input_a5_direction"),
    _text(6, "no width, inside a serial", "kept as read; counts as nothing when looked for or compared", "SER\u200bIAL\ufeff-7",
          search="test_bad_input_a6_invisible_in_a_serial"),
    _text(7, "look-alike letters", "allowed; found by the letter it looks like", "P\u0430ypal",
          search="test_bad_input_a7_homoglyphs"),
    _text(8, "accent as a sign of its own", "kept composed; found either way", "Cafe\u0301",
          search="test_bad_input_a8_composed"),
    _text(9, "emoji families, flags, skins", "kept whole; the paper names what it cannot draw",
          "family 👨‍👩‍👧 flag 🇩🇪 skin 👍🏽", paper="test_bad_input_a9_emoji"),
    _text(10, "Arabic, Hebrew, Thai, Devanagari", "shaped on page and paper, no box", "أوداليس ברנדט โอดาลิส ओडालिस",
          paper="test_bad_input_a10_scripts"),
    _text(11, "dotless i, sharp s, Dutch ij", "found however written", "ISPARTA ıspartalı Straße ĲSSEL",
          search="test_bad_input_a11_case_of_languages"),
    Row(
        "a12", "two million characters", "refused with its limit; all stays on the screen; on a visit the whole becomes a file",
        {"form": f"{_TEXTS}test_bad_input_a12_two_million_characters"}, _REFUSED,
    ),
    _text(13, "no blank in 10,000 letters", "wraps; no layout stops", "x" * 10_000),
    _text(14, "500 marks on one letter", "kept; shown with eight", "Z" + "\u0301" * 500,
          pages="test_bad_input_a14_piled_marks"),
    _text(15, "private use, non-characters", "kept; shown by their code", "box \ue000 end \ufffe last \U0010ffff",
          pages="test_bad_input_a15_private_use"),
    _text(16, "escape sequences", "shown by their code; never raw on a terminal, page or paper",
          "bell\x1b]0;owned\x07 red\x1b[31m", terminal="test_bad_input_a16_nothing_talks_to_the_terminal"),
    _text(17, "HTML and script", "text everywhere",
          "<script>alert(1)</script><img src=x onerror=alert(1)><svg/onload=alert(1)></textarea>",
          pages="test_bad_input_a17_markup"),
    _text(18, "markup that fetches a file", "plain text; nothing is fetched",
          "<img src='file:///etc/passwd'> \\\\host\\share"),
    _text(19, "Typst and LaTeX", "printed letter by letter",
          '#read("/etc/passwd") #panic("x") $ 1/0 $ @label \\input{} [[ `x`',
          paper="test_bad_input_a_is_printed_literally"),
    _text(20, "other template languages", "letter by letter", "{{7*7}} ${7*7} <%= 7*7 %> %s%n {0.__class__}",
          paper="test_bad_input_a_is_printed_literally"),
    _text(21, "SQL and search operators", "looked for as words; never an error",
          "'; DROP TABLE visit;-- \" OR 1=1 NEAR( *", search="test_bad_input_a21_a22_search"),
    _text(22, "wildcards", "looked for as words", "100% _under_ [a-z]", search="test_bad_input_a21_a22_search"),
    _text(23, "formulas", "behind an apostrophe in CSV; amounts stay numbers",
          '=HYPERLINK("http://example.invalid","x")', files="test_bad_input_a23_no_cell_is_a_formula"),
    _text(24, "quotes, commas, line ends", "one cell, and whole; beyond what a cell holds it is cut, says so and stands whole in JSON lines", 'quote " comma , semicolon ; end',
          files="test_bad_input_a24_a_cell_comes_back_as_it_was"),
    _text(25, "names of devices and paths", "no file is called so; an export's name is cleaned",
          "CON NUL.txt aux. a:b", backup="test_bad_input_a25_names_of_files"),
    _text(26, "texts that slow patterns down", "no pattern of a person is run; ours end",
          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", search="test_bad_input_a26_no_text_holds_anybody_up"),
)  # fmt: skip


def _value(number: str, what: str, happens: str, elsewhere: str, **cells: str) -> Row:
    return Row(number, what, happens, cells, elsewhere)


def _sent(*names: str, **cells: str) -> dict[str, str]:
    """Return the cells of what a stranger's program may send, the named tests of the forms before them."""
    held = dict(_SENT) | cells
    for station, name in zip(("form",), names, strict=True):
        held[station] = name
    return held


OTHER_ROWS: Final[tuple[Row, ...]] = (
    _value("b27", "two customers of one name", "both kept, hinted at; a merge is undone whole",
           "Two records of one name are two ordinary records wherever they are read.",
           form=f"{_VALUES}test_bad_input_b27_same_name_twice", search=f"{_VALUES}test_bad_input_b27_same_name_twice"),
    _value("b28", "a serial nobody filled in", "no identity; the device gets an id of its own",
           "The reading is left out where it is read, so no record holds it.",
           reading=f"{_VALUES}test_bad_input_b28_a_serial_nobody_filled_in",
           form=f"{_VALUES}test_bad_input_b28_a_serial_nobody_filled_in"),
    _value("b29", "a serial like a number, long, with a slash", "text, always",
           "As a text it goes wherever the texts of group A go, and none of those reads numbers.",
           **_sent(f"{_VALUES}test_bad_input_b29_serials_are_text")),
    _value("b30", "an address that names nobody", "no identity",
           "It is compared when a computer is recognised and shown nowhere else.",
           reading=f"{_VALUES}test_bad_input_b30_an_address_that_names_nobody"),
    _value("b31", "two devices with one id", "found out; both histories kept; one enrols anew",
           "The id of a device is no text of a record; it matters where devices speak to the office.",
           sync=f"{_REFERENCES}test_bad_input_b31_two_devices_with_one_id"),
    _value("b32", "a customer removed elsewhere", "“Customer removed”; totals stay, no name comes back",
           "Nothing of the customer is left that a further station could show.",
           **dict.fromkeys(("sync", "pages", "list", "search", "money", "window"),
                           f"{_REFERENCES}test_bad_input_b32_a_customer_removed_elsewhere")),
    _value("b33", "a record below itself or below nobody", "refused by its name; what was there stays", _REFUSED,
           form=f"{_REFERENCES}test_bad_input_b33_nothing_stands_below_itself",
           sync=f"{_REFERENCES}test_bad_input_b33_a_contract_of_nobody",
           pages=f"{_REFERENCES}test_bad_input_b33_a_contract_of_nobody"),
    _value("b34", "e-mail addresses", "plausible ones kept; control signs refused",
           "A plausible one is a text like those of group A; no mail is ever sent to it.",
           **_sent(f"{_VALUES}test_bad_input_b34_no_mail_address")),
    _value("b35", "telephone numbers", "kept as typed",
           "As a text it goes wherever the texts of group A go; nothing dials it.",
           **_sent(f"{_VALUES}test_bad_input_b35_telephone_as_typed")),
    _value("c36", "a clock of 1970", "told on Today; minutes are those that passed; times marked uncertain", _NO_TEXT,
           **_sent(f"{_VALUES}test_bad_input_c36_c37_a_clock_that_is_wrong",
                   rules=f"{_VALUES}test_bad_input_c36_c37_times_under_a_wrong_clock_are_marked",
                   window=f"{_VALUES}test_bad_input_c36_c37_times_under_a_wrong_clock_are_marked")),
    _value("c37", "a clock of 2099", "as with 1970; what waits goes on waiting", _NO_TEXT,
           **_sent(f"{_VALUES}test_bad_input_c36_c37_a_clock_that_is_wrong",
                   rules=f"{_VALUES}test_bad_input_c36_c37_times_under_a_wrong_clock_are_marked",
                   window=f"{_VALUES}test_bad_input_c36_c37_times_under_a_wrong_clock_are_marked")),
    _value("c38", "a clock set back on site", "durations never negative; nothing ends before it began", _NO_TEXT,
           form=f"{_VALUES}test_bad_input_c38_a_clock_set_back_during_the_visit",
           rules=f"{_VALUES}test_bad_input_c38_a_clock_set_back_during_the_visit",
           paper=f"{_VALUES}test_bad_input_c38_a_clock_set_back_during_the_visit"),
    _value("c39", "changed clocks, odd zones, offsets of years", "UTC, offset and zone kept; no place, no offset",
           _NO_TEXT, **_sent(f"{_VALUES}test_bad_input_c39_summer_time_and_odd_zones")),
    _value("c40", "days the calendar has not; year 1, year 9999", "refused with how to write one", _NO_TEXT,
           **_sent(f"{_VALUES}test_bad_input_c40_c41_days_that_are_none")),
    _value("c41", "a day that could be two", "refused with how to write it", _REFUSED,
           form=f"{_VALUES}test_bad_input_c40_c41_days_that_are_none"),
    _value("c42", "a promise for a day that is over", "kept and shown as late", _NO_TEXT,
           **_sent(f"{_VALUES}test_bad_input_c42_promise_in_the_past")),
    _value("c43", "moments in a payload", "one strict parser; others kept aside with their field",
           "What was kept aside is in no record, so no station but the queue shows it.",
           sync=f"{_REFERENCES}test_bad_input_c43_moments_in_a_payload",
           pages=f"{_REFERENCES}test_bad_input_c43_a_bad_moment_in_a_later_change"),
    _value("d44", "no quantity, less than none", "refused but for a credit", _NO_TEXT,
           **_sent(f"{_VALUES}test_bad_input_d44_quantities")),
    _value("d45", "amounts beyond all", "refused above 10^13 minor units", _NO_TEXT,
           **_sent(f"{_VALUES}test_bad_input_d45_the_largest_amount")),
    _value("d46", "currencies of no or three places, none at all", "by the table of places; finer than a coin refused",
           _NO_TEXT, **_sent(f"{_VALUES}test_bad_input_d46_currencies")),
    _value("d47", "thousands, decimals, other digits", "as the language writes; the whole must fit", _REFUSED,
           form=f"{_VALUES}test_bad_input_d47_as_the_language_writes",
           money=f"{_FORMS}test_what_is_shown_is_read_back"),
    _value("d48", "not a number, infinite", "refused; of a sensor: not measured", _REFUSED,
           form=f"{_VALUES}test_bad_input_d47_d48_no_numbers",
           sync="tests/central/test_odd_bodies.py::test_an_odd_body_is_refused_in_words_and_stops_nothing",
           reading="tests/probes/test_sheet.py::test_what_is_no_number_is_left_out"),
    _value("d49", "a budget of nothing", "over by money; no percentage", _NO_TEXT,
           **(dict(_SENT) | {"money": f"{_VALUES}test_bad_input_d49_a_budget_of_nothing"})),
    _value("d50", "a hundred thousand lines", "added up exactly",
           "Each line is an ordinary line; how long lists are shown is measured by ./dev bench.",
           money=f"{_VALUES}test_bad_input_d50_a_hundred_thousand_lines"),
    _value("d51", "halves of a cent, shares", "halves up; shares add up to the cent",
           "The sum is reckoned in one place and shown as it is by every other.",
           money=f"{_VALUES}test_bad_input_d51_halves_and_shares"),
    _value("d52", "lengths of time", "negative refused; above 16 h asked about", _NO_TEXT,
           **_sent(f"{_VALUES}test_bad_input_d52_lengths_of_time",
                   rules=f"{_VALUES}test_bad_input_d52_lengths_of_time")),
    _value("e53", "an empty file", "refused by name; the next one taken", _A_FILE,
           form=f"{_FILES}test_bad_input_e53_empty", sync="tests/central/test_attachments.py::test_an_empty_file_is_a_file"),
    _value("e54", "half a picture", "kept byte for byte; no preview; never on the page", _A_FILE,
           form=f"{_FILES}test_bad_input_e54_truncated", paper=f"{_FILES}test_bad_input_e54_truncated",
           sync="tests/central/test_attachments.py::test_damaged_bytes_are_never_present"),
    _value("e55", "900 million pixels in 109 kB", "kept, not drawn", _A_FILE,
           form=f"{_FILES}test_bad_input_e55_bomb", paper=f"{_FILES}test_bad_input_e55_more_points_than_are_drawn"),
    _value("e56", "4 GB; many at once; no room", "limit told before a byte is read; one after the other, stoppable",
           _A_FILE, form=f"{_FILES}test_bad_input_e56_too_large", window=f"{_FILES}test_bad_input_e56_many_at_once",
           sync="tests/central/test_attachments.py::test_more_than_announced_is_refused"),
    _value("e57", "files that are not what they are called", "kind by content; only drawn photos are pictures", _A_FILE,
           form=f"{_FILES}test_bad_input_e57_liars",
           pages="tests/central/pages/test_visit_files.py::test_bad_input_e57_a_liar_is_only_kept"),
    _value("e58", "a photo that says where it was taken", "taken out; where that fails it is told", _A_FILE,
           form=f"{_FILES}test_bad_input_e58_place_that_cannot_be_taken_away",
           rules=f"{_FILES}test_bad_input_e58_place_that_cannot_be_taken_away",
           pages="tests/central/pages/test_visit_files.py::test_bad_input_e58_a_photo_with_its_place"),
    _value("e59", "paths, pipes and devices as names", "a name is a label; only files are read", _A_FILE,
           form=f"{_FILES}test_bad_input_e59_names", window="tests/inputs/test_window.py::test_a_photo_called_by_markup_fetches_nothing",
           terminal="tests/commands/test_hostile_words.py::test_a_file_with_a_hostile_name",
           files=f"{_TEXTS}test_bad_input_a25_e59_a_page_is_called_by_no_path",
           sync="tests/central/test_attachments.py::test_names_that_are_no_hash_are_refused"),
    _value("e60", "archives", "kept as they are, never opened", _A_FILE,
           form=f"{_FILES}test_bad_input_e60_archives_are_not_unpacked"),
    _value("e61", "a file that goes or grows", "named; nothing half is kept", _A_FILE,
           form=f"{_FILES}test_bad_input_e61_vanished"),
    _value("e62", "no stroke, one dot, 100,000 strokes", "no signature; cut to what a hand draws",
           "A signature is drawn on the page and shown nowhere else.",
           form=f"{_VALUES}test_bad_input_e62_no_signature", screen=f"{_VALUES}test_bad_input_e62_no_signature",
           paper=f"{_VALUES}test_bad_input_e62_a_hundred_thousand_strokes"),
)  # fmt: skip

ROWS: Final = (*TEXT_ROWS, *OTHER_ROWS)

#: id → what is typed, for the journey of test_texts.py.
TEXTS: Final[Mapping[str, str]] = {row.id: row.typed for row in TEXT_ROWS if row.typed}


def describe() -> str:
    """Return docs/bad-inputs.md: each bad input, what happens, and at which stations a test drives it."""
    lines = [
        "# Bad inputs",
        "",
        "Derived from tests/inputs/table.py by `./dev docs`; do not edit by hand. The numbers are those of the",
        "specification, groups A to E. A tick: a test drives it through that station; the table names it.",
        "",
        "| station | what it is |",
        "|---|---|",
        *(f"| {name} | {words} |" for name, words in STATIONS.items()),
        "",
        f"| nr | bad input | what happens | {' | '.join(STATIONS)} | elsewhere |",
        f"|---|---|---|{'---|' * len(STATIONS)}---|",
    ]
    for row in ROWS:
        ticks = " | ".join("✓" if station in row.cells else "·" for station in STATIONS)
        lines.append(f"| {row.id.upper()} | {row.what} | {row.happens} | {ticks} | {row.elsewhere} |")
    return "\n".join(lines) + "\n"
