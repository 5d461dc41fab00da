#!/usr/bin/env python3
"""Compares exported ONNX models with ebb itself: the checker of onnx, and the outputs of onnxruntime.

    python3 Tests/onnx.py --ebb PROGRAM [CELL …]     every cell of the library by default; exit status 1 if one differs
    python3 Tests/onnx.py --folder FOLDER            the models and examples that EbbExportTests wrote there:
        EBB_ONNX_FOLDER=FOLDER swift test --filter EbbExportTests

Needs the Python packages onnx, onnxruntime and numpy. Each cell is exported once for sequences of one length and once for
ragged ones, forward and in both directions, and run at several lengths and numbers of sequences; ebb's own outputs for
the same inputs come from `ebb export --example`. Shown is the largest difference in floats of 32 bits, then in those of 64,
relative to the largest output, or to 1; a dash where onnxruntime has no kernel for floats of 64 bits.

A network passes if its outputs agree to 1e-6 in 32 bits. Rounding alone moves those of some networks by more, so that no two
programs agree; those pass if they agree to 1e-6 in 64 bits, and in 32 to twice the distance of ebb's own outputs in 32 from
those in 64. Where 32 bits are beyond both limits, since onnxruntime's hyperbolic tangent is wrong by up to 3e-7, onnx's own
evaluator decides, which is numpy. In 64 bits, where they can be run, all must agree to 1e-12.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# This script has the name of the package that it needs.
sys.path = [path for path in sys.path if Path(path or ".").resolve() != Path(__file__).resolve().parent]

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

# In floats of 32 bits, or else in those of 64, where every recurrence is a Scan.
LIMIT = 1e-6
# What two programs make of one model in 64 bits.
DOUBLE_LIMIT = 1e-12
# Steps and sequences: the model is the same for all.
LENGTHS = [(1, 1), (7, 3), (20, 5)]
FORMS = {"": [], "ragged": ["--ragged"], "both ways": ["--bidirectional"],
         "both ways, ragged": ["--bidirectional", "--ragged"], "two layers": ["--layers", "2"]}


def run(command: list[str]) -> str:
    environment = os.environ | {"SWIFT_BACKTRACE": "enable=no"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()[-600:]}")
    return done.stdout


class Reference:
    """onnx's own evaluator, as a session of onnxruntime."""

    def __init__(self, model: bytes):
        self.model = ReferenceEvaluator(onnx.load_from_string(model))

    def get_inputs(self):
        return [argparse.Namespace(name=name) for name in self.model.input_names]

    def get_outputs(self):
        return [argparse.Namespace(name=name) for name in self.model.output_names]

    def run(self, names, inputs):
        return self.model.run(names, inputs)


def session(model: bytes) -> onnxruntime.InferenceSession | None:
    """None if there is no kernel for an operator: the error function and the arctangent of doubles."""
    try:
        return onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    except onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented:
        return None


def difference(session: onnxruntime.InferenceSession | Reference, example: dict[str, np.ndarray]) -> float:
    """The largest difference between the outputs of a model and those of an example."""
    names = [output.name for output in session.get_outputs()]
    wanted = {value.name for value in session.get_inputs()}
    inputs = {name.removeprefix("input."): value for name, value in example.items() if name.startswith("input.")}
    found = session.run(names, {name: value for name, value in inputs.items() if name in wanted})
    worst = 0.0
    for name, value in zip(names, found):
        expected = example[f"output.{name}"]
        if value.shape != expected.shape or value.dtype != expected.dtype:
            raise RuntimeError(f"{name} is {value.dtype} {value.shape}, and {expected.dtype} {expected.shape} of ebb")
        if np.isnan(value).any() != np.isnan(expected).any():
            return float("nan")
        value, expected = value.astype(np.float64), expected.astype(np.float64)
        scale = max(1.0, float(np.abs(expected).max(initial=0)))
        worst = max(worst, float(np.abs(value - expected).max(initial=0)) / scale)
    return worst


def perturbed(model: bytes, rng: np.random.Generator) -> bytes:
    """The model with each number of its weights moved by up to half a unit in the last place of 32 bits."""
    model = onnx.load_from_string(model)
    for tensor in model.graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.dtype == np.float64 and value.size > 1:
            tensor.CopyFrom(numpy_helper.from_array(rounded(value, rng), tensor.name))
    return model.SerializeToString()


