#!/usr/bin/env python3
"""Plants faults in a copy of the package, one at a time, and says which of them no test notices.

    python3 Tests/mutants.py                 all of them; an hour or two on a few cores
    python3 Tests/mutants.py sums-level ring the ones with these names
    python3 Tests/mutants.py --list

Each mutant is an edit of one place: a file, its text, another text. It names the module whose tests are run and a
filter. Of the package only that module's tests and what they need are built (EBB_TESTS, see Package.swift), in a folder
that is kept for the next time. Nothing in this checkout is touched. Tests that fail, end the process or take longer than
ten minutes have noticed the fault. An edit whose text is not there any more is told: mend it here.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
SECONDS = 600


@dataclass
class Mutant:
    name: str
    breaks: str
    file: str
    old: str
    new: str
    tests: str  # the module
    filter: str


MUTANTS = [
    # ---- Transforms
    Mutant("pick-of-spread", "a ragged pick of a spread value reads where a row has ended",
           "Transforms/Passes/SimplifyAlgebra+Axes.swift",
           "guard position != .at, !isRow(axis, of: x) else", "guard position != .at else",
           "Transforms", "Pass|RandomDerivative"),
    Mutant("power-of-two", "x / 2^k becomes a product with a number that is no float",
           "Transforms/Passes/SimplifyAlgebra+Elementwise.swift",
           "abs(b.exponent) <= 100 else", "abs(b.exponent) <= 1000 else", "Transforms", "Pass"),
    Mutant("merged-reductions", "a sum over rows and then over their steps becomes one over both",
           "Transforms/Passes/SimplifyAlgebra+Axes.swift",
           "outer.isSubset(of: domain) && graph.lengthsDomain(of: outer).isDisjoint(with: inner)",
           "outer.isSubset(of: domain)", "Transforms", "Pass"),
    Mutant("relu-at-zero", "the derivative of relu at 0 is 1",
           "Transforms/Autodiff/ElementwiseDerivatives.swift",
           "return keep(v, where: compare(.greater, y, constant(0, like: x)))",
           "return keep(v, where: compare(.greaterOrEqual, y, constant(0, like: x)))", "Transforms", "Derivative"),
    Mutant("softplus", "the derivative of softplus is tanh",
           "Transforms/Autodiff/ElementwiseDerivatives.swift",
           "return multiply(v, unary(.sigmoid, x))", "return multiply(v, unary(.tanh, x))", "Transforms", "Derivative"),
    # ---- Planning
    Mutant("sums-level", "a product of two sweeps of one level rises into one of them",
           "Planning/RunningSums.swift",
           "level(stage) < level(sweep) ||", "level(stage) <= level(sweep) ||", "Execution", "StageTests"),
    Mutant("sums-ragged", "running sums add what lies behind the end of a row",
           "Planning/RunningSums.swift",
           "axes.allSatisfy { graph.description(of: $0).lengths == nil }", "axes.count > 0",
           "Planning", "RunningSumTests"),
    Mutant("sweep-after-sweep", "a sweep that reads another one is on its level",
           "Planning/Staging.swift",
           "other + (other % 2 == 0 ? 1 : 2)", "other + (other % 2 == 0 ? 1 : 0)", "Execution", "StageTests"),
    Mutant("grace", "a value's memory is given to the next level",
           "Planning/Memory.swift", "private static let grace = 1", "private static let grace = 0",
           "Execution", "StageTests"),
    Mutant("outputs-stay", "memory of an output is used again",
           "Planning/Memory.swift",
           "ranges[value] = (ranges[value]?.lowerBound ?? 0)...always.upperBound", "_ = value",
           "Execution", "RandomGraphTests|BlockTests"),
    Mutant("ring", "a ring has no place for the step that is read and the one that is written",
           "Planning/Planner+Storage.swift",
           "while places <= max(values[index].before", "while places < max(values[index].before",
           "Execution", "RandomGraphTests"),
    Mutant("order-of-steps", "blocks of time read steps that are not there yet",
           "Planning/Tiling/OrderCheck.swift",
           "return turn % 2 == 0 ? b.shift <= a.shift : b.shift >= a.shift", "return true",
           "Execution", "OrderCheckTests|BlockTests"),
    Mutant("descending-sums", "sums on the way back begin at the first block",
           "Execution/Bound.swift",
           "(isDescending ? blocks - 1 - index : index) * block", "index * block", "Execution", "BitsTests|RandomGraphTests"),
    # ---- Execution
    Mutant("region-shift", "a job does not say that it reads the step before",
           "Execution/Jobs/Region.swift",
           "let shift = isOutermost ? access.shift - origin : 0", "let shift = isOutermost ? -origin : 0",
           "Execution", "RegionTests|BitsTests/anyAllowedOrder"),
    Mutant("region-rows", "a job that touches any row says that it touches its own",
           "Execution/Jobs/Region.swift",
           "&& !access.everywhere.contains(Axis(slice.axis)) {", "{", "Execution", "RegionTests"),
    Mutant("tables", "segments of a sweep that share the tables of their calls run at once",
           "Execution/Jobs/JobBuilder.swift",
           " + [Region(place: step.tables, isWrite: true)]", "", "Execution", "DependencyTests"),
    Mutant("reads-before-writes", "who writes does not wait for who reads",
           "Execution/Jobs/Dependencies.swift",
           "comparisons += reads[place].forEach(overlapping: region) { found.append($0) }", "comparisons += 0",
           "Execution", "DependencyTests"),
    Mutant("shared-memory", "values in the same memory do not wait for one another",
           "Execution/Jobs/Dependencies.swift",
           "for other in place < shared.count ? shared[place] : [] {", "for other in [Int]() {",
           "Execution", "DependencyTests"),
    Mutant("bucket-before", "touches that begin in the bucket before are not found",
           "Execution/Jobs/TouchIndex.swift",
           "let first = (run.lowerBound >> level.bits) - 1", "let first = run.lowerBound >> level.bits",
           "Execution", "DependencyTests"),
    Mutant("implied", "a job waits for what it waits for anyway",
           "Execution/Jobs/Dependencies.swift",
           "for word in distance..<words { bits[mine + word - distance] |= bits[its + word] }", "_ = (its, distance)",
           "Execution", "DependencyTests"),
    Mutant("masked-copy", "sums over ragged rows add what lies behind their ends",
           "Execution/MaskedCopy.swift",
           "rows.map { indices[axis] < Int($0.load(indices, 0)) } ?? true", "rows.map { _ in true } ?? true",
           "Execution", "RandomGraphTests|BitsTests/padding"),
    Mutant("lookup-ends", "a table's gradient counts tokens behind the end of a row",
           "Execution/RowTransfer.swift",
           "evaluator.inside.contains(indices) ? ids.load(indices, 0) : -1", "ids.load(indices, 0)",
           "Execution", "LanguageModelTests"),
    # ---- Kernels
    Mutant("number-without-padding", "a sum of single numbers loads what lies beside them",
           "Kernels/reduce.h", "    if (used == 1) {", "    if (used == 0) {", "Kernels", "TouchTests"),
    Mutant("outer-without-padding", "a sum of outer products with single numbers loads what lies beside them",
           "Kernels/outer.h", "  if (at->lanes == 1) {", "  if (at->lanes == 0) {", "Kernels", "TouchTests"),
    Mutant("maximum-of-nan", "a maximum of rows drops a NaN",
           "Kernels/reduce.h", "return ((a >= b) | (a != a)) ? a : b;", "return a >= b ? a : b;",
           "Kernels", "ReductionTests"),
    Mutant("written-and-held", "what a program writes and reads again is read from before",
           "Kernels/program.h",
           "return in_all_rows && in_all_lanes && !x->writes ? HELD : COPIED;",
           "return in_all_rows && in_all_lanes ? HELD : COPIED;", "Kernels", "ProgramTests"),
    # ---- Recording
    Mutant("initial-order", "initial values depend on the order of declarations",
           "Recording/Recording.swift",
           "shape: parameter.shape, as: element, seed: seed, name: parameter.name)",
           'shape: parameter.shape, as: element, seed: seed, name: "\\(values.count)")',
           "Recording", "InitializerTests"),
    # ---- Training
    Mutant("held-out", "a task is evaluated on sequences that it was trained on",
           "Training/Tasks/TaskTrainer.swift", "for: .heldOut)", "for: .training)", "Training", "Task"),
    Mutant("cooldown", "a checkpoint forgets for how long a plateau is not looked at",
           "Training/Checkpoints/Checkpoint+Format.swift",
           'cooldownLeft: try integer("plateau.cooldownLeft"))', "cooldownLeft: 0)", "Training", "Checkpoint|Schedule"),
    Mutant("adam-bias", "Adam's second moment is not corrected",
           "Training/Optimizers/Adam.swift",
           "let c = Scalar(1 / (1 - pow(beta2, Double(step))).squareRoot())", "let c = Scalar(1)",
           "Training", "Optimizer"),
    # ---- Interchange
    Mutant("incomplete-code", "a compressed file with an incomplete code is read",
           "Interchange/Numpy/HuffmanCode.swift",
           "guard taken == space || (used <= 1 && taken <= space / 2) else", "guard taken <= space, used >= 0 else",
           "Interchange", "InflateTests|DamageTests"),
    Mutant("update-gate", "another framework's update gate is taken for its complement",
           "Interchange/Weights/Gate.swift",
           'gates: [Gate(.update, "update", sign: -1), Gate(.reset, "reset"), Gate(.candidate, "candidate")])',
           'gates: [Gate(.update, "update"), Gate(.reset, "reset"), Gate(.candidate, "candidate")])',
           "Interchange", "PeerTests|WeightMapTests"),
    # ---- Report
    Mutant("first-tick", "rounding takes the mark where an axis begins",
           "Report/Scales/AxisScale+Ticks.swift", "(low / unit - 1e-9)", "(low / unit)", "Report", "TickTests"),
    Mutant("last-tick", "rounding takes the mark where an axis ends",
           "Report/Scales/AxisScale+Ticks.swift", "(high / unit + 1e-9)", "(high / unit)", "Report", "TickTests"),
    Mutant("first-decade", "rounding takes the first power of ten",
           "Report/Scales/AxisScale+Ticks.swift", "Int((lowPower - 1e-9)", "Int((lowPower)", "Report", "TickTests"),
    Mutant("tick-steps", "steps of 2 begin later",
           "Report/Scales/AxisScale+Ticks.swift", "mantissa <= 1.4 ? 1", "mantissa <= 1.6 ? 1", "Report", "TickTests"),
    Mutant("tick-powers", "numbers of seven digits are written out",
           "Report/Scales/AxisScale+Ticks.swift", "largest > 5 ||", "largest > 6 ||", "Report", "TickTests"),
    Mutant("decade-marks", "small marks for more than forty decades",
           "Report/Scales/AxisScale+Ticks.swift", "labelled || powers <= 40", "labelled || powers <= 50",
           "Report", "TickTests"),
]


def update(copy: Path) -> None:
    """Makes the copy's sources what they are here; what did not change keeps its date, and is not built again."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "Package.swift", "Sources", "Tests",
         "Examples"], cwd=PACKAGE, check=True, capture_output=True, text=True).stdout
    wanted = {name for name in listed.split("\0") if name and (PACKAGE / name).is_file()}
    for name in wanted:
        source, target = PACKAGE / name, copy / name
        if not target.is_file() or source.read_bytes() != target.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    for folder in ("Sources", "Tests", "Examples"):
        for path in (copy / folder).rglob("*"):
            if path.is_file() and str(path.relative_to(copy)) not in wanted:
                path.unlink()


