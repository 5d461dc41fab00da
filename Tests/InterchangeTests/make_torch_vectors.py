"""Makes Tests/Vectors/torch: files that PyTorch writes, and beside each its tensors, as safetensors.

    pip install torch numpy safetensors
    python Tests/InterchangeTests/make_torch_vectors.py          writes the files
    python Tests/InterchangeTests/make_torch_vectors.py FILE …   checks files of ebb: torch.load reads them as a state dict

The tensors are widened to types that tensors here have: half precision to Float32, integers to Int32 or Float64.
"""

import argparse
import collections
import io
import os
import struct
import sys
import typing
import zipfile

import numpy as np
import torch
from safetensors.numpy import save_file

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Vectors", "torch")


def path(name):
    return os.path.join(FOLDER, name)


def widened(tensor):
    """As the reader holds it: half precision as Float32, integers as Int32, or as Float64 if they do not fit."""
    if tensor.dtype in (torch.float16, torch.bfloat16):
        tensor = tensor.float()
    array = tensor.contiguous().numpy()
    if array.dtype.kind in "iu":
        small = array.size == 0 or (array.min() >= -2**31 and array.max() < 2**31)
        array = array.astype(np.int32 if small else np.float64)
    return np.ascontiguousarray(array).reshape(tensor.shape)


def save(name, value, tensors, **options):
    """The file, and its tensors by the names that they have here."""
    torch.save(value, path(name + ".pt"), **options)
    expected(name, tensors)


def expected(name, tensors):
    arrays = {key: widened(tensor.detach()) for key, tensor in tensors.items()}
    save_file(arrays, path(name + ".safetensors"))


def lstm(**options):
    torch.manual_seed(3)
    return torch.nn.LSTM(2, 2, num_layers=2, bidirectional=True, **options)


def types():
    torch.manual_seed(4)
    read = collections.OrderedDict()
    for name in ("float64", "float32", "float16", "bfloat16"):
        read[name] = torch.randn(2, 3, dtype=torch.float64).to(getattr(torch, name))
    for name in ("int64", "int32", "int16", "int8", "uint8", "uint16", "uint32", "uint64"):
        low = 0 if name.startswith("u") else -5
        read[name] = torch.arange(low, low + 6).to(getattr(torch, name)).reshape(3, 2)
    read["wide"] = torch.tensor([2**40, -2**50])
    read["bool"] = torch.tensor([True, False, True])
    read["scalar"] = torch.tensor(0.1, dtype=torch.float64)
    read["empty"] = torch.zeros(0, 4)
    read["inf"] = torch.tensor([float("inf"), -0.0, float("-inf"), 1e-42])
    read["huge"] = torch.tensor([2.0**1000, -0.0], dtype=torch.float64)
    unread = collections.OrderedDict()
    unread["complex"] = torch.tensor([1 + 2j])
    unread["float8"] = torch.tensor([1.0, 2.0]).to(torch.float8_e4m3fn)
    unread["sparse"] = torch.eye(3).to_sparse()
    unread["compressed"] = torch.eye(3).to_sparse_csr()
    unread["quantized"] = torch.quantize_per_tensor(torch.ones(2), 0.5, 0, torch.qint8)
    unread["meta"] = torch.zeros(2, 3, device="meta")
    unread["beyond"] = torch.tensor([2**62 + 1])
    return read, unread


def views():
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 8
    return collections.OrderedDict(
        base=base, transposed=base.t(), columns=base[:, 2:5], steps=base[::2, ::3], row=base[2], last=base[3, 5],
        deep=base.reshape(2, 2, 6).permute(2, 0, 1), repeated=torch.tensor([1.5, 2.5]).expand(3, 2),
        tail=base.reshape(-1)[20:], tied=base, none=base[:0])


def trained(module, optimizer):
    for step in range(2):
        optimizer.zero_grad()
        module(torch.ones(3, 1, 2))[0].square().sum().backward()
        optimizer.step()


