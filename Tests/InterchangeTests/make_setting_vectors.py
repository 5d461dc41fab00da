"""Makes the vectors in Tests/Vectors of layers with other than the default settings, and of tutorials' models.

    pip install numpy torch jax flax keras safetensors onnx onnxruntime
    python Tests/InterchangeTests/make_setting_vectors.py

Files are as those of make_vectors.py, all in Float64, of 4 steps, 2 samples, 2 features and 3 units. ONNX's weights stand
under this library's names: an ONNX node has three tensors for a layer. onnxruntime computes in Float32, without
gradients; what is written is the same equations in PyTorch, once onnxruntime agrees with them.
"""

# First, since it chooses Keras's backend.
import make_vectors
from make_vectors import BATCH, INPUTS, UNITS, differentiated, flax_case, keras_case, numbers, save
from make_vectors import jax, jnp, keras, np, torch, wide_sigmoid, wide_tanh

import onnx
import onnxruntime
from flax import linen, nnx, traverse_util
from onnx import helper

STEPS = 4


# Keras's own functions round to Float32 on JAX.
@keras.saving.register_keras_serializable("vectors")
def wide_softsign(x):
    return x / (1 + jnp.abs(x))


@keras.saving.register_keras_serializable("vectors")
def wide_hard_sigmoid(x):
    return jnp.clip(x / 6 + 0.5, 0, 1)


@keras.saving.register_keras_serializable("vectors")
def wide_elu(x):
    return jnp.where(x > 0, x, jnp.expm1(jnp.minimum(x, 0)))


# PyTorch


class Tutorial(torch.nn.Module):
    """Stacked layers whose last step a linear layer reads."""

    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(INPUTS, UNITS, num_layers=2, dropout=0.2)
        self.fc = torch.nn.Linear(UNITS, 1)

    def forward(self, x):
        return self.fc(self.lstm(x)[0][-1]),


class BothDirections(torch.nn.Module):
    """The final states of the two directions, and a linear layer."""

    def __init__(self):
        super().__init__()
        self.encoder = torch.nn.GRU(INPUTS, UNITS, bidirectional=True)
        self.head = torch.nn.Linear(2 * UNITS, 2)

    def forward(self, x):
        final = self.encoder(x)[1]
        return self.head(torch.cat([final[0], final[1]], -1)),


class LearnedStart(torch.nn.Module):
    """First states that are parameters, one for each layer."""

    def __init__(self):
        super().__init__()
        self.h0 = torch.nn.Parameter(torch.zeros(2, 1, UNITS))
        self.c0 = torch.nn.Parameter(torch.zeros(2, 1, UNITS))
        self.lstm = torch.nn.LSTM(INPUTS, UNITS, num_layers=2)
        self.fc = torch.nn.Linear(UNITS, 2, bias=False)

    def forward(self, x):
        start = [v.expand(-1, x.shape[1], -1).contiguous() for v in (self.h0, self.c0)]
        return self.fc(self.lstm(x, start)[0]),


