"""Texts of BAD-INPUTS group A on one journey: form, store, sync, office, review page, CSV and paper.

Every text is typed into an entry of one visit; each row then looks at every station it reached.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import html
import io
import json
import re
import shutil
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from techkit.central import exports, jobs, packages, server
from techkit.central.models import Device as KnownDevice
from techkit.commands import terminal
from techkit.diagnostics import export, sheet
from techkit.probes.sheet import Sheet
from techkit.records import drafts
from techkit.records.activities import Maintenance
from techkit.records.assets import Asset, InventorySnapshot, Phase
from techkit.records.charges import charges
from techkit.records.entering import clean_text, file_name
from techkit.records.findings import Area, CheckResult, Finding, Reading, Verdict
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.schema import Audience
from techkit.records.visible import visible
from techkit.records.visit import SupplyUse
from techkit.store import backup
from techkit.store.database import Store
from techkit.store.listing import Wanted
from techkit.summary import pdf
from techkit.ui.controls import PlainLabel, Select, Tick
from techkit.ui.presenters import visit_page
from techkit.ui.presenters.list_kinds import CUSTOMERS
from techkit.ui.presenters.lists import When
from techkit.ui.presenters.search import Search
from tests.inputs.table import TEXTS
from tests.scenarios.conftest import SIGNATURE, Device, HandClock, Office, recordings, text_of
from tests.stores import KEY

#: The texts that are read back on paper by their letters as they are.
ON_PAPER_AS_TYPED = ("a7", "a17", "a18", "a19", "a20", "a21", "a22", "a23", "a24", "a25", "a26")


@dataclass
class Journey:
    """What every station made of the texts."""

    device: Device
    visit_id: str
    office: Office
    entries: dict[str, Maintenance]
    arrived: dict[str, Maintenance]
    page: str
    whole: tuple[str, ...]
    headers: str
    paper: str
    rows: list[dict[str, str]]
    refused: dict[str, str]
    files: dict[str, bytes]
    customers: dict[str, Customer | None]
    by_stick: dict[str, Customer | None]


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory, empty_service: Path) -> Iterator[Journey]:
    folder = tmp_path_factory.mktemp("bad-inputs")
    shutil.copytree(empty_service, folder / "office")
    device = Device(
        folder / "device", prefix="TK07", technician="Ines Okafor", clock=HandClock("2026-11-23 10:00")
    )
    device.desk.recordings = recordings("o1_notebook")[""]
    with server.running(folder / "office") as service:
        yield travelled(device, Office(service))
    device.sync.close()
    device.store.close()


def travelled(device: Device, office: Office) -> Journey:
    new = device.new_visit()
    for name, text in (
        ("customer", TEXTS["a17"]),
        ("purpose", TEXTS["a19"]),
        ("street", TEXTS["a5"]),
        ("town", TEXTS["a23"]),
    ):
        new.fill(name, text)
    new.start()
    visit = device.open(device.opened[-1])
    visit.next()
    refused: dict[str, str] = {}
    for key, text in TEXTS.items():
        visit.work.choose_kind("maintenance")
        visit.work.fill("title", key if key != "a1" else text)
        visit.work.fill("note_customer", text)
        visit.work.fill("product", text[:400])
        visit.work.add_entry()
        form = visit.work.state.form
        if form is not None:
            refused[key] = form.error
            visit.work.close_form()
    visit.need.refuse_consent()
    visit.held.save(dataclasses.replace(visit.held.visit, no_after_run_reason="Not wanted."))
    visit.go("sign_off")
    visit.after.choose_outcome("resolved")
    visit.sign_off.hand_over()
    visit.sign_off.answer("5")
    visit.sign_off.draw(SIGNATURE)
    visit.sign_off.agree()
    document, seal = visit_page.page(visit.held.bundle)
    paper = text_of(pdf.render(document, seal))
    visit.sign_off.finish()
    device.sync.enrol(office.invitation())
    visit_id = visit.held.visit_id
    arrived = office.bundle(visit_id)
    office.row(visit_id)
    user = office.staff
    user.set_password("correct horse battery staple")
    user.must_change_password = False
    user.save()
    browser = Client(headers={"host": "localhost"})
    signed_in = browser.post(
        "/sign-in", {"username": user.username, "password": "correct horse battery staple"}, secure=True
    )
    assert signed_in.status_code == 302, signed_in.content.decode()
    given = browser.get(f"/visits/{visit_id}", secure=True)
    links = re.findall(rf'href="(/visits/{visit_id}[^"]*whole=[^"]*)"', given.content.decode())
    exported = browser.get("/visits/export", secure=True)
    customer = device.store.bundle(visit_id).visit.customer_id
    files = {
        "csv": "/visits/export?what=activities",
        "jsonl": "/visits/export?what=activities&format=jsonl",
        "customer": f"/customers/{customer}/export",
    }
    customers, by_stick = sent_by_stick(device, office)
    return Journey(
        device=device,
        visit_id=visit_id,
        office=office,
        entries={a.title: a for a in device.store.bundle(visit_id).activities if isinstance(a, Maintenance)},
        arrived={a.title: a for a in arrived.activities if isinstance(a, Maintenance)},
        page=given.content.decode(),
        whole=tuple(browser.get(html.unescape(link), secure=True).content.decode() for link in links),
        headers=given.headers.get("Content-Security-Policy", ""),
        paper=paper,
        rows=list(csv.DictReader(io.StringIO(exported.content.decode("utf-8-sig")))),
        refused=refused,
        files={name: b"".join(browser.get(address, secure=True)) for name, address in files.items()},
        customers=customers,
        by_stick=by_stick,
    )


def sent_by_stick(device: Device, office: Office) -> tuple[dict[str, Customer | None], dict[str, Customer]]:
    """Name customers by the texts, carry them to the office in a package and to another device in a job pack."""
    made = {key: new_id() for key in TEXTS if key != "a1"}
    for key, record_id in made.items():
        name = clean_text(TEXTS[key])[:200]
        notes = clean_text(TEXTS[key], multiline=True)
        device.store.save(Customer(id=record_id, display_name=name, notes_for_visit=notes))
    client = device.sync.client
    client.take_answer(packages.answer(client.make_package()))
    assert device.store.outbox.waits().count == 0
    other = Device(
        device.folder.parent / "other",
        prefix="TK11",
        technician="Pavel Novotny",
        clock=HandClock("2026-11-23 10:00"),
    )
    try:
        other.sync.enrol(office.invitation())
        known = KnownDevice.objects.select_related("org").get(pk=other.store.device.id)
        other.sync.client.take_file(jobs.pack(office.staff, known, list(made.values())))
        return (
            {key: device.store.get(Customer, record_id) for key, record_id in made.items()},
            {key: other.store.get(Customer, record_id) for key, record_id in made.items()},
        )
    finally:
        other.sync.close()
        other.store.close()


def test_bad_input_a1_only_blanks(journey: Journey) -> None:
    """A title of blanks alone is missing: said at its field, and the rest of the form is kept."""
    assert set(journey.refused) == {"a1"}
    assert "still empty" in journey.refused["a1"]


@pytest.mark.parametrize("key", [key for key in TEXTS if key != "a1"])
def test_bad_input_a_arrives_as_it_was_kept(journey: Journey, key: str) -> None:
    """What the device keeps is what the office holds, byte for byte, for every text of the group."""
    kept, arrived = journey.entries[key], journey.arrived[key]
    assert arrived == kept
    assert kept.note_customer == unicodedata.normalize("NFC", kept.note_customer)
    json.dumps(kept.note_customer).encode("utf-8")


def test_bad_input_a2_blanks_and_lines(journey: Journey) -> None:
    """A one-line field is trimmed and its line end folded; a field of several lines keeps its lines."""
    assert journey.entries["a2"].product == "two blanks and a line"
    assert journey.entries["a2"].note_customer == "two\tblanks\nand a line"


def test_bad_input_a3_nul(journey: Journey) -> None:
    """A NUL is taken out on entry."""
    assert journey.entries["a3"].product == "ab"


def test_bad_input_a4_lone_surrogate(journey: Journey) -> None:
    """A lone surrogate becomes the replacement character at the border."""
    assert journey.entries["a4"].product == "lone \ufffd surrogate"


def test_bad_input_a5_direction(journey: Journey) -> None:
    """A direction override is kept in the data and shown by its code on page and paper."""
    assert "\u202e" in journey.entries["a5"].product
    assert "invoice[U+202E]fdp.exe" in journey.page
    assert "\u202e" not in journey.page
    assert "invoice[U+202E]fdp.exe" in journey.paper.replace(" ", "")


def test_bad_input_a6_invisible_in_a_serial(journey: Journey) -> None:
    """Zero-width characters stay as read and count as nothing when it is looked for."""
    found = journey.device.store.search("SERIAL-7")
    assert journey.entries["a6"].id in {record.id for record in found}


def test_bad_input_a7_homoglyphs(journey: Journey) -> None:
    """A name with a Cyrillic letter is found by its Latin look-alike, and the other way round."""
    store = journey.device.store
    for typed in ("Paypal", "P\u0430yp\u0430l"):
        assert journey.entries["a7"].id in {record.id for record in store.search(typed)}


def test_bad_input_a8_composed(journey: Journey) -> None:
    """Accents are kept composed and found either way."""
    assert journey.entries["a8"].product == "Café"
    for typed in ("Café", "Cafe\u0301", "cafe"):
        assert journey.entries["a8"].id in {r.id for r in journey.device.store.search(typed)}


def test_bad_input_a9_emoji(journey: Journey) -> None:
    """Emoji stay whole in the data; the paper names what it cannot draw."""
    assert journey.entries["a9"].note_customer == TEXTS["a9"]
    assert "family" in journey.paper
    assert "[" in journey.paper[journey.paper.index("family") :][:80]


def test_bad_input_a10_scripts(journey: Journey) -> None:
    """Arabic, Hebrew, Thai and Devanagari reach page and paper without a box."""
    assert journey.entries["a10"].note_customer == TEXTS["a10"]
    assert TEXTS["a10"] in journey.page
    assert "[arabic" not in journey.paper
    assert "[thai" not in journey.paper


@pytest.mark.parametrize("typed", ["isparta", "ISPARTALI", "strasse", "ijssel", "STRASSE"])
def test_bad_input_a11_case_of_languages(journey: Journey, typed: str) -> None:
    """Dotless i, sharp s and the Dutch ij are found however they are written."""
    assert journey.entries["a11"].id in {r.id for r in journey.device.store.search(typed)}


def test_bad_input_a12_two_million_characters(journey: Journey) -> None:
    """Too long a text is refused with its limit, stays on screen, and nothing else of the form is lost."""
    visit = journey.device.open(journey.visit_id)
    work = visit.work
    work.choose_kind("maintenance")
    work.fill("title", "Long")
    work.fill("note_customer", "x" * 2_000_000)
    work.add_entry()
    form = work.state.form
    assert form is not None
    assert "too long: 2,000,000 of at most 100,000 characters" in form.error
    assert "attach the long text as a file" in form.error
    fields = {f.name: f.text for f in (*form.fields, *form.more)}
    assert (fields["title"], len(fields["note_customer"])) == ("Long", 2_000_000)
    work.close_form()


def test_bad_input_a14_piled_marks(journey: Journey) -> None:
    """Five hundred marks on one letter are kept and shown with at most eight."""
    assert len(journey.entries["a14"].note_customer) > 400
    assert "\u0301" * 9 not in journey.page


def test_bad_input_a15_private_use(journey: Journey) -> None:
    """Private-use characters and non-characters are kept and shown by their code."""
    assert "\ue000" in journey.entries["a15"].note_customer
    for code in ("[U+E000]", "[U+FFFE]", "[U+10FFFF]"):
        assert code in journey.page
        assert code in journey.paper


def test_bad_input_a16_escape_sequences(journey: Journey, caplog: pytest.LogCaptureFixture) -> None:
    """Escape sequences never reach a page, a paper or a terminal as they are."""
    assert "\x1b" not in journey.page
    assert "[U+001B]" in journey.page
    assert "\x1b" not in journey.paper


def test_bad_input_a17_markup(journey: Journey) -> None:
    """HTML and script are text on the page; the page's own policy allows no script of others."""
    assert "<script>alert(1)" not in journey.page
    assert "&lt;script&gt;alert(1)" in journey.page
    assert "<img src=x" not in journey.page
    assert "script-src 'self'" in journey.headers


