"""Makes Tests/Vectors/onnx: models of ONNX, with inputs and outputs of other programs.

    pip install numpy torch safetensors onnx onnxruntime onnxscript
    python Tests/InterchangeTests/ONNX/make_onnx_vectors.py

Each model holds an example that no operator reads: the initializers example.x and example.y, with the steps first. The
outputs are those of PyTorch for torch-*.onnx, of onnxruntime for the others.

torch-trained-*.onnx are the networks of Tests/Vectors/trained-*, written by PyTorch's two exporters. layout.onnx, which
onnxruntime does not run, has the example of its twin with the steps first. encodings.onnx has each type of numbers in each
way to store it, with the expected numbers beside it.
"""

import io
import os
import warnings

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file
from safetensors.torch import load_file
from torch import nn

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Vectors")
FOLDER = os.path.join(VECTORS, "onnx")
T, B, I, H = 4, 2, 2, 3
ORDER = {"LSTM": 4, "GRU": 3, "RNN": 1}


def save(name, model, x, y):
    for key, value in (("example.x", x), ("example.y", y)):
        model.graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(value), key))
    # What a tracer writes of the machine's paths is not for a test.
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer):
        value.doc_string = ""
        if hasattr(value, "metadata_props"):
            del value.metadata_props[:]
    del model.graph.value_info[:]
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    del model.functions[:]
    onnx.checker.check_model(model)
    onnx.save(model, os.path.join(FOLDER, name + ".onnx"))


# MARK: onnxruntime


def value(name, shape, element=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, element, shape)


def constant(name, array):
    return numpy_helper.from_array(np.asarray(array), name)


def weights(rng, kind, inputs, directions, peepholes=False, biases=True, prefix=""):
    gates = ORDER[kind]
    shapes = {"W": (directions, gates * H, inputs), "R": (directions, gates * H, H)}
    if biases:
        shapes["B"] = (directions, 2 * gates * H)
    if peepholes:
        shapes["P"] = (directions, 3 * H)
    return [constant(prefix + name, rng.normal(0, 0.6, shape).astype(np.float32)) for name, shape in shapes.items()]


def run(model, feeds):
    return onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, feeds)


def model_of(nodes, inputs, outputs, initializers, opset=17):
    graph = helper.make_graph(nodes, "g", inputs, outputs, initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], producer_name="make_onnx_vectors")
    model.ir_version = 8
    return model


def one(name, kind, seed, peepholes=False, biases=True, **attributes):
    """One operator, whose directions stand side by side in y."""
    rng = np.random.default_rng(seed)
    directions = 2 if attributes.get("direction") == "bidirectional" else 1
    stored = weights(rng, kind, I, directions, peepholes, biases)
    names = {tensor.name for tensor in stored}
    operands = ["x", "W", "R", "B" if "B" in names else "", "", "", "", "P"]
    while operands[-1] not in names:
        operands.pop()
    nodes = [
        helper.make_node(kind, operands, ["Y"], "layer", hidden_size=H, **attributes),
        helper.make_node("Transpose", ["Y"], ["moved"], perm=[0, 2, 1, 3]),
        helper.make_node("Reshape", ["moved", "shape"], ["y"]),
    ]
    stored.append(constant("shape", np.array([0, 0, -1], np.int64)))
    model = model_of(nodes, [value("x", ["T", "B", I])], [value("y", ["T", "B", directions * H])], stored)
    x = rng.normal(0, 1, (T, B, I)).astype(np.float32)
    save(name, model, x, run(model, {"x": x})[0])


def operators():
    one("lstm", "LSTM", 1, activations=["HardSigmoid", "Softsign", "Elu"], activation_alpha=[0.3, 0.7], clip=0.9)
    one("peephole", "LSTM", 2, peepholes=True, biases=False, direction="bidirectional",
        activations=["Sigmoid", "Tanh", "Tanh", "HardSigmoid", "Softsign", "Relu"])
    one("coupled", "LSTM", 3, input_forget=1)
    one("coupled-peephole", "LSTM", 4, peepholes=True, input_forget=1, clip=0.8, direction="bidirectional")
    one("gru-before", "GRU", 5, direction="bidirectional")
    one("gru-after", "GRU", 6, linear_before_reset=1, clip=0.7, activations=["Sigmoid", "LeakyRelu"],
        activation_alpha=[0.2])
    one("rnn-reverse", "RNN", 7, direction="reverse", activations=["Relu"])
    one("rnn-affine", "RNN", 8, activations=["ScaledTanh"], activation_alpha=[0.9], activation_beta=[0.5])


