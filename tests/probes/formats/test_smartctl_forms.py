"""What smartctl prints in its other forms: `-x` and `-f brief`, `-l selftest`, old bridges; and what the checks say of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from techkit.diagnostics import reading_files
from techkit.probes.formats import smartctl
from techkit.records.findings import Verdict

CAPTURES = Path(__file__).parents[2] / "captures"

BRIEF = """=== START OF READ SMART DATA SECTION ===
SMART overall-health self-assessment test result: PASSED
General SMART Values:
Self-test execution status:      ( 249)\tSelf-test routine in progress...
\t\t\t\t\t90% of test remaining.
Short self-test routine
recommended polling time: \t (   2) minutes.
Extended self-test routine
recommended polling time: \t ( 255) minutes.
ID# ATTRIBUTE_NAME          FLAGS    VALUE WORST THRESH FAIL RAW_VALUE
  3 Spin_Up_Time            POS---   155   155   024    -    422 (Average 426)
  5 Reallocated_Sector_Ct   PO--CK   098   098   036    -    114 (114 0)
  9 Power_On_Hours          -O--CK   083   083   000    -    15424 (2 178 0)
 12 Power_Cycle_Count       -OSRCK+  100   ---   ---    -    17
188 Command_Timeout         -O--CK   100   094   000    -    25770196998
190 Airflow_Temperature_Cel PO---K   024   036   069    NOW  24 (Min/Max 17/36)
194 Temperature_Celsius     -O---K   027   027   000    -    27 (Min/Max 14/42)
SCT Status Version:                  3
Min/Max recommended Temperature:      0/60 Celsius
SMART Extended Comprehensive Error Log Version: 1 (1 sectors)
Device Error Count: 2343 (device log contains only the most recent 4 errors)
SMART Extended Self-test Log Version: 1 (1 sectors)
Num  Test_Description    Status                  Remaining  LifeTime(hours)  LBA_of_first_error
# 1  Extended offline    Completed: read failure       70%     15400         1234
# 2  Short offline       Completed without error       00%        10         -
Device Statistics (GP Log 0x04)
0x07  0x008  1              13  N--  Percentage Used Endurance Indicator
"""


def test_the_brief_table_gives_what_the_long_one_does():
    """`-x` leaves type and update out; a raw value of several numbers begins with the one that counts."""
    sheet = smartctl.parse_text(BRIEF, "sda")
    found = {reading.id.removeprefix("storage.smart."): reading.value for reading in sheet}
    raw = {reading.subject: reading.value for reading in sheet if reading.id == "storage.smart.attribute_raw"}
    assert found["reallocated"] == 114
    assert found["power_on_hours"] == 15424
    assert found["power_cycles"] == 17
    assert found["temperature_celsius"] == 27
    assert found["command_timeouts"] == 6
    assert (raw["sda 3"], raw["sda 188"], raw["sda 190"]) == (422, 25770196998, 24)


def test_the_logs_of_a_drive_are_read_from_text():
    """Error count, last self-test and the one under way, wear, and the limit of the drive itself."""
    sheet = smartctl.parse_text(BRIEF, "sda")
    found = {reading.id.removeprefix("storage.smart."): reading.value for reading in sheet}
    assert found["error_log_count"] == 2343
    assert (found["self_test_kind"], found["self_test"], found["self_test_hours"]) == (
        "Extended offline",
        "Completed: read failure",
        15400,
    )
    assert (found["self_test_left_percent"], found["self_test_short_minutes"]) == (90, 2)
    assert found["self_test_long_minutes"] == 255
    assert (found["used_percent"], found["temperature_warning_celsius"]) == (13, 60)


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        (
            (
                "SMART Self-test log\nNum  Test              Status                 segment  LifeTime  LBA_first_err [SK ASC ASQ]\n"
                "     Description                              number   (hours)\n"
                "# 1  Background short  Failed in segment -->       3     134                 - [-   -    -]\n"
            ),
            ("Background short", "Failed in segment -->", 134),
        ),
        (
            (
                "Supported Power States\nSt Op     Max   Active     Idle   RL RT WL WT  Ent_Lat  Ex_Lat\n"
                " 0 +     9.00W    9.00W       -    0  0  0  0        0       0\n"
                "Self-test Log (NVMe Log 0x06)\nSelf-test status: No self-test in progress\n"
                "Num  Test_Description  Status                       Power_on_Hours  Failing_LBA  NSID Seg SCT Code\n"
                " 0   Extended          Completed without error                3441            -     -   -   -    -\n"
            ),
            ("Extended", "Completed without error", 3441),
        ),
    ],
    ids=["SCSI", "NVMe, beneath its power states"],
)
def test_the_last_self_test_of_every_kind_of_drive(log, expected):
    """Each protocol has a table of its own."""
    sheet = smartctl.parse_text(log)
    names = ("self_test_kind", "self_test", "self_test_hours")
    assert tuple(sheet.value(f"storage.smart.{name}") for name in names) == expected


@pytest.mark.parametrize(
    ("word", "passed"), [("PASSED", True), ("FAILED!", False), ("UNKNOWN!", None)], ids=str
)
def test_a_drive_that_does_not_say_is_not_failing(word, passed):
    """Behind some bridges smartctl cannot ask; that is no failure."""
    content = f"SMART overall-health self-assessment test result: {word}\n"
    assert smartctl.parse_text(content).value("storage.smart.passed") is passed


@pytest.mark.parametrize("advised", [25, 40, 127])
def test_a_recommended_temperature_of_a_cool_room_is_no_limit(advised):
    """Makers recommend 25 or 40 °C, and 127 for none; a drive at 41 °C is not too warm."""
    content = (
        f'{{"device": {{"name": "/dev/sda"}}, "temperature": {{"current": 41, "op_limit_max": {advised}}}}}'
    )
    sheet = smartctl.parse_json(content)
    assert sheet.value("storage.smart.temperature_warning_celsius", "sda") is None
    text = f"Min/Max recommended Temperature:     10/{advised} Celsius\n"
    assert smartctl.parse_text(text).value("storage.smart.temperature_warning_celsius") is None


def verdict_of(content: str) -> Verdict:
    sheet = smartctl.parse_text(content, "sda")
    findings = reading_files.judge("smartctl-text", sheet).findings
    return next(f.verdict for f in findings if f.check == "disk_health")


def test_a_temperature_at_its_threshold_is_no_failure_of_the_drive():
    """A drive at 24 °C that passes its own judgement is not called failing."""
    heat = "".join(row for row in BRIEF.splitlines(True) if "# 1" not in row)
    assert verdict_of(heat) is Verdict.WATCH
    assert (
        verdict_of(heat.replace("190 Airflow_Temperature_Cel", "184 End-to-End_Error       ")) is Verdict.ACT
    )


def test_a_self_test_that_failed_is_a_failure():
    """Also where another protocol words it otherwise."""
    assert verdict_of(BRIEF) is Verdict.ACT
    assert verdict_of("SMART Health Status: OK\n") is Verdict.OK
    assert (
        verdict_of(
            "SMART Health Status: OK\n"
            "# 1  Background long   Failed in segment -->       3     134                 - [-   -    -]\n"
        )
        is Verdict.ACT
    )


@pytest.mark.parametrize("support", ["true", '{"available": true, "enabled": true}'])
def test_whether_a_drive_can_judge_itself_is_said_in_two_shapes(support):
    """Network storage prints a truth where others print an object."""
    sheet = smartctl.parse_json(f'{{"smart_support": {support}}}')
    assert sheet.value("storage.smart.available") is True


@pytest.mark.parametrize(
    ("row", "reading", "count"),
    [
        (
            "187 Uncorrectable_Error_Cnt POSR--   118   118   050    -    214907203",
            "reported_uncorrectable",
            None,
        ),
        ("187 Reported_Uncorrect      -O--CK   001   001   000    -    4713", "reported_uncorrectable", 4713),
        ("187 Reported_Uncorrect      -O--CK   253   253   000    -    0", "reported_uncorrectable", 0),
        (
            "  9 Power_On_Hours_and_Msec -O--CK   000   000   000    -    935549h+28m+30.380s",
            "power_on_hours",
            None,
        ),
        ("197 Current_Pending_Sector  ------   001   001   000    -    4294967295", "pending", None),
        ("197 Current_Pending_Sector  ------   001   001   000    -    4294967280", "pending", None),
        ("197 Read_Failure_Blk_Ct     ------   ---   ---   ---    -    108", "pending", None),
        ("198 Read_Sectors_Tot_Ct     ------   ---   ---   ---    -    873294891", "uncorrectable", None),
        ("199 Write_Sectors_Tot_Ct    ------   ---   ---   ---    -    1307807450", "crc_errors", None),
        ("197 Current_Pending_Sector  -O--CK   100   100   000    -    1684300900", "pending", None),
        ("198 Offline_Uncorrectable   ----CK   100   100   000    -    18587720912", "uncorrectable", None),
        (
            "187 Uncorrectable_Error_Cnt POSR--   100   100   050    -    4504931",
            "reported_uncorrectable",
            None,
        ),
        (" 22 Helium_Level            PO---K   088   088   025    -    88", "helium_percent", 88),
        (" 22 Unknown_Attribute       PO---K   077   077   025    -    100", "helium_percent", 77),
        (" 22 Unknown_Attribute       PO---K   100   100   000    -    0", "helium_percent", None),
        ("197 Not_In_Use              -O--CK   100   100   000    -    12", "pending", None),
    ],
    ids="rate,count,none,hours that began high,all ones,below zero,failed reads,sectors read,sectors written,bytes of a hundred,too many,rate at a hundred,helium,helium unnamed,no helium,unused".split(
        ","
    ),
)
def test_what_counts_something_else_is_no_count(row, reading, count):
    """A good drive is not said to have two hundred million read errors."""
    assert smartctl.parse_text(f"{row}\n").value(f"storage.smart.{reading}") == count


def test_a_volume_of_a_controller_has_no_temperature():
    """0 °C is what stands there without a sensor, in words and in the document."""
    words = "Vendor: Sample\nProduct: RAID volume\nUser Capacity: 118,999,744,512 bytes [118 GB]\nCurrent Drive Temperature:     0 C\n"
    assert smartctl.parse_text(words).value("storage.smart.temperature_celsius") is None
    document = '{"device": {"protocol": "SCSI"}, "temperature": {"current": 0}}'
    assert smartctl.parse_json(document, "sda").value("storage.smart.temperature_celsius", "sda") is None


def table(*rows: str) -> str:
    """Return the text of a SATA SSD with these rows in its table."""
    return "Device Model:     {model}\n" + "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("model", "row", "used"),
    [
        ("INTEL SSDSC2BB240G4", "233 Media_Wearout_Indicator 0x0032   008   008   000    Old_age   Always       -       0", 92),
        # Where smartctl does not know the drive it calls another counter so.
        ("SK hynix SC000", "233 Media_Wearout_Indicator 0x0032   002   001   000    Old_age   Always       -       99", None),
        ("Samsung SSD 850 EVO", "177 Wear_Leveling_Count     0x0013   041   041   000    Pre-fail  Always       -       812", 59),
        ("TS32GMTS", "177 Wear_Leveling_Count     0x0032   100   100   050    Old_age   Always       -       401", None),
        ("CT500MX500SSD1", "202 Percent_Lifetime_Remain 0x0030   093   093   001    Old_age   Offline      -       7", 7),
        ("M4-CT128M4SSD2", "202 Perc_Rated_Life_Used    0x0018   000   000   001    Old_age   Offline  FAILING_NOW 100", 100),
        ("KINGSTON SA400S37240G", "231 SSD_Life_Left           0x0000   098   098   000    Old_age   Offline      -       98", 2),
        ("KINGSTON SKC400S37", "231 SSD_Life_Left           0x0000   100   100   000    Old_age   Offline      -       74", 26),
        # Kingston's A400 counts what is left in the raw value; its normalised value is that, 100, or what is used.
        ("KINGSTON SA400S37120G", "231 SSD_Life_Left           ------   008   008   000    -    92", 8),
        ("KINGSTON SA400S37120G", "231 SSD_Life_Left           ------   000   000   000    -    100", 0),
        ("KINGSTON SUV400S37240G", "231 SSD_Life_Left           -O--CK   044   044   000    -    56", 56),
        ("OCZ-AGILITY3", "231 SSD_Life_Left           0x0013   100   100   010    Pre-fail  Always       -       1", 0),
        ("TS32GMTS400", "169 Remaining_Lifetime_Perc 0x0003   100   100   000    Pre-fail  Always       -       96", 4),
        ("OCZ-VERTEX", "209 Remaining_Lifetime_Perc 0x0000   ---   ---   ---    Old_age   Offline      -       87", 13),
        ("Anything", "202 Percent_Lifetime_Remain 0x0030   000   000   000    Old_age   Offline      -       0", None),
    ],
)  # fmt: skip
def test_the_wear_of_a_sata_ssd_is_read_from_its_table(model, row, used):
    """Each maker has a row of its own for the rated writes; `smartctl --all` says it nowhere else."""
    content = table("Firmware Version: SBFK71E0", row).format(model=model)
    assert smartctl.parse_text(content, "sda").value("storage.smart.used_percent", "sda") == used


def test_a_count_that_smartctl_calls_bogus_is_none():
    """Firmware that counts a block as waiting now and then must not make a good drive one to watch."""
    row = "197 Bogus_Current_Pend_Sect 0x0032   100   100   000    Old_age   Always       -       1\n"
    assert smartctl.parse_text(row, "sda").value("storage.smart.pending", "sda") is None
    assert smartctl.parse_text(row.replace("Bogus_", ""), "sda").value("storage.smart.pending", "sda") == 1


def test_a_worn_ssd_is_not_called_good(tmp_path):
    """Eight of a hundred parts of its life are left, and the drive passes its own test: keep an eye on it."""
    document = """{"device": {"name": "/dev/sda", "protocol": "ATA"}, "model_name": "INTEL SSDSC2BB240G4",
      "rotation_rate": 0, "smart_status": {"passed": true}, "ata_smart_attributes": {"table": [
      {"id": 5, "name": "Reallocated_Sector_Ct", "value": 100, "worst": 100, "thresh": 0, "raw": {"value": 0, "string": "0"}},
      {"id": 233, "name": "Media_Wearout_Indicator", "value": 8, "worst": 8, "thresh": 0,
       "raw": {"value": 0, "string": "0"}}]}}"""
    path = tmp_path / "drive.json"
    path.write_text(document, encoding="utf-8")
    found = reading_files.read("smartctl-json", path)
    assert [f.verdict for f in found.findings if f.check == "disk_health"] == [Verdict.WATCH]


@pytest.mark.parametrize(
    ("number", "name", "shown", "id", "expected"),
    [
        (188, "Command_Timeout", "0 0 1", "command_timeouts", 1),
        (188, "Command_Timeout", "2 3 5", "command_timeouts", 5),
        (197, "Current_Pending_Sector", "0x000000000018", "pending", 24),
        (198, "Offline_Uncorrectable", "0x000000000000", "uncorrectable", 0),
    ],
)
def test_a_raw_value_in_words_or_hexadecimal_is_counted(number, name, shown, id, expected):
    """Three words come with the highest first, and the lowest counts; 0x18 is 24 and not 0."""
    row = f"{number} {name} 0x0032   100   099   000    Old_age   Always       -       {shown}\n"
    assert smartctl.parse_text(row, "sda").value(f"storage.smart.{id}", "sda") == expected


@pytest.mark.parametrize(
    ("rows", "hours"),
    [
        (("Short offline       Aborted by host               90%      6570         -",
          "Extended offline    Completed: read failure       80%      6560         5405"), 6560),
        (("Short offline       Completed without error       00%      6570         -",
          "Extended offline    Completed: read failure       80%      6560         5405"), 6560),
        (("Extended offline    Completed without error       00%      6570         -",
          "Extended offline    Completed: read failure       80%      6560         5405"), None),
        (("Short offline       Completed without error       00%      6570         -",
          "Short offline       Fatal or unknown error        80%      6560         -"), None),
        (("Short offline       Interrupted (host reset)      10%      6570         -",
          "Short offline       Completed without error       00%      6560         -"), None),
    ],
    ids=["aborted since", "a short one since", "a long one since", "short after short", "none failed"],
)  # fmt: skip
def test_a_failed_self_test_counts_until_a_later_one_makes_it_good(rows, hours):
    """Neither a test somebody stopped nor a short look takes back what a long one found."""
    log = "SMART Self-test log structure revision number 1\nNum  Test_Description    Status                  Remaining  LifeTime(hours)  LBA\n"
    log += "".join(f"# {place}  {row}\n" for place, row in enumerate(rows, 1))
    assert smartctl.parse_text(log, "sda").value("storage.smart.self_test_failed_hours", "sda") == hours


def test_failed_self_tests_of_every_protocol_are_found_as_json():
    """ATA, NVMe and SCSI each keep their list elsewhere."""
    ata = """{"ata_smart_self_test_log": {"standard": {"table": [
      {"type": {"string": "Short offline"}, "status": {"string": "Aborted by host"}, "lifetime_hours": 90},
      {"type": {"string": "Extended offline"}, "status": {"string": "Completed: read failure"}, "lifetime_hours": 80}]}}}"""
    nvme = """{"nvme_self_test_log": {"table": [
      {"self_test_code": {"string": "Short"}, "self_test_result": {"string": "Aborted: Controller Reset"}, "power_on_hours": 90},
      {"self_test_code": {"string": "Extended"}, "self_test_result": {"string": "Completed: failed segments"}, "power_on_hours": 80}]}}"""
    scsi = """{"scsi_self_test_0": {"code": {"string": "Background short"}, "result": {"string": "Completed"},
      "power_on_time": {"hours": 90}}, "scsi_self_test_1": {"code": {"string": "Background long"},
      "result": {"string": "Failed in segment -->"}, "power_on_time": {"hours": 80}}}"""
    id = "storage.smart.self_test_failed_hours"
    assert [smartctl.parse_json(document, "x").value(id, "x") for document in (ata, nvme, scsi)] == [
        80,
        80,
        80,
    ]


def test_a_line_of_the_log_with_a_reserved_code_is_no_test():
    """An Intel 320 fills its log with one, "failed" at hour 65280, and is well."""
    log = "Num  Test_Description    Status                  Remaining  LifeTime(hours)  LBA\n"
    rubbish = "Reserved (0x31)     Completed: electrical failure 50%     65280         65535\n"
    good = "Short offline       Completed without error       00%      6570         -\n"
    alone, before = (
        smartctl.parse_text(log + rows, "sda") for rows in (f"# 1  {rubbish}", f"# 1  {rubbish}# 2  {good}")
    )
    assert alone.value("storage.smart.self_test", "sda") is None
    assert alone.value("storage.smart.self_test_failed_hours", "sda") is None
    assert before.value("storage.smart.self_test", "sda") == "Completed without error"
    vendor = smartctl.parse_text(
        log + "# 1  Vendor (0x7a)       Fatal or unknown error        40%     65280         65535\n"
    )
    assert vendor.value("storage.smart.self_test") is None
    assert vendor.value("storage.smart.self_test_failed_hours") is None
    own = log + "# 1  Vendor (0x50)       Completed: read failure       40%      6570         405\n"
    assert smartctl.parse_text(own).value("storage.smart.self_test") == "Completed: read failure"
    json = """{"ata_smart_self_test_log": {"extended": {"table": [{"type": {"string": "Reserved (0x31)"},
      "status": {"string": "Completed: electrical failure"}, "lifetime_hours": 65280}]}}}"""
    assert not [r for r in smartctl.parse_json(json, "sda") if "self_test" in r.id]


def test_a_drive_below_zero_keeps_its_row():
    """A cold sensor is written with its sign."""
    row = "194 Temperature_Celsius     -O---K   100   056   000    -    -11 (Min/Max -11/44)\n"
    sheet = smartctl.parse_text(row, "sda")
    assert sheet.value("storage.smart.temperature_celsius", "sda") == -11
    assert sheet.value("storage.smart.attribute_threshold", "sda 194") == 0


@pytest.mark.parametrize(
    "shown", ["512-110-190-592", "512\u00c2\u00a0110\u00c2\u00a0190\u00c2\u00a0592", "5,12,11,01,90,592"]
)
def test_a_size_with_any_sign_between_its_thousands(shown):
    """Consoles and mails turn the sign into others; a size without its rest is none."""
    sheet = smartctl.parse_text(f"Device Model: A1\nUser Capacity:    {shown} bytes [512 GB]\n")
    assert sheet.value("storage.disk.size_bytes") == 512_110_190_592
    assert smartctl.parse_text("User Capacity: 512 bytes [512 GB]\n").value("storage.disk.size_bytes") is None


@pytest.mark.parametrize("sign", [",", ".", "\u2019", "\u202f", "\u00a0", " ", "'"])
def test_smartctl_groups_numbers_as_the_language_does(sign):
    """Hours, units and size of an NVMe drive are read with any sign between the thousands."""
    sheet = smartctl.parse_text(
        f"""Model Number:                       Larkspur N1
