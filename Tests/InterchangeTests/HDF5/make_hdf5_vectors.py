"""Makes Tests/Vectors/hdf5.json and keras-files.json: files that h5py and Keras write, and what is in them.

    pip install numpy h5py ml_dtypes keras torch
    python Tests/InterchangeTests/HDF5/make_hdf5_vectors.py

Each file is an object:

    size        the file's bytes
    deflated    the file, compressed with DEFLATE, in base64
    tensors     by name: the type, the shape, and the numbers times 32, as h5py reads them
    attributes  texts by OBJECT/ATTRIBUTE, where they matter
    paths       in Keras's files: weight.path by the tensor's name, without the model's name
    layers      in Keras's files: the names of the layers with weights, in order
"""

import base64
import io
import json
import os
import re
import tempfile
import zipfile
import zlib

os.environ.setdefault("KERAS_BACKEND", "torch")

import h5py
import keras
import ml_dtypes
import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Vectors")
UNITS = 3


def pattern(shape, seed, dtype="f4"):
    """Multiples of 1/32 that differ from seed to seed."""
    count = int(np.prod(shape))
    return ((np.arange(count) * 7 + 13 * seed) % 61 - 30).reshape(shape).astype("f8").__truediv__(32).astype(dtype)


def described(dataset):
    value = dataset[()]
    if dataset.attrs.get("dtype") == "bfloat16":
        value = np.frombuffer(value.tobytes(), ml_dtypes.bfloat16).reshape(value.shape)
    numbers = (value.astype("f8") * 32).ravel()
    assert (numbers == np.round(numbers)).all(), dataset.name
    return {"type": dataset.dtype.str, "shape": list(value.shape), "numbers": [int(n) for n in numbers]}


def entry(data, weights=None, **more):
    weights = weights if weights is not None else data
    tensors = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and item.shape is not None and item.dtype.kind in "fiubV":
            tensors[name] = described(item)

    with h5py.File(io.BytesIO(weights)) as file:
        file.visititems(visit)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(data) + packer.flush()
    return {"size": len(data), "deflated": base64.b64encode(packed).decode(), "tensors": tensors} | more


def save(name, files):
    with open(os.path.join(FOLDER, name), "w") as out:
        lines = [f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in files.items()]
        out.write("{\n" + ",\n".join(lines) + "\n}\n")


# h5py


def members(libver):
    """Enough for a tree of two levels."""
    return 300 if libver == "earliest" else 70


