#!/usr/bin/env python3
"""Runs modules of StableHLO in XLA and compares them with ebb itself.

    python3 Tests/stablehlo.py --ebb PROGRAM [CELL …]   every cell of the library by default; exit status 1 if one differs
    python3 Tests/stablehlo.py --folder FOLDER          the modules and examples that EbbStableHLOTests wrote there:
        EBB_STABLEHLO_FOLDER=FOLDER swift test --filter EbbStableHLOTests

Needs the Python packages jax and numpy. Shown is the largest difference, relative to the largest number of a result or to 1.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# Two devices, for modules that divide their batch.
os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_force_host_platform_device_count=2"

import jax
import numpy as np
from jaxlib import xla_client

jax.config.update("jax_enable_x64", True)
# What rounding may do: sums in another order, and functions that are right to a few units in the last place.
LIMITS = {"f32": 2e-4, "f64": 1e-9}


# Of the library's cells: in floats of 32 bits, unless twice what rounding alone changes is more; and in those of 64.
CELL_LIMIT = 2e-6
DOUBLE_LIMIT = 1e-11
# Steps and sequences.
LENGTHS = [(1, 1), (7, 3)]
FORMS = {"": [], "gradient": ["--gradient"], "ragged, both ways": ["--bidirectional", "--ragged"],
         "gradient of two layers": ["--layers", "2", "--gradient"]}


def run(command: list[str]) -> str:
    environment = os.environ | {"SWIFT_BACKTRACE": "enable=no"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()[-600:]}")
    return done.stdout


def halves(device_count: int, text: str, arguments: list[np.ndarray]) -> list[jax.Array]:
    """The arguments of a module on several devices: each with its rows, or with the whole."""
    devices = jax.devices("cpu")[:device_count]
    mesh = jax.sharding.Mesh(np.array(devices), ("rows",))
    placed = []
    notes = re.findall(r"#sdy\.sharding<@devices, \[(.*?)\]>", text.split(") -> (")[0])
    for value, note in zip(arguments, notes, strict=True):
        parts = ["rows" if "rows" in part else None for part in note.split(", ")] if note else []
        placed.append(jax.device_put(value, jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec(*parts))))
    return placed


def compare_devices(ebb: str, cell: str, folder: Path) -> str:
    """Computes a gradient on two devices and on one; says by how much they differ, or what is wrong."""
    module, example, ports = folder / "module.mlir", folder / "example.npz", folder / "ports.json"
    run([ebb, "export", "--cell", cell, "--format", "stablehlo", "--gradient", "--shape", "7,4,3,8", "--devices", "2",
         "-o", str(module), "--example", str(example), "--json", str(ports), "--quiet"])
    with np.load(example) as arrays:
        values = dict(arrays)
    names = json.loads(ports.read_text())
    text = module.read_text()
    options = xla_client.CompileOptions()
    options.num_partitions = 2
    options.executable_build_options.num_partitions = 2
    options.executable_build_options.use_spmd_partitioning = True
    options.executable_build_options.use_shardy_partitioner = True
    options.device_assignment = xla_client.DeviceAssignment.create(np.array([[0, 1]]))
    devices = jax.devices("cpu")[:2]
    program = devices[0].client.compile_and_load(text, xla_client.DeviceList(tuple(devices)), options)
    arguments = halves(2, text, [values["input." + port["name"]] for port in names["inputs"]])
    results = program.execute_sharded(arguments).disassemble_into_single_device_arrays()
    worst = 0.0
    for result, port in zip(results, names["outputs"], strict=True):
        for copy in result:
            worst = max(worst, difference(np.asarray(copy), values["output." + port["name"]]))
    # The sums over the batch, all in one, and none in a loop.
    compiled = program.hlo_modules()[0].to_string()
    sums = {}
    for part in re.split(r"\n\n", compiled):
        count = len(re.findall(r" all-reduce(?:-start)?\(", part))
        if count:
            sums[part.strip().split("(")[0].split()[0]] = count
    if sums != {"ENTRY": 1}:
        return f"{cell}, two devices: all-reduces {sums} WRONG"
    return f"{cell}, two devices: {worst:.1e}, one all-reduce" + ("" if worst <= CELL_LIMIT else " WRONG")


class Device:
    """XLA on this CPU, through jaxlib."""

    def __init__(self) -> None:
        self.device = jax.devices("cpu")[0]
        self.options = xla_client.CompileOptions()

    def run(self, text: str, arguments: list[np.ndarray]) -> list[np.ndarray]:
        devices = xla_client.DeviceList((self.device,))
        program = self.device.client.compile_and_load(text, devices, self.options)
        buffers = [jax.device_put(value, self.device) for value in arguments]
        # Arguments that nothing reads stay in the signature.
        results = program.execute_sharded(buffers).disassemble_into_single_device_arrays()
        return [np.asarray(result[0]) for result in results]


def difference(found: np.ndarray, expected: np.ndarray) -> float:
    if found.shape != expected.shape:
        raise RuntimeError(f"a result is {found.shape}, and {expected.shape} of ebb")
    found, expected = found.astype(np.float64), expected.astype(np.float64)
    equal = (found == expected) | (np.isnan(found) & np.isnan(expected))
    if equal.all():
        return 0.0
    scale = max(1.0, float(np.abs(expected[np.isfinite(expected)]).max(initial=0)))
    with np.errstate(invalid="ignore"):
        gap = np.where(equal, 0, np.abs(found - expected))
    return float("inf") if not np.isfinite(gap).all() else float(gap.max()) / scale


def arguments(example: dict[str, np.ndarray], prefixes: dict[str, type | None]) -> list[np.ndarray]:
    found = {}
    for name, value in example.items():
        kind, _, number = name.partition(".")
        if kind in prefixes:
            found[int(number)] = value.astype(prefixes[kind]) if prefixes[kind] else value
    return [found[number] for number in sorted(found)]


def compare(device: Device, ebb: str, network: list[str], folder: Path) -> tuple[float, float, float]:
    """Exports a network as modules of some lengths and compares their results with those of ebb.

    Returns the largest difference in floats of 32 bits and in those of 64, and how far ebb's own results in 32 bits are
    from those in 64: what rounding does to this network.
    """
    worst = {"32": 0.0, "64": 0.0}
    rounding = 0.0
    module, example, ports = folder / "module.mlir", folder / "example.npz", folder / "ports.json"
    for length, batch in LENGTHS:
        own = {}
        for bits in worst:
            run([ebb, "export", *network, "--format", "stablehlo", "--precision", bits, "-o", str(module), "--example",
                 str(example), "--length", str(length), "--batch", str(batch), "--json", str(ports), "--quiet"])
            with np.load(example) as arrays:
                values = dict(arrays)
            names = json.loads(ports.read_text())
            arguments = [values["input." + port["name"]] for port in names["inputs"]]
            found = device.run(module.read_text(), arguments)
            own[bits] = [values["output." + port["name"]] for port in names["outputs"]]
            worst[bits] = max([worst[bits]] + [difference(a, b) for a, b in zip(found, own[bits], strict=True)])
        rounding = max([rounding] + [difference(a, b) for a, b in zip(own["32"], own["64"])])
    return worst["32"], worst["64"], rounding


def compare_files(folder: Path) -> bool:
    """Compares each module in a folder with the example beside it; returns whether one differs."""
    device = Device()
    failed, count, largest = 0, 0, {"f32": 0.0, "f64": 0.0}
    start = time.process_time()
    for module in sorted(folder.glob("*.mlir")):
        count += 1
        text = module.read_text()
        with np.load(module.with_suffix(".npz")) as arrays:
            example = dict(arrays)
        # Random numbers are computed in 64 bits everywhere.
        precision = "f32" if "f32" in text.split(") {")[0] else "f64"
        try:
            found = device.run(text, arguments(example, {"argument": None, "ui64": np.uint64}))
            worst = max(
                (difference(a, b) for a, b in zip(found, arguments(example, {"result": None}), strict=True)), default=0.0)
        except Exception as error:
            failed += 1
            print(f"{module.stem}: FAILED: {str(error).strip()[:600]}")
            continue
        largest[precision] = max(largest[precision], worst)
        if not worst <= LIMITS[precision]:
            failed += 1
            print(f"{module.stem}: {worst:.1e} WRONG")
    print(f"{count} modules; the largest differences are {largest['f32']:.1e} in floats of 32 bits and "
          f"{largest['f64']:.1e} in those of 64; {time.process_time() - start:.0f} s")
    return failed > 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cells", nargs="*", metavar="CELL", help="all cells of the library by default")
    parser.add_argument("--ebb", help="the program")
    parser.add_argument("--folder", type=Path, help="modules with examples")
    parser.add_argument("--hidden", default="5")
    parser.add_argument("--devices", nargs="*", metavar="CELL", default=["lstm", "gru", "lnlstm"],
                        help="cells whose gradient is also computed on two devices")
    options = parser.parse_args()
    if options.folder:
        return compare_files(options.folder)
    if not options.ebb:
        parser.error("give --ebb PROGRAM or --folder FOLDER")
    cells = options.cells
    if not cells:
        listed = [line for line in run([options.ebb, "check", "--help"]).splitlines() if line.startswith("Cells: ")]
        cells = listed[0].removeprefix("Cells: ").split(", ")
    failed, device = False, Device()
    with tempfile.TemporaryDirectory() as folder:
        for cell in cells:
            results = []
            for form, arguments in FORMS.items():
                try:
                    single, double, rounding = compare(
                        device, options.ebb, ["--cell", cell, "--hidden", options.hidden, "--input", "3", *arguments],
                        Path(folder))
                    # Two results that rounding moves may differ by twice as much.
                    is_wrong = not (single <= max(CELL_LIMIT, 2 * rounding) and double <= DOUBLE_LIMIT)
                    text = f"{single:.1e}, {double:.1e}" + (" WRONG" if is_wrong else "")
                except Exception as error:
                    is_wrong, text = True, f"FAILED: {str(error).strip()[:300]}"
                failed = failed or is_wrong
                results.append(f"{form or 'forward'}: {text}")
            print(f"{cell}: " + "; ".join(results), flush=True)
        for cell in options.devices:
            text = compare_devices(options.ebb, cell, Path(folder))
            failed = failed or "WRONG" in text
            print(text, flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
