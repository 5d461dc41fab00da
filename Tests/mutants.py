#!/usr/bin/env python3
"""Plants faults in a copy of the package and says which of them no test notices.

    python3 Tests/mutants.py                    those of mutants.txt, one after the other
    python3 Tests/mutants.py sums-level ring    those with these names
    python3 Tests/mutants.py --list
    python3 Tests/mutants.py --conditions Transforms/Passes --tests Transforms:PassText Transforms:PassRandom

With --conditions the faults are the conditions of a file or a folder below Sources, each of them dropped. Where no test
fails, the condition decides something that no test reaches, or nothing, or only how much work is done: read it.

All faults are built at once, each as an expression beside the one that it replaces; the environment variable EBB_FAULT holds
the number of the one that a run has. So what takes long, the build, is done once, with the tests of the modules that are
named and what they need (EBB_TESTS, see Package.swift), in a folder that is kept for the next time. Nothing in this checkout
is touched. A run ends at the first test that fails. Tests that end the process or take longer than ten minutes have noticed
the fault too.
"""
import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

sys.dont_write_bytecode = True  # nothing is left in this checkout

from conditions import conditions  # noqa: E402

PACKAGE = Path(__file__).resolve().parent.parent
SWIFT = """\
internal import Foundation

/// The fault of this run.
enum PlantedFault {
  private static let number = Int(ProcessInfo.processInfo.environment["EBB_FAULT"] ?? "") ?? -1

  static func choose<Value>(
    _ fault: Int, _ planted: @autoclosure () throws -> Value, _ plain: @autoclosure () throws -> Value
  ) rethrows -> Value { fault == number ? try planted() : try plain() }
}
"""
C = """\
#ifndef EBB_PLANTED_FAULT
#define EBB_PLANTED_FAULT
#include <stdlib.h>
static inline int planted_fault(int fault) {
  static int number = -2;
  if (number == -2) { const char *text = getenv("EBB_FAULT"); number = text ? atoi(text) : -1; }
  return fault == number;
}
#endif
"""


@dataclass
class Fault:
    name: str
    breaks: str
    file: str
    start: int
    end: int
    planted: str
    tests: list[str]  # each a module and a filter


def written() -> list[Fault]:
    """The faults of mutants.txt."""
    found: list[Fault] = []
    file, tests, title, code = "", [], "", ""
    for line in (PACKAGE / "Tests/mutants.txt").read_text().splitlines():
        if line.startswith("== "):
            name, module, suites = line[3:].split(" · ")
            file, tests = "Sources/" + name, [f"{module}:{suites}"]
            code = (PACKAGE / file).read_text()
        elif line.startswith("  ") and file:
            before, plain, planted, after = re.fullmatch(r"  (.*)«(.*?) → (.*?)»(.*)", line).groups()
            name, breaks = title.split(": ", 1)
            if code.count(before + plain + after) != 1:
                sys.exit(f"{name}: its text is there {code.count(before + plain + after)} times; mend mutants.txt")
            start = code.index(before + plain + after) + len(before)
            found.append(Fault(name, breaks, file, start, start + len(plain), planted, tests))
        elif line and file:
            title = line
    return found


def dropped(sources: str, tests: list[str]) -> list[Fault]:
    """One fault for each condition of a file or a folder."""
    root = PACKAGE / "Sources" / sources
    return [
        Fault(f"{path.relative_to(PACKAGE / 'Sources')}:{each.line}", f"{each.drop}: {each.text}",
              str(path.relative_to(PACKAGE)), each.start, each.end, "true" if each.drop == "always" else "false", tests)
        for path in (sorted(root.rglob("*.swift")) if root.is_dir() else [root]) for each in conditions(path.read_text())]


def planted(code: str, is_swift: bool, faults: list[tuple[int, Fault]]) -> str:
    pieces: list[tuple[int, int, str]] = []
    for number, fault in faults:
        length = fault.end - fault.start
        # Of faults that begin or end at one place, the longer one is outside.
        before = f"PlantedFault.choose({number}, {fault.planted}, " if is_swift else \
            f"(planted_fault({number}) ? ({fault.planted}) : ("
        pieces += [(fault.start, -length, before), (fault.end, -1_000_000 + length, ")" if is_swift else "))")]
    result, at = [], 0
    for position, _, text in sorted(pieces, key=lambda piece: piece[:2]):
        result += [code[at:position], text]
        at = position
    return ("" if is_swift else C) + "".join(result) + code[at:]