def layout():
    """Samples first, by the attribute."""
    rng = np.random.default_rng(9)
    stored = weights(rng, "GRU", I, 2)
    x = rng.normal(0, 1, (T, B, I)).astype(np.float32)
    twin = model_of(
        [helper.make_node("GRU", ["x", "W", "R", "B"], ["Y"], "layer", hidden_size=H, direction="bidirectional")],
        [value("x", [T, B, I])], [value("Y", None)], stored)
    y = run(twin, {"x": x})[0].transpose(0, 2, 1, 3).reshape(T, B, 2 * H)
    nodes = [
        helper.make_node(
            "GRU", ["x", "W", "R", "B"], ["Y"], "layer", hidden_size=H, direction="bidirectional", layout=1),
        helper.make_node("Reshape", ["Y", "shape"], ["y"]),
    ]
    stored.append(constant("shape", np.array([0, 0, -1], np.int64)))
    save("layout", model_of(nodes, [value("x", [B, T, I])], [value("y", [B, T, 2 * H])], stored), x, y)


def tf2onnx():
    """A model of Keras as tf2onnx writes it: Embedding, two LSTMs of which one runs in both directions, Dense with a
    softmax. Samples come first; the read-out is a product of matrices, with reshapes around it."""
    rng = np.random.default_rng(10)
    first = weights(rng, "LSTM", I, 2, prefix="first_")
    second = weights(rng, "LSTM", 2 * H, 1, prefix="const_fold_opt__41_")
    stored = first + second + [
        constant("embeddings:0", rng.normal(0, 1, (5, I)).astype(np.float32)),
        constant("dense/kernel:0", rng.normal(0, 1, (H, 4)).astype(np.float32)),
        constant("dense/bias:0", rng.normal(0, 1, 4).astype(np.float32)),
        constant("both", np.array([0, 0, -1], np.int64)), constant("flat", np.array([-1, H], np.int64)),
        constant("one", np.array([1], np.int64)), constant("two", np.array([0, 1], np.int64)),
        constant("units", np.array([4], np.int64)), constant("zero", np.array([0], np.int64)),
        constant("size", np.array([1, 1, H], np.int64)),
    ]
    node = helper.make_node
    nodes = [
        node("Cast", ["ids"], ["whole"], "model/embedding/Cast", to=TensorProto.INT32),
        node("Gather", ["embeddings:0", "whole"], ["embedded"], "model/embedding/embedding_lookup"),
        node("Transpose", ["embedded"], ["steps"], "model/lstm/transpose", perm=[1, 0, 2]),
        node("LSTM", ["steps", "first_W", "first_R", "first_B"], ["Y1"], "LSTM__28", hidden_size=H,
             direction="bidirectional"),
        node("Transpose", ["Y1"], ["Y1t"], perm=[0, 2, 1, 3]),
        node("Reshape", ["Y1t", "both"], ["h1"], "model/concat"),
        node("ConstantOfShape", ["size"], ["start"]),
        node("Shape", ["h1"], ["lengths"]),
        node("Slice", ["lengths", "one", "units2"], ["samples"]),
        node("Concat", ["one", "samples", "width"], ["state"], axis=0),
        node("Expand", ["start", "state"], ["h0"]),
        node("LSTM", ["h1"] + [tensor.name for tensor in second] + ["", "h0", "h0"], ["Y2"], "LSTM__36", hidden_size=H),
        node("Squeeze", ["Y2", "one"], ["h2"]),
        node("Transpose", ["h2"], ["h2t"], perm=[1, 0, 2]),
        node("Reshape", ["h2t", "flat"], ["rows"], "model/dense/Tensordot/Reshape"),
        node("MatMul", ["rows", "dense/kernel:0"], ["products"], "model/dense/Tensordot/MatMul"),
        node("Shape", ["h2t"], ["shape"]),
        node("Gather", ["shape", "two"], ["outer"]),
        node("Concat", ["outer", "units"], ["whole_shape"], axis=0),
        node("Reshape", ["products", "whole_shape"], ["sums"], "model/dense/Tensordot"),
        node("Add", ["sums", "dense/bias:0"], ["scores"], "model/dense/BiasAdd"),
        node("Softmax", ["scores"], ["probabilities"], "model/dense/Softmax", axis=-1),
    ]
    stored += [constant("units2", np.array([2], np.int64)), constant("width", np.array([H], np.int64))]
    model = model_of(
        nodes, [value("ids", ["B", "T"], TensorProto.INT64)],
        [value("probabilities", ["B", "T", 4]), value("scores", ["B", "T", 4])], stored, opset=15)
    ids = rng.integers(0, 5, (B, T))
    scores = run(model, {"ids": ids})[1]
    del model.graph.output[1]
    save("tf2onnx", model, ids.T.astype(np.int32), scores.transpose(1, 0, 2))