def checkpoint():
    torch.manual_seed(5)
    module = torch.nn.GRU(2, 2)
    optimizer = torch.optim.Adam(module.parameters(), lr=1e-3)
    trained(module, optimizer)
    value = {
        "epoch": 3, "model_state_dict": module.state_dict(), "optimizer_state_dict": optimizer.state_dict(),
        "loss": 0.25, "best": None, "args": argparse.Namespace(hidden=2, data="x"), "note": "löss", "done": True,
        "dtype": torch.float32, "size": torch.Size([2, 3]), "device": torch.device("cpu"), "seen": {"a"},
        "rate": np.float64(0.5), "large": 2**70, "raw": b"\x00\xff",
    }
    tensors = dict(module.state_dict())
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer_state_dict.state.{index}.{key}": number for key, number in state.items()}
    return value, tensors


def lightning():
    """The shape of a checkpoint of PyTorch Lightning 2."""
    torch.manual_seed(6)
    module = torch.nn.ModuleDict({"rnn": torch.nn.RNN(2, 2), "head": torch.nn.Linear(2, 1)})
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1, momentum=0.9)
    for parameter in module.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    state = collections.OrderedDict(("model." + name, number) for name, number in module.state_dict().items())
    value = {
        "epoch": 1, "global_step": 20, "pytorch-lightning_version": "2.5.0", "state_dict": state,
        "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": {"total": {"ready": 1, "completed": 1}}}},
        "callbacks": {"ModelCheckpoint{'monitor': None}": {"best_model_score": torch.tensor(0.5), "best_model_path": ""}},
        "optimizer_states": [optimizer.state_dict()], "lr_schedulers": [], "hparams_name": "kwargs",
        "hyper_parameters": {"hidden": 2, "rate": 0.1, "words": ["a", "b"]},
    }
    tensors = dict(state) | {"callbacks.ModelCheckpoint{'monitor': None}.best_model_score": torch.tensor(0.5)}
    for index, numbers in optimizer.state_dict()["state"].items():
        tensors[f"optimizer_states.0.state.{index}.momentum_buffer"] = numbers["momentum_buffer"]
    return value, tensors


def rewritten(name, source, change, compression=zipfile.ZIP_STORED):
    """The archive with its members changed."""
    with zipfile.ZipFile(path(source)) as old, zipfile.ZipFile(path(name), "w", compression) as new:
        for member in old.infolist():
            content = change(member.filename, old.read(member.filename))
            # A fixed date, so that the file is the same each time.
            new.writestr(zipfile.ZipInfo(member.filename), content, compression)


def big_endian(name, content):
    """The members of a machine with the other byte order, for storages of 4 bytes."""
    if name.endswith("byteorder"):
        return b"big"
    if "/data/" in name:
        return np.frombuffer(content, "<u4").byteswap().tobytes()
    return content


class Holder:
    """Something that is no tensor."""


class Scripted(torch.nn.Module):
    """A module with a list, a number and a buffer beside its layers."""

    sizes: typing.List[int]

    def __init__(self):
        super().__init__()
        torch.manual_seed(6)
        self.rnn = torch.nn.GRU(1, 2, 2, bidirectional=True)
        self.layers = torch.nn.ModuleList([torch.nn.Linear(4, 1)])
        self.sizes, self.gain = [1, 2], 2.5
        self.register_buffer("mean", torch.ones(1))

    def forward(self, x):
        y = self.rnn(x - self.mean)[0]
        for layer in self.layers:
            y = layer(y)
        return y * self.gain


def scripted(name, program):
    """A program of TorchScript, without its code, which names files of the machine."""
    buffer = io.BytesIO()
    torch.jit.save(program, buffer)
    with zipfile.ZipFile(buffer) as archive, zipfile.ZipFile(path(name), "w") as target:
        for member in archive.namelist():
            if "/code/" not in member and "/.data/" not in member:
                target.writestr(zipfile.ZipInfo(member), archive.read(member))