class Residual(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight_ih_l0 = torch.nn.Parameter(torch.zeros(3 * UNITS, INPUTS))
        self.weight_hh_l0 = torch.nn.Parameter(torch.zeros(3 * UNITS, UNITS))
        self.bias_ih_l0 = torch.nn.Parameter(torch.zeros(3 * UNITS))
        self.bias_hh_l0 = torch.nn.Parameter(torch.zeros(3 * UNITS))
        self.shortcut = torch.nn.Linear(INPUTS, UNITS, bias=False)

    def forward(self, x):
        h = torch.zeros(1, x.shape[1], UNITS, dtype=x.dtype)
        own = [self.weight_ih_l0, self.weight_hh_l0, self.bias_ih_l0, self.bias_hh_l0]
        y = torch._VF.gru(x, h, own, True, 1, 0.0, False, False, False)[0]
        return self.shortcut(x) + y,


class Cell(torch.nn.LSTMCell):
    """A cell in a loop."""

    def forward(self, x):
        state, outputs = None, []
        for step in x:
            state = super().forward(step, state)
            outputs.append(state[0])
        return torch.stack(outputs),


def pytorch(case, make, seed):
    make_vectors.pytorch(case, lambda: make().eval(), "small", "float64", STEPS, seed)


# ONNX, TensorFlow's peepholes, and layer normalisation within a cell

FUNCTIONS = {
    "Sigmoid": torch.sigmoid, "Tanh": torch.tanh, "Relu": torch.relu, "Softsign": lambda x: x / (1 + x.abs()),
    "HardSigmoid": lambda x: torch.clip(0.2 * x + 0.5, 0, 1),
    "Elu": lambda x: torch.where(x > 0, x, torch.expm1(torch.clamp(x, max=0)))}


def clipped(x, limit):
    return x if limit is None else torch.clip(x, -limit, limit)


def affine(w, name, *operands):
    value = torch.cat(operands, -1) @ w[name + ".weight"]
    return value + w[name + ".bias"] if name + ".bias" in w else value


def lstm(w, x, limit=None, activations=("Sigmoid", "Tanh", "Tanh"), coupled=False, normal=None):
    """normal: ε and whether the normalised cell state is carried."""
    gate, candidate, output = (FUNCTIONS[name] for name in activations)
    h = torch.zeros(BATCH, UNITS, dtype=x.dtype)
    c, outputs = h, []

    def normalized(name, value):
        scaled = torch.nn.functional.layer_norm(value, (UNITS,), eps=normal[0])
        return scaled * w[name + ".scale"] + w[name + ".bias"]

    def sum_of(name, h, step, c=None):
        if normal:
            return normalized(name, torch.cat([h, step], -1) @ w[name + ".weight"])
        value = affine(w, name, h, step)
        if c is not None and name + ".peephole" in w:
            value = value + w[name + ".peephole"] * c
        return clipped(value, limit)

    for step in x:
        i = gate(sum_of("input", h, step, c))
        f = 1 - i if coupled else gate(sum_of("forget", h, step, c))
        total = f * c + i * candidate(sum_of("candidate", h, step))
        seen = normalized("cell", total) if normal else total
        c = seen if normal and normal[1] else total
        h = gate(sum_of("output", h, step, total)) * output(seen)
        outputs.append(h)
    return torch.stack(outputs)


def gru(w, x, limit=None, activations=("Sigmoid", "Tanh"), after=False):
    gate, candidate = (FUNCTIONS[name] for name in activations)
    h, outputs = torch.zeros(BATCH, UNITS, dtype=x.dtype), []
    for step in x:
        r = gate(clipped(affine(w, "reset", h, step), limit))
        u = gate(clipped(affine(w, "update", h, step), limit))
        if after:
            proposal = affine(w, "candidate", step) + r * affine(w, "recurrentCandidate", h)
            h = (1 - u) * candidate(clipped(proposal, limit)) + u * h
        else:
            h = (1 - u) * h + u * candidate(clipped(affine(w, "candidate", r * h, step), limit))
        outputs.append(h)
    return torch.stack(outputs)


def weights(rng, gates, peephole=(), inner=(), bias=True, normal=False):
    shapes = {}
    for gate in gates:
        rows = UNITS if gate in inner else INPUTS if "recurrentCandidate" in gates and gate == "candidate" else UNITS + INPUTS
        shapes[gate + ".weight"] = (rows, UNITS)
        if bias:
            shapes[gate + ".bias"] = (UNITS,)
    if normal:
        shapes |= {name + ".scale": (UNITS,) for name in gates + ["cell"]} | {"cell.bias": (UNITS,)}
    shapes |= {gate + ".peephole": (UNITS,) for gate in peephole}
    return {name: torch.tensor(numbers(rng, shape, 0.6), requires_grad=True) for name, shape in shapes.items()}


def onnx_output(kind, w, x, order, sign=(), options={}):
    """What onnxruntime computes with the library's weights, in ONNX's order of gates."""
    def part(name, rows, columns=None):
        value = w[name].detach().numpy()
        return value if columns is None else value[rows:columns].T

    W, R, Wb, Rb = [], [], [], []
    for gate in order:
        factor = -1 if gate in sign else 1
        # A gate that is 1 minus the other has no weights: ONNX wants some.
        zero = gate + ".weight" not in w
        split = gate == "candidate" and "recurrentCandidate.weight" in w
        inner = "recurrentCandidate" if split else gate
        R.append(np.zeros((UNITS, UNITS)) if zero else factor * part(inner + ".weight", 0, UNITS))
        over_input = (0, INPUTS) if split else (UNITS, UNITS + INPUTS)
        W.append(np.zeros((UNITS, INPUTS)) if zero else factor * part(gate + ".weight", *over_input))
        Wb.append(factor * part(gate + ".bias", 0) if gate + ".bias" in w else np.zeros(UNITS))
        Rb.append(part("recurrentCandidate.bias", 0) if split and inner + ".bias" in w else np.zeros(UNITS))
    feed = {"x": x.detach().numpy(), "W": np.concatenate(W)[None], "R": np.concatenate(R)[None],
            "b": np.concatenate(Wb + Rb)[None]}
    names = ["x", "W", "R", "b"]
    if any(name.endswith("peephole") for name in w):
        vectors = [w.get(gate + ".peephole") for gate in ("input", "output", "forget")]
        feed["p"] = np.concatenate([np.zeros(UNITS) if v is None else v.detach().numpy() for v in vectors])[None]
        names += ["", "", "", "p"]
    feed = {name: value.astype(np.float32) for name, value in feed.items()}
    node = helper.make_node(kind, names, ["y"], hidden_size=UNITS, **options)
    inputs = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, v.shape) for name, v in feed.items()]
    output = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
    model = helper.make_model(
        helper.make_graph([node], "layer", inputs, [output]), opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    return onnxruntime.InferenceSession(model.SerializeToString()).run(None, feed)[0][:, 0]


def equations(case, w, apply, rng, peer=None, renamed=lambda w: w):
    x = torch.tensor(numbers(rng, (STEPS, BATCH, INPUTS), 1), requires_grad=True)
    y = apply(w, x)
    if peer is not None:
        difference = np.abs(peer(w, x) - y.detach().numpy()).max()
        assert difference < 1e-6, (case, difference)
    v = torch.tensor(numbers(rng, tuple(y.shape), 1))
    (v * y).sum().backward()
    values = renamed({name: p.detach().numpy() for name, p in w.items()})
    gradients = renamed({name: p.grad.numpy() for name, p in w.items()})
    save(case, values, gradients, x.detach().numpy(), v.numpy(), y.detach().numpy(), x.grad.numpy(), "float64")


def onnx_cases():
    gates = ["input", "output", "forget", "candidate"]
    rng = np.random.default_rng(301)
    functions = ["HardSigmoid", "Softsign", "Elu"]
    equations(
        "onnx-lstm", weights(rng, gates), lambda w, x: lstm(w, x, 0.9, functions), rng,
        lambda w, x: onnx_output("LSTM", w, x, gates, options=dict(clip=0.9, activations=functions)))
    equations(
        "onnx-peephole", weights(rng, gates, ("input", "output", "forget")), lambda w, x: lstm(w, x, 0.5), rng,
        lambda w, x: onnx_output("LSTM", w, x, gates, options=dict(clip=0.5)))
    for case, peephole in (("onnx-coupled", ()), ("onnx-coupled-peephole", ("input", "output"))):
        equations(
            case, weights(rng, ["input", "output", "candidate"], peephole),
            lambda w, x: lstm(w, x, 0.9, ("Sigmoid", "Tanh", "Relu"), coupled=True), rng,
            lambda w, x: onnx_output(
                "LSTM", w, x, gates, options=dict(clip=0.9, input_forget=1, activations=["Sigmoid", "Tanh", "Relu"])))
    gates = ["update", "reset", "candidate"]
    functions = ["HardSigmoid", "Elu"]
    options = dict(clip=0.7, activations=functions)
    equations(
        "onnx-gru-before", weights(rng, gates), lambda w, x: gru(w, x, 0.7, functions), rng,
        lambda w, x: onnx_output("GRU", w, x, gates, ("update",), options | dict(linear_before_reset=0)))
    equations(
        "onnx-gru-after", weights(rng, gates + ["recurrentCandidate"], inner=("recurrentCandidate",)),
        lambda w, x: gru(w, x, 0.7, functions, after=True), rng,
        lambda w, x: onnx_output("GRU", w, x, gates, (), options | dict(linear_before_reset=1)))


def other_cells():
    """TensorFlow's PeepholeLSTMCell under its names; PyTorch's layer_norm within an LSTM."""
    rng = np.random.default_rng(302)
    order = ["input", "forget", "candidate", "output"]

    def renamed(w):
        prefix = "rnn/peephole_lstm_cell/"
        result = {
            prefix + "kernel": np.concatenate([w[g + ".weight"][UNITS:] for g in order], 1),
            prefix + "recurrent_kernel": np.concatenate([w[g + ".weight"][:UNITS] for g in order], 1),
            prefix + "bias": np.concatenate([w[g + ".bias"] for g in order])}
        return result | {f"{prefix}{g}_gate_peephole_weights": w[g + ".peephole"] for g in ("input", "forget", "output")}

    functions = ("Sigmoid", "Softsign", "Softsign")
    onnx_order = ["input", "output", "forget", "candidate"]
    equations(
        "keras-peephole", weights(rng, order, ("input", "forget", "output")), lambda w, x: lstm(w, x, None, functions),
        rng, lambda w, x: onnx_output("LSTM", w, x, onnx_order, options=dict(activations=list(functions))), renamed)
    for case, carried in (("layernorm-lstm", False), ("layernorm-lstm-carried", True)):
        equations(case, weights(rng, order, normal=True), lambda w, x: lstm(w, x, normal=(0.05, carried)), rng)


# Keras and Flax


def keras_cases():
    layers = keras.layers
    gated = dict(activation=wide_softsign, recurrent_activation=wide_hard_sigmoid)
    plain = dict(activation=wide_tanh, recurrent_activation=wide_sigmoid)
    sequence = dict(return_sequences=True)
    keras_case("keras-lstm-settings", lambda: [layers.LSTM(UNITS, use_bias=False, **gated, **sequence)], 311)
    keras_case("keras-gru-settings", lambda: [layers.GRU(UNITS, **gated, **sequence)], 312)
    keras_case(
        "keras-gru-unbiased", lambda: [layers.GRU(UNITS, use_bias=False, **plain, **sequence)], 313)
    keras_case(
        "keras-gru-before-settings", lambda: [layers.GRU(UNITS, reset_after=False, **gated, **sequence)], 314)
    keras_case(
        "keras-rnn-settings", lambda: [layers.SimpleRNN(UNITS, activation=wide_elu, use_bias=False, **sequence)], 315)
    for seed, (name, mode) in enumerate((("average", "ave"), ("product", "mul"))):
        keras_case(
            "keras-" + name,
            lambda: [layers.Bidirectional(layers.LSTM(UNITS, **plain, **sequence), merge_mode=mode)], 316 + seed)
    keras_case(
        "keras-tutorial",
        lambda: [layers.LSTM(UNITS, **plain, **sequence), layers.Dropout(0.2),
                 layers.LSTM(UNITS, name="second", **plain), layers.Dense(2, use_bias=False)], 318)
    keras_case(
        "keras-directions", lambda: [layers.Bidirectional(layers.GRU(UNITS, **plain)), layers.Dense(1)], 319)
    keras_case(
        "keras-reversed", lambda: [layers.LSTM(UNITS, go_backwards=True, **plain), layers.Dense(2)], 320)
    keras_case(
        "keras-epsilon",
        lambda: [layers.LSTM(UNITS, **plain, **sequence), layers.LayerNormalization(epsilon=0.02)], 321)

    def separate():
        """Both outputs of two directions, of which one counts half."""
        x = keras.Input((STEPS, INPUTS))
        both = layers.Bidirectional(layers.LSTM(UNITS, **plain, **sequence), merge_mode=None)
        ahead, back = both(x)
        return keras.Model(x, ahead - 0.5 * back)

    keras_case("keras-separate", separate, 322)


def linen_case(case, cell, seed):
    """The cell in an RNN, with linen's names joined by dots."""
    rng = np.random.default_rng(seed)
    model = linen.RNN(cell)
    tree = model.init(jax.random.key(0), jnp.zeros((BATCH, STEPS, INPUTS)))["params"]
    flat = traverse_util.flatten_dict(tree, sep=".")
    weights = {name: jnp.asarray(numbers(rng, value.shape, 0.5)) for name, value in flat.items()}

    def apply(weights, x):
        tree = traverse_util.unflatten_dict(weights, sep=".")
        return jnp.swapaxes(model.apply({"params": tree}, jnp.swapaxes(x, 0, 1)), 0, 1)

    differentiated(case, apply, weights, rng, STEPS)


def flax_cases():
    wide = dict(dtype=jnp.float64, param_dtype=jnp.float64)
    functions = dict(gate_fn=wide_hard_sigmoid, activation_fn=wide_softsign)

    def rnn(kind, **options):
        return lambda rngs: nnx.RNN(
            getattr(nnx, kind)(INPUTS, UNITS, rngs=rngs, keep_rngs=False, **wide, **options))

    flax_case("flax-lstm-settings", rnn("OptimizedLSTMCell", **functions), 331)
    flax_case("flax-gru-settings", rnn("GRUCell", **functions), 332)
    flax_case("flax-lstm-gates", rnn("LSTMCell"), 333)

    def shared(rngs):
        """One cell in both directions."""
        cell = nnx.GRUCell(INPUTS, UNITS, rngs=rngs, keep_rngs=False, **wide)
        return nnx.Bidirectional(nnx.RNN(cell), nnx.RNN(cell), rngs=rngs)

    flax_case("flax-shared", shared, 339)
    linen_case("linen-cell-lstm", linen.OptimizedLSTMCell(UNITS, **functions, **wide), 334)
    linen_case("linen-cell-gru", linen.GRUCell(UNITS, **wide), 335)
    linen_case("linen-cell-mgu", linen.MGUCell(UNITS, **wide), 336)
    linen_case("linen-cell-mgu-plain", linen.MGUCell(UNITS, reset_gate=False, **wide), 338)
    linen_case("linen-cell-rnn", linen.SimpleCell(UNITS, **wide), 337)


def main():
    pytorch("pytorch-lstm-unbiased", lambda: torch.nn.LSTM(INPUTS, UNITS, bias=False), 341)
    pytorch("pytorch-gru-unbiased", lambda: torch.nn.GRU(INPUTS, UNITS, bias=False), 342)
    pytorch("pytorch-lstm-cell", lambda: Cell(INPUTS, UNITS), 343)
    pytorch("pytorch-tutorial", Tutorial, 344)
    pytorch("pytorch-directions", BothDirections, 345)
    pytorch("pytorch-start", LearnedStart, 346)
    pytorch("pytorch-residual", Residual, 347)
    onnx_cases()
    other_cells()
    keras_cases()
    flax_cases()


if __name__ == "__main__":
    main()