def half():
    """Weights of 16 bits in a field of integers, and in an operator of its own."""
    rng = np.random.default_rng(11)
    stored = [numpy_helper.to_array(tensor) for tensor in weights(rng, "RNN", I, 1)]
    halves = [array.astype(np.float16) for array in stored]
    tensors = [
        helper.make_tensor(name, TensorProto.FLOAT16, array.shape, array.ravel())
        for name, array in zip("WRB", halves)]
    nodes = [
        helper.make_node("Constant", [], ["W"], value=tensors[0]),
        helper.make_node("Cast", ["x"], ["x16"], to=TensorProto.FLOAT16),
        helper.make_node("RNN", ["x16", "W", "R", "B"], ["Y"], hidden_size=H),
        helper.make_node("Squeeze", ["Y", "axis"], ["y"]),
    ]
    model = model_of(
        nodes, [value("x", ["T", "B", I])], [value("y", ["T", "B", H], TensorProto.FLOAT16)],
        tensors[1:] + [constant("axis", np.array([1], np.int64))])
    x = rng.normal(0, 1, (T, B, I)).astype(np.float32)
    wide = model_of(
        [helper.make_node("RNN", ["x", "W", "R", "B"], ["Y"], hidden_size=H)], [value("x", [T, B, I])],
        [value("Y", None)], [constant(n, a.astype(np.float32)) for n, a in zip("WRB", halves)])
    save("half", model, x, run(wide, {"x": x})[0][:, 0])


def encodings():
    """Each type, as raw bytes and in its own field."""
    import ml_dtypes
    arrays = {
        "float": np.array([[1.5, -2.25], [0.1, 3e20]], np.float32), "double": np.array([0.1, -1e200]),
        "float16": np.array([0.5, -1.25, 6e-8], np.float16), "bfloat16": np.array([1.0, -3.140625], ml_dtypes.bfloat16),
        "int8": np.array([-128, 127], np.int8), "uint8": np.array([0, 255], np.uint8),
        "int16": np.array([-32768, 5], np.int16), "uint16": np.array([65535], np.uint16),
        "int32": np.array([-2**31, 7], np.int32), "uint32": np.array([2**32 - 1], np.uint32),
        "int64": np.array([-1, 2**40], np.int64), "uint64": np.array([2**50], np.uint64),
        "bool": np.array([True, False]), "scalar": np.array(2.5, np.float32), "none": np.zeros((0, 3), np.float32),
    }
    stored, expected = [], {}
    for name, array in arrays.items():
        element = helper.np_dtype_to_tensor_dtype(array.dtype)
        raw = numpy_helper.from_array(array, name + ".raw")
        own = helper.make_tensor(name + ".own", element, array.shape, array.ravel())
        stored += [raw, own]
        wide = array
        if array.dtype.kind not in "fb" or array.dtype.itemsize < 4:
            isFloat = array.dtype.kind in "fV" or name == "bfloat16"
            small = isFloat or (array.astype(object).min() >= -2**31 and array.astype(object).max() < 2**31)
            wide = array.astype(np.float32 if isFloat else np.int32 if small else np.float64)
        if array.dtype == np.bool_:
            wide = array
        expected[name + ".raw"] = expected[name + ".own"] = wide
    model = model_of([helper.make_node("Identity", ["x"], ["y"])], [value("x", [1])], [value("y", [1])], stored)
    onnx.checker.check_model(model)
    onnx.save(model, os.path.join(FOLDER, "encodings.onnx"))
    save_file(expected, os.path.join(FOLDER, "encodings.safetensors"))


# MARK: PyTorch


