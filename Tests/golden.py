#!/usr/bin/env python3
"""Records what the commands answer, and compares two records: for changes that move code and must change no result.

    python3 Tests/golden.py record BEFORE --ebb PROGRAM     before the change, with an optimised build
    python3 Tests/golden.py record AFTER                    after it
    python3 Tests/golden.py compare BEFORE AFTER            what differs; exit status 1 if anything does

A record is a folder with the answer and the files of each command, so any two records can also be read side by side.
Numbers are compared to the last digit; what depends on the clock or on the machine's load is left out. Both records have
to come from one machine: the digits of a float depend on its vector instructions. Models that BEFORE saved are opened
by the program that records AFTER, if it is recorded with --open BEFORE, and must complete, classify and forecast alike.
"""
import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
WEATHER = PACKAGE / "Examples/Data/seattle-weather.csv"
TEXT = PACKAGE / "README.md"
# Names of numbers that tell how long something took, not what it gave.
CLOCK = re.compile(r"second|time_|_time|_s$|_ms$|millis|elapsed|duration|perSecond|firstResult|machine|threads|peak|memory", re.I)
DURATION = re.compile(r"\b[\d.,]+ ?(?:ns|µs|ms|s|min|h|steps/s|tokens/s|GFLOP/s|MB|GiB|MiB)\b")
SIZES = {"XS": ("16", "8"), "S": ("32", "16"), "M": ("64", "32"), "L": ("256", "64")}


def commands(cells: list[str]) -> list[tuple[str, list[str]]]:
    """Each command under a name. `@FILE` is a file of this command's folder, `@NAME/FILE` one of another's."""
    result: list[tuple[str, list[str]]] = []
    for cell in cells:
        for size, (hidden, features) in SIZES.items():
            sizes = ["--cell", cell, "--hidden", hidden, "--input", features]
            result.append((f"plan-{cell}-{size}", ["graph", *sizes, "--emit", "plan"]))
        small = ["--cell", cell, "--hidden", "12", "--input", "4"]
        for stage in ("recorded", "gradient", "optimized"):
            result.append((f"{stage}-{cell}", ["graph", *small, "--emit", stage]))
        result.append((f"unrolled-{cell}", ["graph", *small, "--unrolled", "3", "--emit", "optimized"]))
        run = [*small, "--length", "40", "--batch", "5"]
        result.append((f"flow-{cell}", ["flow", *run, "--json", "@flow.json"]))
        result.append((f"check-{cell}", ["check", "--cell", cell, "--json", "@check.json"]))
    every = ["--length", "30", "--hidden", "10", "--batch", "4", "--json", "@flow.json"]
    sections = {
        "log-norm": ["--log-norm"], "credit": ["--credit"], "by-step": ["--by-step"], "units": ["--units"],
        "noise": ["--noise"], "truncation": ["--truncation", "1,5,20"], "jacobian": ["--jacobian"],
        "lyapunov": ["--lyapunov"], "theory": ["--theory"], "gates": ["--gates"], "hessian": ["--hessian", "3"],
        "origin": ["--origin", "--gain", "1e30"], "clip": ["--clip", "0.01"], "unrolled": ["--unrolled"],
        "double": ["--precision", "64"],
    }
    for cell in ("rnn", "lstm", "gru"):
        for name, options in sections.items():
            result.append((f"section-{name}-{cell}", ["flow", "--cell", cell, *every, *options]))
    result.append(("study", ["study", "--hidden", "10", "--length", "30", "--task-length", "15", "--steps", "30",
                             "--html", "@page.html", "--json", "@study.json"]))
    for task in ("adding", "multiplication", "copy", "order2", "order3", "noiseless", "noisy", "permutation"):
        result.append((f"task-{task}", ["train", "--task", task, "--length", "15", "--steps", "25", "--hidden", "8",
                                        "--json", "@task.json", "--save", "@model.safetensors",
                                        "--checkpoint", "@checkpoint", "--log", "@log.csv"]))
    for optimizer in ("adamw", "sgd", "momentum", "nesterov", "rmsprop", "adagrad", "lion"):
        result.append((f"optimizer-{optimizer}", ["train", "--task", "adding", "--length", "10", "--steps", "25",
                                                  "--hidden", "8", "--optimizer", optimizer, "--json", "@task.json"]))
    result.append(("text", ["text", "train", str(TEXT), "--steps", "20", "--hidden", "12", "--batch", "4", "--window",
                            "10", "--save", "@model.safetensors", "--json", "@text.json"]))
    result.append(("words", ["text", "train", str(TEXT), "--words", "--steps", "20", "--hidden", "12", "--batch", "4",
                             "--window", "10", "--save", "@model.safetensors", "--json", "@text.json"]))
    result.append(("forecast", ["forecast", "train", str(WEATHER), "--columns", "temp_max,wind", "--horizon", "3",
                                "--steps", "20", "--hidden", "8", "--save", "@model.safetensors", "--json",
                                "@forecast.json"]))
    result.append(("sentiment", ["sentiment", "train", "@reviews.tsv", "--epochs", "3", "--hidden", "8", "--embedding",
                                 "6", "--save", "@model.safetensors", "--json", "@sentiment.json"]))
    result += opening("@")
    result.append(("weights", ["weights", "@forecast/model.safetensors"]))
    return result


