"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "techkit").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))

# Where a program's last line of defence stands: each logs the traceback and shows something honest.
EDGES = {
    "techkit/cli.py": "a command",
    "techkit/selftest.py": "one step of the self-test",
    "techkit/credentials/key_store.py": "the child that asks the system's key store",
    "techkit/diagnostics/check.py": "one check",
    "techkit/central/attachments.py": "a thread whose fault is raised by whoever waits for it",
    "techkit/probes/worker.py": "one probe",
    "techkit/probes/hands.py": "one request of a person who tries a device",
    "techkit/probes/formats/macos_text.py": "the same foreign files",
    "techkit/probes/formats/macos/answer.py": "a parser of foreign files that raises what its own parsers raise",
    "techkit/ui/tasks.py": "the background lanes",
    "techkit/ui/presenters/lanes.py": "the inline lanes of tests and commands",
}
# Names that say nothing: whatever is put there has a subject of its own.
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc", "core", "tools"}


@functools.cache
def parsed(path: Path) -> ast.Module:
    """Return a module's tree; read once for all tests here."""
    return ast.parse(path.read_text(encoding="utf-8"))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tracked() -> list[Path]:
    """Return every file git would commit: tracked, or new and not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("no git here: the tree's own files cannot be told from others")
    names = [name for name in done.stdout.decode().split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def test_names_say_what_is_inside() -> None:
    """No module is called utils, helpers, common, manager or base."""
    assert [relative(path) for path in MODULES if path.stem in VAGUE] == []


def handlers(tree: ast.AST) -> Iterator[ast.ExceptHandler]:
    """Yield the handlers that catch everything."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        if any(kind is None or getattr(kind, "id", "") in ("Exception", "BaseException") for kind in caught):
            yield node


def is_passed_on(handler: ast.ExceptHandler) -> bool:
    """Return whether the handler ends by raising again: it cleans up, it hides nothing."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise)


def test_everything_is_caught_at_the_edges_only() -> None:
    """`except Exception` stands at the edges; elsewhere only to clean up and raise again."""
    wrong = [
        f"{relative(path)}:{handler.lineno}"
        for path in MODULES
        if relative(path) not in EDGES
        for handler in handlers(parsed(path))
        if not is_passed_on(handler)
    ]
    assert wrong == []


def test_edges_are_edges() -> None:
    """The list of edges names files that exist and that catch everything; it does not rot."""
    idle = [name for name in EDGES if not (ROOT / name).exists() or not any(handlers(parsed(ROOT / name)))]
    assert idle == []


def translation_calls(path: Path) -> Iterator[tuple[ast.Call, str]]:
    """Yield the calls of the translation functions in a module."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in ("_", "N_", "ngettext"):
                yield node, name


def test_declared_texts_are_literal() -> None:
    """N_ and the plural forms take literal sentences, so that the translator sees them."""
    takes = {"N_": 1, "ngettext": 2}
    wrong = []
    for path in MODULES:
        if path.name == "i18n.py":
            continue
        for call, name in translation_calls(path):
            if name in takes and not all(
                isinstance(arg, ast.Constant) and isinstance(arg.value, str)
                for arg in call.args[: takes[name]]
            ):
                wrong.append(f"{relative(path)}:{call.lineno} {name}")
    assert wrong == []


def test_texts_are_never_glued() -> None:
    """_ takes a literal or a declared label, never an f-string, a sum or a formatted text."""
    glue = (ast.JoinedStr, ast.BinOp)
    wrong = [
        f"{relative(path)}:{call.lineno}"
        for path in MODULES
        for call, name in translation_calls(path)
        if call.args
        and (
            isinstance(call.args[0], glue)
            or getattr(getattr(call.args[0], "func", None), "attr", "") == "format"
        )
    ]
    assert wrong == []


def test_texts_stand_where_they_are_collected() -> None:
    """No text stands inside an f-string: collecting passes over those, and they would stay English for ever."""
    wrong = [
        f"{relative(path)}:{call.lineno} {call.args[0].value}"
        for path in MODULES
        if re.search(r"{(_|N_|ngettext)\(", path.read_text(encoding="utf-8"))
        for string in ast.walk(parsed(path))
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") in ("_", "N_", "ngettext")
        and call.args
        and isinstance(call.args[0], ast.Constant)
    ]
    assert wrong == []


def test_placeholders_are_named() -> None:
    """A text with {name} is called with name=...: a missing value is found here, not by the customer."""
    wrong = []
    for path in MODULES:
        for call, name in translation_calls(path):
            if name != "_" or not call.args or not isinstance(call.args[0], ast.Constant):
                continue
            wanted = set(re.findall(r"{(\w+)[^{}]*}", str(call.args[0].value)))
            given = {keyword.arg for keyword in call.keywords}
            if None not in given and wanted != given:
                wrong.append(
                    f"{relative(path)}:{call.lineno} wants {sorted(wanted)}, gets {sorted(map(str, given))}"
                )
    assert wrong == []


def test_every_test_states_its_behaviour() -> None:
    """A test's docstring says in one sentence what techkit does."""
    silent = [
        f"{relative(path)}:{node.lineno} {node.name}"
        for path in TESTS
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_the_tree_names_no_machine_and_no_registry() -> None:
    """No file in git holds a path of one machine or a registry's address."""
    # Written apart, so that this file is not the first to break its rule.
    words = [
        "/" + "work/",
        "/" + "root/",
        "pypi" + ".org",
        "files.python" + "hosted",
        "registry.npm" + "js",
        "deb.debian" + ".org",
    ]
    wrong = []
    for path in tracked():
        if path.suffix in {".png", ".ttf", ".otf", ".svg", ".mo", ".pdf", ".bin", ".gz"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if "probes" in path.parts:  # root's home is a place a probe may look at
            text = text.replace("/" + "root/", "")
        wrong += [f"{relative(path)}: {word}" for word in words if word in text]
    assert wrong == []


def test_digits_are_those_a_number_is_made_of() -> None:
    """Text is asked `isdecimal` before `int` reads it: `isdigit` says yes to "²", which `int` refuses."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and node.attr in {"isdigit", "isnumeric"}
    ]
    assert not found, found


def test_silenced_rules_carry_their_reason() -> None:
    """`noqa` and `type: ignore` name the rule and say why on the same line."""
    silenced = re.compile(r"#\s*(noqa|type:\s*ignore)(?P<rest>.*)$")
    reasoned = re.compile(r"""^(: ?[A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)*|\[[a-z, -]+\])\s*[-–#:(]\s*[("]?\w""")
    wrong = []
    for path in [*MODULES, *sorted((ROOT / "tests").rglob("*.py"))]:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if (
                (found := silenced.search(line))
                and "re.compile" not in line
                and not reasoned.match(found["rest"])
            ):
                wrong.append(f"{relative(path)}:{number} {found[0]}")
    assert wrong == []


def test_the_tables_changes_are_one_line() -> None:
    """Each change of the service's tables follows the one before: none stands beside another, none is missing."""
    folder = ROOT / "techkit" / "central" / "migrations"
    names = sorted(path.stem for path in folder.glob("0*.py"))
    follows = {
        name: re.findall(
            r"\(['\"]central['\"], ['\"](\w+)['\"]\)", (folder / f"{name}.py").read_text(encoding="utf-8")
        )[:1]
        for name in names
    }
    assert follows == {name: names[place - 1 : place] if place else [] for place, name in enumerate(names)}