@pytest.mark.parametrize("key", ON_PAPER_AS_TYPED)
def test_bad_input_a_is_printed_literally(journey: Journey, key: str) -> None:
    """Markup of engines, templates, databases and spreadsheets is printed letter by letter."""

    def bare(text: str) -> str:
        return "".join(text.split())

    assert bare(TEXTS[key]) in bare(journey.paper)
    assert "root:x:" not in journey.paper


@pytest.mark.parametrize(
    "typed",
    ["'; DROP TABLE visit;--", '" OR 1=1', "NEAR(", "*", '"', "100%", "_under_", "[a-z]", "AND OR NOT"],
)
def test_bad_input_a21_a22_search(journey: Journey, typed: str) -> None:
    """Operators and wildcards are looked for as words; a broken one is no error."""
    store, entry = journey.device.store, journey.entries["a21"]
    store.search(typed)
    assert entry.id in {found.id for found in store.search("drop table visit")}


def test_bad_input_a23_a24_csv(journey: Journey) -> None:
    """Nothing in the export is a formula, and each visit is one row whatever its texts hold."""
    assert len(journey.rows) == 1
    for cell in journey.rows[0].values():
        assert not cell.startswith(("=", "+", "@")), cell
    assert any("<script>" in cell for cell in journey.rows[0].values())