Total NVM Capacity:                 512{sign}110{sign}190{sign}592 [512 GB]
=== START OF SMART DATA SECTION ===
Available Spare:                    100%
Power Cycles:                       1{sign}639
Power On Hours:                     10{sign}188
Data Units Written:                 2{sign}000{sign}000 [1,02 TB]
""",
        "nvme0",
    )
    found = {r.id.rpartition(".")[2]: r.value for r in sheet}
    assert (found["size_bytes"], found["power_cycles"], found["power_on_hours"], found["written_bytes"]) == (
        512_110_190_592,
        1639,
        10188,
        1_024_000_000_000,
    )


def test_a_sas_drive_says_its_hours_heat_and_errors():
    """What SCSI drives print in their own lines: hours, endurance, temperature, uncorrected errors, the name."""
    sheet = smartctl.parse_text((CAPTURES / "tools" / "smartctl-sas.txt").read_text("utf-8"), "sda")
    found = {r.id.removeprefix("storage."): r.value for r in sheet}
    assert found["disk.size_bytes"] == 4_000_787_030_016
    assert found["disk.wwn"] == "0x5000aaa012345678"
    assert (found["disk.logical_block_bytes"], found["disk.physical_block_bytes"]) == (512, 4096)
    assert (found["smart.power_on_hours"], found["smart.temperature_celsius"]) == (41236, 36)
    assert (found["smart.used_percent"], found["smart.grown_defects"]) == (3, 4)
    assert found["smart.uncorrected_errors"] == 3


def test_a_scsi_drive_of_an_old_smartctl_and_an_empty_optical_drive():
    """The name and the version stand in one line; a drive without a disc has no size."""
    old = smartctl.parse_text(
        "Device: LARKSPUR LK300SS      Version: BA23\nSerial number: LK0001F7\nDevice supports SMART and is Enabled\n"
    )
    assert old.value("storage.disk.model") == "LARKSPUR LK300SS"
    assert old.value("storage.disk.firmware") == "BA23"
    assert old.value("storage.smart.available") is True
    empty = smartctl.parse_text(
        "Product: DVD A1\nUser Capacity: 7,757,100,351,738,617,888 bytes [7757 PB]\nLogical block size: 17522 bytes\nDevice type: CD/DVD\n"
    )
    assert empty.value("storage.disk.size_bytes") is None
    assert empty.value("storage.disk.logical_block_bytes") is None


#: Pages as ACS-4 orders them, of a drive that never was; the third value is not valid.
STATISTICS = {
    "text": """Device Model:     Sample SSD 480GB