def copy(folder: Path, faults: list[Fault]) -> None:
    """Makes the folder's sources those that are here, with the faults; what is equal keeps its date, and is not built again."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "Package.swift", "Sources", "Tests",
         "Examples"], cwd=PACKAGE, check=True, capture_output=True, text=True).stdout
    wanted = {name: (PACKAGE / name).read_bytes() for name in listed.split("\0") if name and (PACKAGE / name).is_file()}
    for file in {fault.file for fault in faults}:
        is_swift = file.endswith(".swift")
        mine = [(number, fault) for number, fault in enumerate(faults) if fault.file == file]
        wanted[file] = planted(wanted[file].decode(), is_swift, mine).encode()
        if is_swift:
            wanted["/".join(file.split("/")[:2]) + "/PlantedFault.swift"] = SWIFT.encode()
    for name, data in wanted.items():
        target = folder / name
        if not target.is_file() or target.read_bytes() != data:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    for part in ("Sources", "Tests", "Examples"):
        for path in (folder / part).rglob("*"):
            if path.is_file() and str(path.relative_to(folder)) not in wanted:
                path.unlink()


class Runs:
    def __init__(self, folder: Path, modules: set[str], seconds: float):
        self.folder, self.seconds = folder, seconds
        self.environment = {**os.environ, "EBB_TESTS": ",".join(sorted(modules))}
        self.command = ["swift", "test", "-c", "release", "--scratch-path", str(folder / ".build")]

    def test(self, module_and_filter: str, fault: int) -> tuple[bool, str]:
        """Whether tests pass, and what they say up to the first that does not."""
        module, suites = module_and_filter.split(":", 1)
        command = [*self.command, "--skip-build"]
        # Where the bundle of the tests is a program, the package manager is left out.
        program = self.folder / ".build/release/ebbPackageTests.xctest"
        if program.is_file():
            command = [str(program), "--testing-library", "swift-testing"]
        return self.run([*command, "--filter", f"^Ebb{module}Tests\\.(?:{suites})"], fault)

    def run(self, command: list[str], fault: int = -1) -> tuple[bool, str]:
        said: list[str] = []
        with subprocess.Popen(
                command, cwd=self.folder, env={**self.environment, "EBB_FAULT": str(fault)}, text=True, errors="replace",
                start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL) as process:
            timer = threading.Timer(self.seconds, lambda: os.killpg(process.pid, signal.SIGKILL))
            timer.start()
            for line in process.stdout:
                said.append(line)
                if fault >= 0 and ("\u2718" in line or "Fatal error" in line):
                    os.killpg(process.pid, signal.SIGKILL)
                    break
            timer.cancel()
        return process.returncode == 0, "".join(said)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="of faults; all by default")
    parser.add_argument("--conditions", metavar="SOURCES", action="append", default=[],
                        help="a file or folder below Sources whose conditions are dropped")
    parser.add_argument("--tests", nargs="+", default=[], metavar="MODULE:SUITES",
                        help="with --conditions, the tests that look for them, the quick ones first")
    parser.add_argument("--list", action="store_true", help="print the faults and what they break")
    parser.add_argument("--seconds", type=float, default=600, help="what takes longer is taken for noticed (%(default)s)")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "ebb-mutants",
                        help="where the copy is built (%(default)s)")
    options = parser.parse_args()
    faults = [fault for sources in options.conditions for fault in dropped(sources, options.tests)] or written()
    chosen = [number for number, fault in enumerate(faults)
              if not options.names or fault.name in options.names or str(number) in options.names]
    if options.list:
        for number in chosen:
            print(number, faults[number].name, faults[number].breaks)
        return 0
    if unknown := set(options.names) - {str(number) for number in chosen} - {faults[number].name for number in chosen}:
        parser.error(f"there is no fault {', '.join(sorted(unknown))}")
    options.folder.mkdir(parents=True, exist_ok=True)
    copy(options.folder, faults)
    wanted = {tests for number in chosen for tests in faults[number].tests}
    runs = Runs(options.folder, {tests.split(":")[0] for tests in wanted}, options.seconds)
    runs.seconds, seconds = 36_000, runs.seconds
    built, said = runs.run([*runs.command, "--filter", "NoSuchTest"])
    if not built:
        print(said[-4000:])
        return 1
    runs.seconds = seconds
    # A filter's tests pass before its faults mean anything.
    passing = {}
    for tests in sorted(wanted):
        passed, said = runs.test(tests, -1)
        passing[tests] = passed and "with 0 tests" not in said
    outcomes: dict[int, str] = {}
    for number in chosen:
        fault = faults[number]
        if not all(passing[tests] for tests in fault.tests):
            outcomes[number] = "says nothing: its tests fail without it, or are none"
        else:
            outcomes[number] = "SURVIVED" if all(runs.test(tests, number)[0] for tests in fault.tests) else "killed"
        print(f"{outcomes[number]:10}{number} {fault.name} {fault.breaks}", flush=True)
    killed = sum(what == "killed" for what in outcomes.values())
    print(f"\n{killed} of {len(outcomes)} were noticed")
    for number, what in outcomes.items():
        if what != "killed":
            print(f"{faults[number].name}: {what}")
    return 0 if killed == len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