@pytest.mark.parametrize(
    "typed",
    ["=1+1", "+49 551", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", '=HYPERLINK("x")', "=cmd|' /C calc'!A0"],
)
def test_bad_input_a23_no_cell_is_a_formula(typed: str) -> None:
    """What a spreadsheet would reckon with stands behind an apostrophe; a negative amount is still a number."""
    table = exports.Table(name="visits", columns=("note", "net"), lines=({"note": typed, "net": -5},))
    ((_note, _net), (note, net)) = csv.reader(
        io.StringIO(exports.csv_bytes(table).decode("utf-8-sig"), newline="")
    )
    assert note == f"'{typed}"
    assert net == "-5"


@pytest.mark.parametrize("typed", [TEXTS["a24"], "a\r\nb\nc", '""', "x;y,z", "'", "y" * 32_767])
def test_bad_input_a24_a_cell_comes_back_as_it_was(typed: str) -> None:
    """Quotes, commas, line ends and a very long text are one cell each, and the cells beside them stay where they are."""
    table = exports.Table(
        name="visits", columns=("number", "note", "net"), lines=({"number": "1", "note": typed, "net": 7},)
    )
    rows = list(csv.reader(io.StringIO(exports.csv_bytes(table).decode("utf-8-sig"), newline="")))
    assert rows == [["number", "note", "net"], ["1", typed, "7"]]


def test_bad_input_a24_a_longer_text_than_a_cell_holds() -> None:
    """It is cut, says so and how long it is, and stands whole in the JSON lines of the same list."""
    text = "=" + "y" * 33_000
    table = exports.Table(name="visits", columns=("note", "net"), lines=({"note": text, "net": 7},))
    (_names, (note, net)) = csv.reader(io.StringIO(exports.csv_bytes(table).decode("utf-8-sig"), newline=""))
    assert note.startswith("'=yyy")
    assert len(note) < 32_767
    assert note.endswith("… [33001 characters; whole in the JSON lines file]")
    assert net == "7"
    assert json.loads(exports.jsonl_bytes(table)) == {"note": text, "net": 7}


def test_bad_input_a25_names_of_files(journey: Journey) -> None:
    """No file on the device or at the office is called by a text of the customer."""
    for place in (journey.device.folder, journey.device.folder.parent / "office"):
        names = {path.name for path in place.rglob("*")}
        assert len(names) > 3
        assert not {n for n in names if n.startswith(("CON", "NUL", "aux", "<script"))}


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("../../x", "x"),
        ("..\\..\\x", "x"),
        ("C:\\x", "C x"),
        ("\\\\server\\s", "server s"),
        ("/etc/passwd", "etc passwd"),
        ("-rf", "rf"),
        ("a:b", "a b"),
        ("CON", "CON_"),
        ("nul.txt", "nul.txt_"),
        ("com1", "com1_"),
        ("Konrad", "Konrad"),
        ("aux. ", "aux_"),
        ("a\x00b\r\nSet-Cookie: x", "ab Set-Cookie x"),
        ("invoice\u202efdp.exe", "invoice fdp.exe"),
        ('Ana "Ada" Brandt', "Ana Ada Brandt"),
        ("...", "techkit"),
        ("é" * 300, "é" * 40),
    ],
)
def test_bad_input_a25_e59_a_page_is_called_by_no_path(typed: str, name: str) -> None:
    """A page of one's own is offered as a file by its person's name: never a path, a device or a header of its own."""
    assert file_name(typed) == name