def opening(root: str) -> list[tuple[str, list[str]]]:
    """The commands that open saved models."""
    complete = ["text", "complete", "The gradient of a", "--length", "30", "--model"]
    return [
        ("text-complete", [*complete, f"{root}text/model.safetensors"]),
        ("words-complete", [*complete, f"{root}words/model.safetensors"]),
        ("forecast-predict", ["forecast", "predict", f"{root}forecast/model.safetensors", str(WEATHER)]),
        ("sentiment-classify", ["sentiment", "classify", f"{root}sentiment/model.safetensors", "A great film."]),
    ]


def record(folder: Path, program: Path, before: Path | None) -> None:
    folder.mkdir(parents=True)
    listing = subprocess.run([program, "check", "--help"], capture_output=True, text=True, check=True).stdout
    cells = re.search(r"^Cells: (.*)$", listing, re.M)
    if cells is None:
        sys.exit("ebb check names no cells")
    jobs = commands(cells.group(1).split(", "))
    if before is not None:
        jobs += [("old-" + name, arguments) for name, arguments in opening(f"{before.resolve()}/")]
    for number, (name, arguments) in enumerate(jobs):
        own = folder / name
        own.mkdir()
        if "@reviews.tsv" in arguments:
            (own / "reviews.tsv").write_text("a great film\t1\na dull film\t0\n" * 20)

        def place(argument: str) -> str:
            if not argument.startswith("@"):
                return argument
            return str(folder.resolve() / argument[1:] if "/" in argument else own.resolve() / argument[1:])

        answer = subprocess.run([program, *map(place, arguments)], capture_output=True, text=True)
        own.joinpath("answer.txt").write_text(answer.stdout)
        own.joinpath("status.txt").write_text(f"{answer.returncode}\n{answer.stderr if answer.returncode else ''}")
        print(f"\r{number + 1} of {len(jobs)}", end="", file=sys.stderr)
    print(file=sys.stderr)


def timeless(value: object) -> object:
    """A JSON value without what depends on the clock."""
    if isinstance(value, dict):
        return {key: timeless(item) for key, item in value.items() if not CLOCK.search(key)}
    if isinstance(value, list):
        return [timeless(item) for item in value]
    return value


def content(path: Path, roots: tuple[Path, Path]) -> object:
    if path.suffix == ".json":
        return timeless(json.loads(path.read_text()))
    if path.suffix in (".txt", ".csv", ".html"):
        text = path.read_text()
        for root in roots:
            text = text.replace(str(root.resolve()), "")
        return re.sub(r"-{2,}|─+", "", DURATION.sub("", re.sub(r"\s+", " ", text)))
    return path.read_bytes()


def compare(before: Path, after: Path) -> int:
    def files(root: Path) -> set[Path]:
        # A page draws when it was made and how long that took; a log has the time of each step.
        return {path.relative_to(root) for path in root.rglob("*")
                if path.is_file() and path.suffix != ".html" and path.name not in ("log.csv", "checkpoint")}

    roots = (before, after)
    old, new = files(before), files(after)
    shared = sorted(old & new)
    different = [name for name in shared if content(before / name, roots) != content(after / name, roots)]
    for name in sorted(old - new):
        print(f"only before: {name}")
    for name in sorted(path for path in new - old if not path.parts[0].startswith("old-")):
        print(f"only after: {name}")
    for name in different:
        print(f"differs: {name}")
    opened = 0
    for folder in sorted(after.glob("old-*")):
        opened += 1
        own = before / folder.name.removeprefix("old-") / "answer.txt"
        if content(folder / "answer.txt", roots) != content(own, roots):
            different.append(folder)
            print(f"an old model answers otherwise: {folder.name}")
    print(f"{len(shared) - len(different)} of {len(shared)} files are equal; {opened} old models were opened")
    return 1 if different or old - new else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    actions = parser.add_subparsers(dest="action", required=True)
    recording = actions.add_parser("record")
    recording.add_argument("folder", type=Path)
    recording.add_argument("--ebb", type=Path, default=PACKAGE / ".build/release/ebb")
    recording.add_argument("--open", type=Path, help="a record whose models are opened as well")
    comparing = actions.add_parser("compare")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    arguments = parser.parse_args()
    if arguments.action == "record":
        record(arguments.folder, arguments.ebb.resolve(), arguments.open)
        return 0
    return compare(arguments.before, arguments.after)


if __name__ == "__main__":
    sys.exit(main())