def programs():
    model = Scripted()
    scripted("scripted.pt", torch.jit.script(model))
    expected("scripted", model.state_dict())
    scripted("traced.pt", torch.jit.trace(model, torch.zeros(2, 1, 1)))
    expected("traced", model.state_dict())
    linear = torch.nn.Sequential(torch.nn.Linear(1, 1))
    scripted("packed.pt", torch.jit.script(torch.ao.quantization.quantize_dynamic(linear, dtype=torch.qint8)))


def refused():
    holder = Holder()
    holder.weight = torch.ones(2)
    torch.save(torch.nn.RNN(1, 1), path("module.pt"))
    torch.save({"holder": holder, "epoch": 1}, path("holder.pt"))
    torch.save({"weight": torch.ones(2), "holder": holder}, path("beside.pt"))


def main():
    os.makedirs(FOLDER, exist_ok=True)
    state = lstm().state_dict()
    save("lstm", state, state)
    save("legacy", state, state, _use_new_zipfile_serialization=False)
    for protocol in (1, 3, 4, 5):
        few = collections.OrderedDict(list(state.items())[:2])
        save(f"legacy-{protocol}", few, few, _use_new_zipfile_serialization=False, pickle_protocol=protocol)
        save(f"protocol-{protocol}", few, few, pickle_protocol=protocol)
    read, unread = types()
    save("types", read, read)
    old = {name: tensor for name, tensor in read.items() if name not in ("uint16", "uint32", "uint64")}
    save("legacy-types", old, old, _use_new_zipfile_serialization=False)
    torch.save(unread, path("unread.pt"))
    save("views", views(), views())
    save("legacy-views", views(), views(), _use_new_zipfile_serialization=False)
    for name, (value, tensors) in (("checkpoint", checkpoint()), ("lightning", lightning())):
        save(name, value, tensors)
    save("legacy-checkpoint", checkpoint()[0], checkpoint()[1], _use_new_zipfile_serialization=False)
    wrapped = {"module." + name: number for name, number in list(state.items())[:2]}
    save("parallel", wrapped, {name[7:]: number for name, number in wrapped.items()})
    array = np.arange(6).reshape(2, 3)
    value = {
        "rows": array / 4, "columns": np.asfortranarray(array / 4), "small": array.astype(np.int8),
        "loss": np.float32(0.25), "count": np.int64(7), "done": np.bool_(True), "kind": np.dtype("float32"),
        "objects": np.array(["a", None], dtype=object),
    }
    tensors = {"rows": torch.tensor(array / 4), "columns": torch.tensor(array / 4), "small": torch.tensor(array)}
    for protocol in (2, 3, 5):
        save(f"numpy-{protocol}", value, tensors, pickle_protocol=protocol)
    save("single", torch.arange(3.0), {"single": torch.arange(3.0)})
    save("list", [torch.ones(2), (torch.zeros(1), 7)], {"0": torch.ones(2), "1.0": torch.zeros(1)})
    torch.serialization.set_crc32_options(False)
    save("unchecked", wrapped, {name[7:]: number for name, number in wrapped.items()})
    torch.serialization.set_crc32_options(True)
    rewritten("deflated.pt", "lstm.pt", lambda name, content: content, zipfile.ZIP_DEFLATED)
    rewritten("big-endian.pt", "lstm.pt", big_endian)
    programs()
    refused()


def check(files):
    """The files as torch reads them, beside their contents as safetensors reads them: `x.pt` and `x.safetensors`."""
    from safetensors.torch import load_file

    for name in files:
        for options in ({}, {"mmap": True}):
            state = torch.load(name, weights_only=True, **options)
            assert type(state) is collections.OrderedDict, type(state)
            wanted = load_file(os.path.splitext(name)[0] + ".safetensors")
            assert list(state) == sorted(wanted), (list(state), sorted(wanted))
            for key, tensor in state.items():
                other = wanted[key]
                assert tensor.dtype == other.dtype and tensor.shape == other.shape and tensor.is_contiguous(), key
                assert tensor.numpy().tobytes() == other.numpy().tobytes(), key
        print(name, len(state), "tensors")


if __name__ == "__main__":
    check(sys.argv[1:]) if sys.argv[1:] else main()