def swift(copy: Path, tests: str, *words: str) -> tuple[bool, str]:
    """Whether a command of the package manager succeeds in time, and what it says."""
    command = ["swift", *words, "--scratch-path", str(copy / ".build")]
    try:
        done = subprocess.run(
            command, cwd=copy, env={**os.environ, "EBB_TESTS": tests}, timeout=SECONDS, text=True, errors="replace",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return False, f"took longer than {SECONDS} s"
    return done.returncode == 0, done.stdout


def outcome(copy: Path, mutant: Mutant) -> str:
    path = copy / "Sources" / mutant.file
    text = path.read_text() if path.is_file() else ""
    if text.count(mutant.old) != 1:
        return f"does not apply: its text is there {text.count(mutant.old)} times"
    path.write_text(text.replace(mutant.old, mutant.new))
    try:
        built, said = swift(copy, mutant.tests, "build", "--build-tests")
        if not built:
            errors = [line for line in said.splitlines() if "error:" in line]
            return "does not build: " + (errors or ["?"])[0]
        passed, _ = swift(copy, mutant.tests, "test", "--skip-build", "--filter", mutant.filter)
        return "SURVIVED" if passed else "killed"
    finally:
        path.write_text(text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="mutants; all of them by default")
    parser.add_argument("--list", action="store_true", help="print the mutants and what they break")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "ebb-mutants",
                        help="where the copy is built (%(default)s)")
    options = parser.parse_args()
    unknown = set(options.names) - {mutant.name for mutant in MUTANTS}
    if unknown:
        parser.error(f"there is no mutant {', '.join(sorted(unknown))}")
    chosen = [mutant for mutant in MUTANTS if not options.names or mutant.name in options.names]
    if options.list:
        for mutant in chosen:
            print(f"{mutant.name:24}{mutant.file}: {mutant.breaks}")
        return 0
    options.folder.mkdir(parents=True, exist_ok=True)
    update(options.folder)
    # A module's tests pass before its mutants mean anything.
    passing: dict[tuple[str, str], bool] = {}
    outcomes: dict[str, str] = {}
    for mutant in sorted(chosen, key=lambda mutant: mutant.tests):
        key = (mutant.tests, mutant.filter)
        if key not in passing:
            built, said = swift(options.folder, mutant.tests, "build", "--build-tests")
            passed, ran = swift(options.folder, mutant.tests, "test", "--skip-build", "--filter", mutant.filter)
            passing[key] = built and passed and "with 0 tests" not in ran.splitlines()[-1]
        outcomes[mutant.name] = (
            outcome(options.folder, mutant) if passing[key] else "says nothing: its tests fail without it, or are none")
        print(f"{outcomes[mutant.name]:10}{mutant.name:24}{mutant.breaks}", flush=True)
    killed = sum(what == "killed" for what in outcomes.values())
    print(f"\n{killed} of {len(outcomes)} were noticed")
    for name, what in outcomes.items():
        if what != "killed":
            print(f"{name}: {what}")
    return 0 if killed == len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