def computed():
    """The weights of an RNN, made by operators over others."""
    rng = np.random.default_rng(31)
    w, r, b = (numpy_helper.to_array(tensor) for tensor in weights(rng, "RNN", I, 1))
    nodes = [
        # W [1, H, I], from its transpose in 16 bits.
        helper.make_node("Cast", ["w16"], ["w32"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["w32"], ["wt"]),
        helper.make_node("Unsqueeze", ["wt", "zero"], ["W"]),
        # R [1, H, H], its rows backward and with one too many.
        helper.make_node("Slice", ["rows", "last", "first", "zero", "minus"], ["turned"]),
        helper.make_node("Reshape", ["turned", "shape"], ["R"]),
        # B [1, 2H], from two vectors, the second of which is a matrix with a column.
        helper.make_node("Squeeze", ["bh", "one"], ["bv"]),
        helper.make_node("Concat", ["bi", "bv"], ["both"], axis=0),
        helper.make_node("Identity", ["both"], ["same"]),
        helper.make_node("Unsqueeze", ["same", "zero"], ["B"]),
        helper.make_node("RNN", ["x", "W", "R", "B"], ["Y"], name="layer", hidden_size=H),
        helper.make_node("Squeeze", ["Y", "one"], ["y"]),
    ]
    rows = np.concatenate([np.full((1, H), 9, np.float32), r[0][::-1]])
    stored = [
        constant("w16", w[0].T.astype(np.float16)), constant("rows", rows), constant("bi", b[0, :H]),
        constant("bh", b[0, H:, None]), constant("shape", np.array([1, -1, H])), constant("zero", np.array([0])),
        constant("one", np.array([1])), constant("minus", np.array([-1])), constant("last", np.array([-1])),
        constant("first", np.array([0])),
    ]
    model = model_of(nodes, [value("x", ["T", "B", I])], [value("y", ["T", "B", H])], stored)
    x = rng.standard_normal((T, B, I)).astype(np.float32)
    save("computed", model, x, run(model, {"x": x})[0])


class Between(nn.Module):
    """Layers before, between and after the recurrent ones."""

    def __init__(self):
        super().__init__()
        self.before, self.first = nn.Linear(I, 4), nn.LSTM(4, H, batch_first=True)
        self.between, self.second = nn.Linear(H, 2), nn.GRU(2, 4, batch_first=True, bidirectional=True)
        self.norm, self.readout = nn.LayerNorm(8, eps=0.01), nn.Linear(8, 2)

    def forward(self, x):
        value = torch.relu(self.between(nn.functional.dropout(self.first(self.before(x))[0], 0.3, self.training)))
        return self.readout(self.norm(self.second(value)[0]))


def between():
    """The same network three times: as it is usual, with the weights' arrangement left to the program that runs it, and
    with its numbers in a file of their own."""
    torch.manual_seed(13)
    model = Between()
    with torch.no_grad():
        model.norm.weight.normal_()
        model.norm.bias.normal_()
    x = torch.randn(B, T, I)
    y = model.eval()(x).detach().numpy().swapaxes(0, 1)
    x, first = x.numpy().swapaxes(0, 1), x
    save("torch-between", exported(model, first, 17, False), x, y)
    save("torch-unfolded", exported(model, first, 17, False, do_constant_folding=False), x, y)
    whole = onnx.load(os.path.join(FOLDER, "torch-between.onnx"))
    onnx.save(
        whole, os.path.join(FOLDER, "torch-external.onnx"), save_as_external_data=True, size_threshold=0,
        location="torch-external.data")


class Residual(nn.Module):
    """Recurrent layers whose input is added to their output, and normalisations behind the sums."""

    def __init__(self, reads_twice=False):
        super().__init__()
        self.before, self.first, self.norm = nn.Linear(I, 4), nn.LSTM(4, 4, batch_first=True), nn.LayerNorm(4, eps=0.02)
        self.second, self.last = nn.GRU(4, 2, batch_first=True, bidirectional=True), nn.LayerNorm(4, eps=3e-3)
        self.readout, self.reads_twice = nn.Linear(4, 2), reads_twice
        with torch.no_grad():
            for norm in (self.norm, self.last):
                norm.weight.normal_()
                norm.bias.normal_()

    def forward(self, x):
        x = self.before(x)
        y = self.first(x)[0]
        z = self.norm(x + y)
        z = self.second(z)[0] + z
        return self.readout(self.last(z + y if self.reads_twice else z))


def residual():
    """Sums, and normalisations in the operators that there were before set 17."""
    torch.manual_seed(15)
    for name, reads_twice in (("torch-residual", False), ("torch-residual-twice", True)):
        model, x = Residual(reads_twice), torch.randn(B, T, I)
        y = model.eval()(x).detach().numpy().swapaxes(0, 1)
        save(name, exported(model, x, 14, False), x.numpy().swapaxes(0, 1), y)


class Model(nn.Module):
    def __init__(self, recurrent, embedding=None, readout=None, final=None):
        super().__init__()
        self.embedding, self.rnn, self.readout, self.final = embedding, recurrent, readout, final

    def forward(self, x):
        value = x if self.embedding is None else self.embedding(x)
        sequence, states = self.rnn(value)
        hidden = states[0] if isinstance(states, tuple) else states
        if self.final == "one":
            sequence = hidden[-1]
        elif self.final == "both":
            sequence = torch.cat([hidden[-2], hidden[-1]], 1)
        elif self.final == "step":
            sequence = sequence[:, -1]
        return sequence if self.readout is None else self.readout(sequence)


def exported(model, x, opset, dynamo, **options):
    model.eval()
    buffer = io.BytesIO()
    if dynamo:
        program = torch.onnx.export(model, (x,), dynamo=True, opset_version=opset, external_data=False, verbose=False)
        program.save(buffer)
    else:
        torch.onnx.export(
            model, (x,), buffer, dynamo=False, opset_version=opset, input_names=["x"], output_names=["y"],
            dynamic_axes={"x": {0: "B", 1: "T"}}, **options)
    return onnx.load_from_string(buffer.getvalue())


def torch_models():
    torch.manual_seed(12)
    cases = {
        "torch-final": (Model(nn.GRU(I, H, 2, batch_first=True), None, nn.Linear(H, 4), "one"), 16, False),
        "torch-final-dynamo": (Model(nn.LSTM(I, H, 2, batch_first=True), None, nn.Linear(H, 4), "one"), 18, True),
        "torch-step": (
            Model(nn.RNN(I, H, batch_first=True, nonlinearity="relu"), None, nn.Sequential(nn.Linear(H, 1), nn.Sigmoid()),
                  "step"), 14, False),
        "torch-both": (
            Model(nn.GRU(I, H, 1, batch_first=True, bidirectional=True), None, nn.Linear(2 * H, 4), "both"), 17, False),
        "torch-plain": (Model(nn.LSTM(I, H, bias=False)), 17, False),
    }
    for name, (model, opset, dynamo) in cases.items():
        x = torch.randn(B, T, I)
        y = model(x).detach().numpy()
        isTimeFirst = model.rnn.batch_first is False
        xs = x.numpy() if isTimeFirst else x.numpy().transpose(1, 0, 2)
        save(name, exported(model, x, opset, dynamo), xs, y)


def trained():
    """The networks of trained-*, whose gradients PyTorch computed."""
    for case in ("tagger", "forecaster", "characters"):
        for bits in (64, 32):
            state = load_file(os.path.join(VECTORS, f"trained-{case}-float{bits}.safetensors"))
            dtype = torch.float64 if bits == 64 else torch.float32
            module = [name for name in state if name.endswith("weight_hh_l0")][0][: -len(".weight_hh_l0")]
            own = {name[len(module) + 1:]: value for name, value in state.items() if name.startswith(module + ".")}
            hidden, inputs = own["weight_hh_l0"].shape[1], own["weight_ih_l0"].shape[1]
            kind = {4: nn.LSTM, 3: nn.GRU}[own["weight_hh_l0"].shape[0] // hidden]
            recurrent = kind(
                inputs, hidden, sum("weight_hh" in name and "reverse" not in name for name in own),
                bidirectional="weight_hh_l0_reverse" in own, batch_first=True).to(dtype)
            recurrent.load_state_dict(own)
            rest = {name: value for name, value in state.items() if not name.startswith(module + ".")}
            width = hidden * (2 if recurrent.bidirectional else 1)
            embedding = readout = None
            for name, value in rest.items():
                if not name.endswith(".weight"):
                    continue
                bias = rest.get(name.replace(".weight", ".bias"))
                if value.shape[1] == inputs and "emb" in name:
                    embedding = nn.Embedding.from_pretrained(value)
                elif value.shape[1] == width:
                    readout = nn.Linear(width, value.shape[0], bias is not None).to(dtype)
                    readout.load_state_dict({"weight": value, **({} if bias is None else {"bias": bias})})
            model = Model(recurrent, embedding, readout)
            x = torch.randint(0, 3, (B, T)) if embedding is not None else torch.randn(B, T, inputs, dtype=dtype)
            y = model(x).detach().numpy()
            dynamo = bits == 32
            xs = x.numpy().swapaxes(0, 1)
            save(f"torch-trained-{case}-float{bits}", exported(model, x, 18 if dynamo else 14, dynamo),
                 xs.astype(np.int32) if embedding is not None else xs, y.swapaxes(0, 1))


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    os.makedirs(FOLDER, exist_ok=True)
    operators()
    layout()
    tf2onnx()
    half()
    encodings()
    torch_models()
    computed()
    between()
    residual()
    trained()