Sector Size:      512 bytes logical/physical
Device Statistics (GP Log 0x04)
Page  Offset Size        Value Flags Description
0x01  =====  =               =  ===  == General Statistics (rev 2) ==
0x01  0x018  6        20000000  ---  Logical Sectors Written
0x01  0x028  6               -  ---  Logical Sectors Read
0x07  =====  =               =  ===  == Solid State Device Statistics (rev 1) ==
0x07  0x008  1              93  N--  Percentage Used Endurance Indicator
""",
    "old text": """Device Model:     Sample SSD 480GB
Sector Size:      512 bytes logical/physical
Device Statistics (GP Log 0x04)
Page Offset Size         Value  Description
  1  =====  =                =  == General Statistics (rev 2) ==
  1  0x018  6         20000000  Logical Sectors Written
  7  =====  =                =  == Solid State Device Statistics (rev 1) ==
  7  0x008  1               93~ Percentage Used Endurance Indicator
                              |_ ~ normalized value
""",
    "json": json.dumps(
        {
            "device": {"name": "/dev/sda", "protocol": "ATA"},
            "logical_block_size": 512,
            "ata_device_statistics": {
                "pages": [
                    {
                        "number": 1,
                        "table": [
                            {"offset": 24, "value": 20000000, "flags": {"valid": True}},
                            {"offset": 40, "value": 7, "flags": {"valid": False}},
                            "rubbish",
                        ],
                    },
                    {"number": 7, "table": [{"offset": 8, "value": 93, "flags": {"valid": True}}]},
                    {"number": None, "table": 5},
                ]
            },
        }
    ),
}


@pytest.mark.parametrize("form", STATISTICS)
def test_a_drive_tells_its_wear_and_its_writes_in_its_statistics(form):
    """They mean the same on every drive, whatever its table calls its rows; what is not valid is left out."""
    content = STATISTICS[form]
    sheet = smartctl.parse_json(content) if form == "json" else smartctl.parse_text(content, "sda")
    assert sheet.value("storage.smart.used_percent", "sda") == 93
    assert sheet.value("storage.smart.written_bytes", "sda") == 20_000_000 * 512
    assert sheet.value("storage.smart.read_bytes", "sda") is None


@pytest.mark.parametrize("form", STATISTICS)
def test_statistics_that_tell_no_wear(form):
    """SandForce controllers say 255 whatever their state; a hard disk counts its hours there."""

    def used(content: str) -> object:
        sheet = smartctl.parse_json(content) if form == "json" else smartctl.parse_text(content, "sda")
        return sheet.value("storage.smart.used_percent", "sda")

    content = STATISTICS[form]
    assert used(content.replace(" 93", "255").replace("255, ", " 255, ")) is None
    turning = (
        '"rotation_rate": 7200, "device"' if form == "json" else "Rotation Rate:    7200 rpm\nDevice Model"
    )
    assert used(content.replace('"device"' if form == "json" else "Device Model", turning)) is None


def test_the_maker_s_own_row_counts_where_the_statistics_say_less():
    """Crucial's MX200 tells 36 % there and, in the row its own program shows, that its life is used up."""
    row = "202 Percent_Lifetime_Remain ----CK   000   000   001    NOW  100\n"
    content = STATISTICS["text"].replace("              93", "              36") + row
    assert smartctl.parse_text(content, "sda").value("storage.smart.used_percent", "sda") == 100