def test_bad_input_a16_nothing_talks_to_the_terminal(
    journey: Journey, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the program prints of a text shows its escape sequences by their codes, a line each."""
    for key in ("a5", "a16", "a15"):
        terminal.say(journey.entries[key].note_customer)
    terminal.say("one\x1b[2K\r\nvisit")
    said = capsys.readouterr().out
    assert said.count("\n") == 4
    assert "[U+001B]]0;owned[U+0007]" in said
    assert "[U+202E]fdp.exe" in said
    assert not {"\x1b", "\x07", "\u202e", "\r"} & {*said}


@pytest.mark.timeout(60)  # what a text slows down in earnest takes years
def test_bad_input_a26_no_text_holds_anybody_up(journey: Journey) -> None:
    """Texts made to slow patterns down are searched for and worded like others: an end is reached."""
    (found,) = journey.device.store.search(TEXTS["a26"], kinds=("maintenance",))
    assert found.id == journey.entries["a26"].id
    assert flags(journey.device.store.bundle(journey.visit_id)) == ()


def test_bad_input_a_the_signed_page_for_a_script(
    journey: Journey, capsys: pytest.CaptureFixture[str]
) -> None:
    """`techkit visit --json` gives every text of the signed page whole, and nothing in it talks to a terminal."""
    from techkit.commands import visit
    from techkit.records.visit import Visit as VisitRecord

    store = journey.device.store
    held = store.get(VisitRecord, journey.visit_id)
    visit._one(store, held, argparse.Namespace(pdf=None, json=True))
    told = capsys.readouterr().out
    assert not [c for c in told if c != "\n" and unicodedata.category(c) == "Cc"]
    shown = json.loads(told)
    assert shown["content_hash"] == store.bundle(held.id).valid_signature().content_hash
    notes = {line["title"]: line["text"] for line in shown["page"]["done"]}
    for key in ("a5", "a9", "a10", "a15", "a16", "a17", "a19"):
        assert journey.entries[key].note_customer in notes[key]


# --- the further stations: each text through each of them ------------------------------------------------


def kept_texts(journey: Journey) -> dict[str, str]:
    """Return what the device kept of each text, as the page shows it to somebody."""
    return {key: entry.note_customer for key, entry in journey.entries.items()}


def test_window_shows_each_text_letter_by_letter(journey: Journey, qtbot: QtBot) -> None:
    """A label is plain text with every hidden sign by its code, however long the text is."""
    for text in kept_texts(journey).values():
        label, tick, choice = PlainLabel(text), Tick(text), Select([("value", text)])
        for piece in (label, tick, choice):
            qtbot.addWidget(piece)
        assert label.textFormat() is Qt.TextFormat.PlainText
        assert is_seen(label.text() + tick.text() + choice.itemText(0))


def is_seen(told: str) -> bool:
    """Return whether a text holds nothing that steers a terminal, turns its direction or has no ink."""
    hidden = {
        *map(chr, (*range(9), *range(11, 32), *range(0x7F, 0xA0), 0x200B, 0x202E, 0x2066, 0x2069, 0xFEFF))
    }
    return not hidden & {*told}


def test_palette_and_lists_take_each_text(journey: Journey) -> None:
    """Whatever is typed is looked for; a customer of that name stands in the list, cut where nobody reads on."""
    device = journey.device
    palette = Search(device.around, on_open=lambda _id: None)
    when = When(zone=device.clock.zone(), today=date(2026, 11, 23))
    for key, customer in journey.customers.items():
        palette.type(TEXTS[key])
        assert not [line for line in (palette.state.nothing_line,) if "error" in line.casefold()]
        if key != "a14":  # a letter with 500 marks is one letter and no word
            found = device.store.search(" ".join(customer.display_name.split()[:3]))
            assert customer.id in {one.id for one in found}, key
    rows = {row["id"]: row for row in device.store.listed(Wanted(name="customers"), 0, 200)}
    for key, customer in journey.customers.items():
        assert CUSTOMERS.row(rows[customer.id], when)[0].text == customer.display_name, key


def test_rules_and_money_take_each_text(journey: Journey) -> None:
    """A part of that name is charged by its price, and the rules and the page name it."""
    bundle = journey.device.store.bundle(journey.visit_id)
    for key, text in kept_texts(journey).items():
        part = SupplyUse(
            id=key, visit_id=journey.visit_id, name=text, unit_price_minor=720, quantity=Decimal(1)
        )
        sold = dataclasses.replace(bundle, supplies=(part,))
        assert charges(sold).total_minor - charges(bundle).total_minor == 720, key
        assert text in [line.label for line in charges(sold).lines], key
        flags(sold)


def test_drafts_of_a_program_of_each_name(journey: Journey) -> None:
    """A program that calls itself so is read onto one clean line, drafted as installed, and never obeyed."""
    asset = Asset(id="a", name="PC")
    shared = {"shape": 1, "hardware": {}, "settings": {}, "unread": []}

    def snapshot(phase: Phase, *names: str) -> InventorySnapshot:
        rows = [{"name": name, "version": "1.0", "publisher": "", "source": "registry"} for name in names]
        return InventorySnapshot(
            id=phase.value, asset_id="a", phase=phase, content={**shared, "software": rows}
        )

    for key, text in TEXTS.items():
        read = Sheet("registry")
        read.add("software.programs", [{"name": text, "version": "1.0"}])
        (reading,) = read.all()
        assert isinstance(reading.value, list)
        assert isinstance(reading.value[0], dict)
        name = str(reading.value[0]["name"])
        assert is_seen(name.replace("\u200b", "")), key  # stays "as read"
        if not name or key in ("a14", "a15"):
            continue
        (draft,) = drafts.snapshot_drafts(
            snapshot(Phase.BEFORE, "Notes"), snapshot(Phase.AFTER, "Notes", name), asset
        )
        assert name[:20] in draft.title, key


def test_customer_screen_and_paper_hold_each_text(journey: Journey) -> None:
    """What the customer reads on the screen are the blocks of the page: each text is there, the paper's hash fits."""
    bundle = journey.device.store.bundle(journey.visit_id)
    document, _seal = visit_page.page(bundle)
    told = {line.title: line.text for line in document.done}
    for key, text in kept_texts(journey).items():
        assert text in told[key], key
    signature = bundle.valid_signature()
    assert signature is not None
    assert document.content_hash == signature.content_hash


def test_terminal_and_exports_of_a_check_take_each_text(
    journey: Journey, capsys: pytest.CaptureFixture[str]
) -> None:
    """A disk and a computer called so: sheet, JSON, text and GLPI file are printable, and JSON reads back."""
    at = datetime(2026, 11, 23, 9, tzinfo=UTC)
    for key, text in TEXTS.items():
        finding = Finding(
            check="x",
            title=text,
            area=Area.STORAGE,
            verdict=Verdict.ACT,
            subject=text,
            sentence=text,
            advice=text,
        )
        result = CheckResult(
            plan="quick", started_at=at, ended_at=at, computer={"name": text, "model": text},
            readings=(Reading(id="storage.disk.model", value=text, subject=text),), findings=(finding,),
        )  # fmt: skip
        for form in ("json", "text", "glpi"):
            told = export.text_of(result, form, Audience.INTERNAL, version="1")
            assert is_seen(told), (key, form)
            told.encode("utf-8")
            assert form == "text" or json.loads(told)
        assert is_seen(sheet.Sheet(width=100).text(result)), key
        terminal.say(text)
    assert is_seen(capsys.readouterr().out)


def test_service_files_take_each_text(journey: Journey) -> None:
    """Activities as CSV and JSON lines, and all that is kept of a customer: one line each, whole, nothing reckoned."""
    rows = list(csv.DictReader(io.StringIO(journey.files["csv"].decode("utf-8-sig"), newline="")))
    lines = [json.loads(line) for line in journey.files["jsonl"].decode().splitlines()]
    handed = [json.loads(line) for line in journey.files["customer"].decode().splitlines()]
    notes = {line.get("title"): line.get("note_customer") for line in handed if line["kind"] == "maintenance"}
    for key, text in kept_texts(journey).items():
        (row,) = [row for row in rows if row["title"] == key]
        (line,) = [line for line in lines if line["title"] == key]
        assert json.loads(row["details"])["note_customer"] == text, key
        assert json.loads(line["details"])["note_customer"] == text, key
        assert notes[key] == text, key
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@"))]


def test_review_page_shows_each_text(journey: Journey) -> None:
    """Each text stands on the page the office reads and prints, a long one behind the link that ends its beginning."""
    pages = [
        "".join(html.unescape(re.sub(r"<[^>]*>", "", page)).split())
        for page in (journey.page, *journey.whole)
    ]
    assert all(map(is_seen, pages))
    for key, text in kept_texts(journey).items():
        shown = "".join(visible(text).split())
        assert any(shown in page for page in pages), key
        assert "".join(visible(text[:40]).split()) in pages[0], key
    assert len(journey.page) < 1_000_000


def test_package_and_job_pack_carry_each_text(journey: Journey) -> None:
    """By stick to the office and by stick to another device: every text arrives as it was kept."""
    for key, customer in journey.customers.items():
        assert journey.by_stick[key] == customer, key
        assert customer.notes_for_visit == journey.entries[key].note_customer, key


def test_backup_holds_each_text(journey: Journey, tmp_path: Path) -> None:
    """A backup of the device opens as a store and gives each text back."""
    path = backup.make(journey.device.store.connection, KEY)
    shutil.copy(path, tmp_path / "techkit.db")
    restored = Store.open(tmp_path, KEY)
    try:
        for key, entry in journey.entries.items():
            assert restored.get(Maintenance, entry.id) == entry, key
    finally:
        restored.close()