def rounded(value: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return value * (1 + 2.0**-24 * rng.uniform(-1, 1, value.shape)) if value.dtype == np.float64 else value


def compare(ebb: str, arguments: list[str], folder: Path) -> tuple[float, float, float, dict[str, float]]:
    """Exports a network, checks the model, and compares its outputs at all lengths.

    Returns the largest difference in floats of 32 bits and in those of 64, the limit in 32, and where a difference is more
    than 1e-6, how far the outputs in 32 bits are from ebb's in 64, those of ebb, onnxruntime and onnx's evaluator, and, to be
    seen beside them, how far those in 64 move if each weight and each input is rounded to 32.
    """
    worst = {"32": 0.0, "64": 0.0}
    far = {"ebb": 0.0, "onnxruntime": 0.0, "onnx": 0.0, "weights and inputs rounded": 0.0}
    reference = 0.0
    rng = np.random.default_rng(0)
    sessions, files = {}, {}
    for length, batch in LENGTHS:
        outputs, examples = {}, {}
        for bits in worst:
            model, example = folder / "model.onnx", folder / "example.npz"
            run([ebb, "export", *arguments, "--precision", bits, "-o", str(model), "--example", str(example),
                 "--length", str(length), "--batch", str(batch), "--quiet"])
            if bits not in sessions:
                files[bits] = model.read_bytes()
                onnx.checker.check_model(onnx.load(model), full_check=True)
                sessions[bits] = session(files[bits])
            elif model.read_bytes() != files[bits]:
                raise RuntimeError("two exports of one network differ")
            with np.load(example) as arrays:
                example = dict(arrays)
            if sessions[bits] is None and bits == "64":
                worst[bits] = -1
            else:
                worst[bits] = max(worst[bits], difference(sessions[bits], example))
            outputs[bits] = example["output.y"].astype(np.float64)
            examples[bits] = example
        scale = max(1.0, float(np.abs(outputs["64"]).max(initial=0)))
        exact = examples["32"] | {"output.y": outputs["64"].astype(np.float32)}
        if difference(sessions["32"], examples["32"]) <= LIMIT:
            continue
        far["ebb"] = max(far["ebb"], float(np.abs(outputs["32"] - outputs["64"]).max(initial=0)) / scale)
        far["onnxruntime"] = max(far["onnxruntime"], difference(sessions["32"], exact))
        try:
            numpy = Reference(files["32"])
            reference = max(reference, difference(numpy, examples["32"]))
            far["onnx"] = max(far["onnx"], difference(numpy, exact))
        except RuntimeError:
            # Its scans run forward only.
            reference, far["onnx"] = float("inf"), float("nan")
        for _ in range(5 if sessions["64"] else 0):
            moved = {name: rounded(value, rng) if name.startswith("input.") else value
                     for name, value in examples["64"].items()}
            change = difference(session(perturbed(files["64"], rng)), moved)
            far["weights and inputs rounded"] = max(far["weights and inputs rounded"], change)
    # What agrees in 64 bits may differ in 32 by what rounding does to two programs, not by more: a wrong model does.
    limit = max(LIMIT, 2 * far["ebb"]) if 0 <= worst["64"] <= LIMIT else LIMIT
    if worst["32"] > limit and reference <= limit:
        worst["32"] = reference
    return worst["32"], worst["64"], limit, far


def compare_files(folder: Path) -> bool:
    """Compares each model in a folder with the example beside it; returns whether one differs."""
    failed, count, left_out, largest = False, 0, 0, 0.0
    for model in sorted(folder.glob("*.onnx")):
        count += 1
        try:
            loaded = onnx.load(model)
            onnx.checker.check_model(loaded, full_check=True)
            session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
            with np.load(model.with_suffix(".npz")) as arrays:
                worst = difference(session, dict(arrays))
            # Of floats of 32 bits there is a value, a weight or a conversion to them.
            is_double = not re.search(r"data_type: 1\b|elem_type: 1\b|\bi: 1\b", str(loaded))
            largest = max(largest, worst)
            if not worst <= (1e-9 if is_double else 1e-5):
                failed = True
                print(f"{model.stem}: {worst:.1e} WRONG")
        except Exception as error:
            # The arctangent and the error function of doubles.
            if "NOT_IMPLEMENTED" in str(error):
                left_out += 1
                continue
            failed = True
            print(f"{model.stem}: FAILED: {str(error).strip()}")
    print(f"{count} models, of which onnxruntime cannot run {left_out}; the largest difference is {largest:.1e}")
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cells", nargs="*", metavar="CELL", help="all cells of the library by default")
    parser.add_argument("--ebb", help="the program")
    parser.add_argument("--folder", type=Path, help="models with examples")
    parser.add_argument("--hidden", default="5")
    options = parser.parse_args()
    # Errors are reported here.
    onnxruntime.set_default_logger_severity(4)
    if options.folder:
        return compare_files(options.folder)
    if not options.ebb:
        parser.error("give --ebb PROGRAM or --folder FOLDER")
    cells = options.cells
    if not cells:
        listed = [line for line in run([options.ebb, "check", "--help"]).splitlines() if line.startswith("Cells: ")]
        cells = listed[0].removeprefix("Cells: ").split(", ")
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for cell in cells:
            results = []
            for form, arguments in FORMS.items():
                try:
                    single, double, limit, far = compare(
                        options.ebb, ["--cell", cell, "--hidden", options.hidden, "--input", "3", *arguments],
                        Path(folder))
                    is_wrong = not (single <= limit and double <= DOUBLE_LIMIT)
                    text = f"{single:.1e}, " + ("–" if double < 0 else f"{double:.1e}") + (" WRONG" if is_wrong else "")
                    if far["ebb"] > 0:
                        text += " (from 64 bits: " + ", ".join(f"{name} {value:.1e}" for name, value in far.items()) + ")"
                except Exception as error:
                    is_wrong, text = True, f"FAILED: {error}"
                failed = failed or is_wrong
                results.append((f"{form}: " if form else "") + text)
            print(f"{cell}: " + "; ".join(results), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