def test_an_ssd_that_counts_its_pending_blocks_in_percent():
    """Micron's P300 says 100 there as soon as one block was replaced."""
    row = "197 Current_Pending_Sector  -O--CK   100   100   000    -    100\n"
    told = smartctl.parse_text(f"Device Model:     P300-MTFDDAC200SAL\n{row}")
    assert told.value("storage.smart.pending") is None
    other = smartctl.parse_text(f"Device Model:     Sample 200\n{row}")
    assert other.value("storage.smart.pending") == 100


def test_a_hot_drive_is_told_to_be_hot_and_not_to_be_failing():
    """Its own judgement fails as long as it is beyond its limit, and nothing is broken."""
    hot = """Model Number:                       Sample NVMe 256
SMART overall-health self-assessment test result: FAILED!
- temperature is above or below threshold
Critical Warning:                   0x02
Temperature:                        83 Celsius
Available Spare:                    100%
Available Spare Threshold:          10%
Percentage Used:                    1%
"""

    def told(content: str) -> tuple[Verdict, str]:
        findings = reading_files.judge("smartctl-text", smartctl.parse_text(content, "nvme0")).findings
        return next((f.verdict, f.sentence) for f in findings if f.check == "disk_health")

    verdict, sentence = told(hot)
    assert verdict is Verdict.ACT
    assert "too hot" in sentence
    assert "failing" not in sentence
    assert "failing" in told(hot.replace("0x02", "0x06"))[1]


def test_a_counter_shown_under_two_numbers_counts_once():
    """Cheap SSDs show replaced blocks as waiting too, and replacements as blocks that could not be read."""
    rows = "".join(
        f"{id:3} {name:23} -O--CK   100   100   000    -    {count}\n"
        for id, name, count in (
            (5, "Reallocated_Sector_Ct", 21),
            (196, "Reallocated_Event_Count", 750),
            (197, "Current_Pending_Sector", 21),
            (198, "Offline_Uncorrectable", 750),
        )
    )
    ssd = smartctl.parse_text(f"Rotation Rate:    Solid State Device\n{rows}")
    assert ssd.value("storage.smart.reallocated") == 21
    assert ssd.value("storage.smart.pending") is None
    assert ssd.value("storage.smart.uncorrectable") is None
    disk = smartctl.parse_text(f"Rotation Rate:    7200 rpm\n{rows}")
    assert disk.value("storage.smart.pending") == 21
    assert disk.value("storage.smart.uncorrectable") == 750