def h5py_file(libver):
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", libver=libver) as file:
        for number, kind in enumerate(["<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]):
            file["types/" + kind] = pattern((2, 3), number, kind)
        for kind in ["i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8", "u1", "<u2", ">u2", "<u4", ">u4", "<u8", ">u8"]:
            file["types/" + kind] = np.array([3, 2, 100 if "u" in kind else -100], kind)
        file["types/bool"] = np.array([True, False, True])
        file["types/bfloat16"] = pattern((4,), 7).astype(ml_dtypes.bfloat16)
        file["types/bfloat16"].attrs["dtype"] = "bfloat16"
        file["scalar"] = np.float32(1.5)
        file["none"] = np.zeros((0, 3), "f4")
        pieces = file.create_group("pieces")
        pieces.create_dataset("edges", data=pattern((5, 7), 8), chunks=(2, 3))
        pieces.create_dataset(
            "packed", data=pattern((3, 4, 5), 9, ">f8"), chunks=(2, 2, 2), compression="gzip", shuffle=True,
            fletcher32=True)
        pieces.create_dataset("checked", data=pattern((3, 3), 10, "i1"), chunks=(2, 3), fletcher32=True)
        pieces.create_dataset("one", data=pattern((6, 4), 11), chunks=(6, 4), compression="gzip")
        if libver == "latest":
            pieces.create_dataset("paged", data=pattern((1030,), 12, "i1"), chunks=(1,))
        compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        compact.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple((4,))
        low = h5py.h5d.create(file.id, b"compact", h5py.h5t.IEEE_F32LE, space, compact)
        low.write(h5py.h5s.ALL, h5py.h5s.ALL, pattern((4,), 13))
        early = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        early.set_layout(h5py.h5d.CHUNKED)
        early.set_chunk((2, 2))
        early.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        space = h5py.h5s.create_simple((3, 5))
        low = h5py.h5d.create(file.id, b"pieces/implicit", h5py.h5t.IEEE_F32LE, space, early)
        low.write(h5py.h5s.ALL, h5py.h5s.ALL, pattern((3, 5), 14))
        many = file.create_group("many")
        for number in range(members(libver)):
            many[f"n{number}"] = np.float32(number)
        ordered = file.create_group("ordered", track_order=True)
        for number in range(12):
            ordered[f"n{11 - number}"] = np.float32(number)
            ordered.attrs[f"a{number}"] = f"text {number}"
        file["soft"] = h5py.SoftLink("/types/<f4")
        file["types/softer"] = h5py.SoftLink("../soft")
        file["softest"] = h5py.SoftLink("soft")
        file["other"] = h5py.ExternalLink("other.h5", "/x")
        file["hard"] = file["scalar"]
        # What is no tensor here.
        file["text"] = "words"
        file["empty"] = h5py.Empty("f4")
        file.create_dataset("never", shape=(5,), dtype="f4")
        file.create_dataset("partly", shape=(6,), chunks=(2,), dtype="f4")[:2] = 1
        file.create_dataset("records", data=np.zeros(2, [("a", "f4")]))
        file.create_dataset("lzf", data=pattern((4, 4), 15), compression="lzf")
        file.attrs["list"] = ["a", "ö"]
        file.attrs["fixed"] = np.bytes_(b"abc")
        file.attrs["number"] = 3
        file.attrs["numbers"] = np.array([0.5, 2])
    return buffer.getvalue()


def h5py_files():
    files = {}
    for libver in ["earliest", ("v108", "v108"), "latest"]:
        data = h5py_file(libver)
        attributes = {f"ordered/a{n}": f"text {n}" for n in range(12)}
        attributes |= {"list": '["a","ö"]', "fixed": "abc", "number": "3", "numbers": "[0.5,2.0]"}
        name = libver if isinstance(libver, str) else libver[0]
        file = entry(data, attributes=attributes)
        file["tensors"].pop("records", None)
        for number in range(members(libver)):
            # Their number is in their name.
            file["tensors"].pop(f"many/n{number}")
        files[name] = file
    return files


def growing_file(libver):
    """Datasets that may become longer: each has its own kind of index in newer files."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", libver=libver) as file:
        def add(name, shape, seed, dtype="f4", **options):
            file.create_dataset(name, data=pattern(shape, seed, dtype), **options)

        # One dimension of any length: the entries of the index block, its data blocks, and those of super blocks.
        add("rows", (5, 3), 20, chunks=(2, 2), maxshape=(None, 3))
        add("columns", (3, 41), 21, chunks=(2, 2), maxshape=(5, None))
        add("long", (700,), 22, "i1", chunks=(1,), maxshape=(None,))
        add("packed", (30, 4), 23, ">f8", chunks=(3, 4), maxshape=(None, 4), compression="gzip", shuffle=True,
            fletcher32=True)
        # A limit that is not reached.
        add("limited", (5, 3), 24, chunks=(2, 2), maxshape=(9, 7))
        add("fixed", (5, 3), 25, chunks=(2, 2), maxshape=(9, 7), compression="lzf")
        # Several dimensions of any length: one node, and more than one.
        add("both", (5, 3), 26, chunks=(2, 2), maxshape=(None, None))
        add("deep", (20, 20), 27, "i1", chunks=(2, 1), maxshape=(None, None))
        add("deeper", (7, 2, 9), 28, chunks=(2, 1, 2), maxshape=(None, 3, None), compression="gzip")
        # Long copies, and numbers that do not compress.
        file.create_dataset("same", data=np.full(3000, 0.5, "f4"), chunks=(1000,), compression="lzf")
        noise = np.random.default_rng(29).integers(-100, 100, 400)
        file.create_dataset("noise", data=noise.astype("f4") / 32, chunks=(150,), compression="lzf", shuffle=True)
        # What was never written, with its value.
        some = file.create_dataset("some", (9, 2), chunks=(2, 2), maxshape=(None, 2), dtype=">f4", fillvalue=1.5)
        some[4:6] = 2
        some.resize((12, 2))
        file.create_dataset("none", (2, 2), dtype="i2", fillvalue=-7)
        shrunk = file.create_dataset("shrunk", data=pattern((40, 2), 30), chunks=(3, 2), maxshape=(None, 2))
        shrunk.resize((7, 2))
    return buffer.getvalue()


# Keras


def short(path, model):
    return path[len(model.name) + 1:] if path.startswith(model.name + "/") else path


def fill(model):
    for seed, weight in enumerate(model.weights):
        weight.assign(pattern(tuple(weight.shape), seed))


def paths(file, model):
    """The tensor of each weight, which is known by its numbers."""
    found = {}
    for weight in model.weights:
        numbers = [int(n) for n in (keras.ops.convert_to_numpy(weight).astype("f8") * 32).ravel()]
        names = [
            name for name, tensor in file["tensors"].items()
            if tensor["shape"] == list(weight.shape) and tensor["numbers"] == numbers and "optimizer" not in name]
        assert len(names) == 1, (weight.path, names)
        found[names[0]] = short(weight.path, model)
    return found


def keras_entry(model, ending):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model" + ending)
        (model.save_weights if ending == ".weights.h5" else model.save)(path)
        with open(path, "rb") as source:
            data = source.read()
    weights = data
    if ending == ".keras":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            weights = archive.read("model.weights.h5")
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as again:
                for member in ["metadata.json", "config.json", "model.weights.h5"]:
                    text = archive.read(member)
                    if member == "metadata.json":
                        text = re.sub(rb'"date_saved": "[^"]*"', b'"date_saved": "2025-01-01@00:00:00"', text)
                    if member == "config.json":
                        text = re.sub(rb', "shared_object_id": \d+', b"", text)
                    again.writestr(zipfile.ZipInfo(member), text)
            data = packed.getvalue()
    file = entry(data, weights)
    file["paths"] = paths(file, model)
    return file


def sequential():
    layers = keras.layers
    keras.backend.clear_session()
    return keras.Sequential([
        keras.Input((None,)), layers.Embedding(5, 2), layers.LSTM(UNITS, return_sequences=True),
        layers.Bidirectional(layers.GRU(UNITS, return_sequences=True)),
        layers.LSTM(UNITS, return_sequences=True, name="mine"), layers.LayerNormalization(epsilon=0.25),
        layers.GRU(UNITS, reset_after=False, return_sequences=True), layers.SimpleRNN(UNITS, activation="relu"),
        layers.Dense(2)])


def functional():
    layers = keras.layers
    keras.backend.clear_session()
    inputs = keras.Input((None,))
    x = layers.Embedding(5, 2, name="table")(inputs)
    x = layers.Bidirectional(layers.LSTM(UNITS, name="inner"), merge_mode="sum", name="both")(x)
    return keras.Model(inputs, layers.Dense(2, name="out", activation="tanh")(x))


@keras.saving.register_keras_serializable("vectors")
class Subclassed(keras.Model):
    def __init__(self, **options):
        super().__init__(**options)
        layers = keras.layers
        self.my_rnn = layers.LSTM(UNITS, return_sequences=True, use_bias=False)
        self.blocks = [layers.GRU(UNITS, return_sequences=True), layers.GRU(UNITS)]
        self.run_cell = layers.RNN(layers.LSTMCell(UNITS), return_sequences=True)
        self.head = layers.Dense(2, use_bias=False)

    def call(self, x):
        x = self.run_cell(self.my_rnn(x))
        for block in self.blocks:
            x = block(x)
        return self.head(x)


def subclassed():
    keras.backend.clear_session()
    model = Subclassed()
    model(np.zeros((1, 4, 2), "f4"))
    return model


def trained():
    layers = keras.layers
    keras.backend.clear_session()
    model = keras.Sequential([keras.Input((None, 2)), layers.LSTM(UNITS, dropout=0.5), layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(np.zeros((2, 4, 2)), np.zeros((2, 1)), verbose=0)
    model.optimizer.learning_rate.assign(0.25)
    for variable in model.optimizer.variables[2:]:
        variable.assign(np.zeros(variable.shape))
    for layer in model.layers:
        for generator in getattr(layer, "cell", layer).__dict__.get("_seed_generators", []):
            generator.state.assign(np.array([1, 2], "u4"))
    return model


def nameless(model):
    """As Keras 3.0 wrote it, without the layers' names, and under the name of Keras 2.13."""
    file = keras_entry(model, ".keras")
    data = base64_inflated(file)
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(packed, "w") as again:
        for member in archive.namelist():
            text = archive.read(member)
            if member == "model.weights.h5":
                text = without_names(text)
                weights = text
            again.writestr(zipfile.ZipInfo(member), text)
    result = entry(packed.getvalue(), weights)
    result["paths"] = {
        name.replace("layers", "_layer_checkpoint_dependencies", 1): path for name, path in file["paths"].items()}
    return result


def base64_inflated(file):
    return zlib.decompress(base64.b64decode(file["deflated"]), -15)


def without_names(weights):
    buffer = io.BytesIO()
    with h5py.File(io.BytesIO(weights)) as source, h5py.File(buffer, "w") as target:
        def copy(name, item):
            if isinstance(item, h5py.Dataset):
                target[name.replace("layers", "_layer_checkpoint_dependencies", 1)] = item[()]
        source.visititems(copy)
    return buffer.getvalue()


def keras2():
    """Weights as Keras 2 wrote them with `save_weights("x.h5")`: its names end in `:0`, its cells are counted."""
    shapes = {
        "lstm": {"lstm/lstm_cell_4": [(2, 12), (3, 12), (12,)]},
        "bidirectional": {
            "bidirectional/forward_gru/gru_cell_1": [(3, 9), (3, 9), (2, 9)],
            "bidirectional/backward_gru/gru_cell_2": [(3, 9), (3, 9), (2, 9)]},
        "dense": {"dense": [(6, 2), (2,)]},
    }
    buffer, found, seed = io.BytesIO(), {}, 0
    with h5py.File(buffer, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name in shapes]
        file.attrs["backend"] = b"tensorflow"
        file.attrs["keras_version"] = b"2.12.0"
        for layer, cells in shapes.items():
            group, names = file.create_group(layer), []
            for cell, parts in cells.items():
                variables = ["kernel", "bias"] if len(parts) == 2 else ["kernel", "recurrent_kernel", "bias"]
                for variable, shape in zip(variables, parts):
                    name = f"{cell}/{variable}:0"
                    names.append(name.encode())
                    group[name] = pattern(shape, seed)
                    found[f"{layer}/{name}"] = re.sub(r"_cell_\d+", "_cell", f"{cell}/{variable}")
                    seed += 1
            group.attrs["weight_names"] = names
    return entry(buffer.getvalue()) | {"paths": found}


def keras_files():
    files = {}
    for make, endings in [(sequential, [".keras", ".weights.h5", ".h5"]), (functional, [".keras", ".weights.h5"]),
                          (subclassed, [".keras"]), (trained, [".keras"])]:
        for ending in endings:
            model = make()
            fill(model)
            file = keras_entry(model, ending)
            file["layers"] = list(dict.fromkeys(short(w.path, model).split("/")[0] for w in model.weights))
            files[make.__name__ + ending] = file
    model = sequential()
    fill(model)
    files["nameless.keras"] = nameless(model) | {"layers": files["sequential.keras"]["layers"]}
    files["keras2.h5"] = keras2() | {"layers": ["bidirectional", "dense", "lstm"]}
    return files


def main():
    save("hdf5.json", h5py_files())
    save("hdf5-growing.json", {libver: entry(growing_file(libver)) for libver in ["earliest", "latest"]})
    save("keras-files.json", keras_files())


if __name__ == "__main__":
    main()
