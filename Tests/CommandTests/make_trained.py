"""Makes Tests/Vectors/trained-*: small networks of PyTorch and Keras with data, and ‖dL/dhₜ‖ of each state by PyTorch's
autograd.

    pip install numpy torch safetensors keras
    python Tests/CommandTests/make_trained.py [CASE …]

Each case is, in Float64 and in Float32,

    trained-CASE-float64.safetensors   the state dict; of Keras, trained-CASE-float64.keras
    trained-CASE.npz                   x, with lengths and targets where it has them (Float64; the same for both)
    trained-CASE.json                  by precision: the loss, and for each state ‖dL/dhₜ‖ at each step

nn.LSTM and nn.GRU keep no state of a step, so the steps are run by loops over nn.LSTMCell and nn.GRUCell with the same
weights, and every state keeps its gradient. Their outputs are compared with those of the module, on packed sequences.
The steps of Keras's layers are those of PyTorch's cells with the same weights, since Keras on PyTorch computes Float64 with
the precision of Float32; the outputs are compared with the model's. Where its embedding masks a step, the state stays what
it was, and the step is none: the others follow one another.

The loss of a sample is the mean over its own steps; L is the sum of the samples' losses, so that dL/dhₜ of a sample is the
gradient of its own loss. Norms are over the features, then averaged over the samples that have the step.
"""

import io
import json
import os
import re
import sys
import zipfile

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Vectors")


def cell_of(module, layer, suffix):
    """The step of one layer and direction, with the module's own weights."""
    kind = nn.LSTMCell if isinstance(module, nn.LSTM) else nn.GRUCell
    inputs = getattr(module, f"weight_ih_l{layer}{suffix}").shape[1]
    cell = kind(inputs, module.hidden_size)
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        setattr(cell, name, getattr(module, f"{name}_l{layer}{suffix}"))
    return cell


def run(cell, x, lengths, backward, states, name):
    """One direction over x [B, T, I]; a sample's state changes only within its length."""
    batch, steps, _ = x.shape
    units = cell.hidden_size
    is_lstm = isinstance(cell, nn.LSTMCell)
    h = x.new_zeros(batch, units)
    c = x.new_zeros(batch, units)
    outputs = [None] * steps
    kept = {"h": [None] * steps, "c": [None] * steps}
    for t in reversed(range(steps)) if backward else range(steps):
        present = (t < lengths)[:, None]
        new = cell(x[:, t], (h, c) if is_lstm else h)
        new_h, new_c = new if is_lstm else (new, c)
        new_h.retain_grad()
        kept["h"][t] = new_h
        if is_lstm:
            new_c.retain_grad()
            kept["c"][t] = new_c
        h, c = torch.where(present, new_h, h), torch.where(present, new_c, c)
        outputs[t] = torch.where(present, new_h, torch.zeros_like(new_h))
    states[name + "h"] = kept["h"]
    if is_lstm:
        states[name + "c"] = kept["c"]
    return torch.stack(outputs, 1)


def forward(module, x, lengths, states, scope=""):
    """The outputs [B, T, H] of all layers, by loops; checked against the module."""
    value = x
    for layer in range(module.num_layers):
        prefix = scope + (f"layer{layer}." if module.num_layers > 1 else "")
        ends = [("", "forward.")] + ([("_reverse", "backward.")] if module.bidirectional else [])
        value = torch.cat([
            run(cell_of(module, layer, suffix), value, lengths, suffix != "", states,
                prefix + (name if module.bidirectional else ""))
            for suffix, name in ends], 2)
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    expected, _ = nn.utils.rnn.pad_packed_sequence(module(packed)[0], batch_first=True, total_length=x.shape[1])
    assert (value - expected).abs().max() < (1e-12 if x.dtype == torch.float64 else 1e-5)
    return value


def norms(states, lengths):
    steps = int(lengths.max())
    result = {}
    for name, values in states.items():
        curve = []
        for t in range(steps):
            gradient = values[t].grad
            gradient = torch.zeros_like(values[t]) if gradient is None else gradient
            curve.append(gradient.double().norm(dim=1)[t < lengths].mean().item())
        result[name] = curve
    return result


def fill(model, rng):
    """Weights at which gradients are neither 0 nor huge."""
    for name, parameter in model.named_parameters():
        scale = 1 if "embedding" in name else 0.4
        parameter.data = torch.tensor(rng.standard_normal(tuple(parameter.shape)) * scale, dtype=torch.float64)


def case(name, make, data, loss_of, seed):
    rng = np.random.default_rng(seed)
    base = make()
    fill(base, rng)
    arrays = data(rng)
    np.savez(os.path.join(FOLDER, f"trained-{name}.npz"), **arrays)
    results = {}
    for precision in ("float64", "float32"):
        kind = getattr(torch, precision)
        model = make()
        model.load_state_dict(base.state_dict())
        model = model.to(kind)
        save_file(
            {key: value.contiguous() for key, value in model.state_dict().items()},
            os.path.join(FOLDER, f"trained-{name}-{precision}.safetensors"))
        states = {}
        losses, lengths = loss_of(model, arrays, kind, states)
        losses.sum().backward()
        results[precision] = {"loss": losses.mean().item(), "norms": norms(states, lengths)}
    with open(os.path.join(FOLDER, f"trained-{name}.json"), "w") as file:
        json.dump(results, file)
        file.write("\n")


class Tagger(nn.Module):
    """A two-layer bidirectional LSTM; a score of two classes at each step."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Module()
        self.encoder.rnn = nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(8, 3)


def tagger_data(rng):
    return {
        "x": rng.standard_normal((4, 7, 3)), "lengths": np.array([7, 3, 5, 6]),
        "targets": rng.integers(0, 3, (4, 7)),
    }


def tagger_loss(model, arrays, kind, states):
    x, lengths = torch.tensor(arrays["x"], dtype=kind), torch.tensor(arrays["lengths"])
    y = model.fc(forward(model.encoder.rnn, x, lengths, states))
    losses = nn.functional.cross_entropy(y.transpose(1, 2), torch.tensor(arrays["targets"]), reduction="none")
    present = torch.arange(x.shape[1])[None] < lengths[:, None]
    return (losses * present).sum(1) / lengths, lengths


class Forecaster(nn.Module):
    """A GRU whose last state is read out: two numbers for each sequence."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, 5)
        self.head = nn.Linear(5, 2)


def forecaster_data(rng):
    # Time first, as the module takes it.
    return {"x": rng.standard_normal((9, 3, 2)), "y": rng.standard_normal((3, 2))}


def forecaster_loss(model, arrays, kind, states):
    x = torch.tensor(arrays["x"], dtype=kind).transpose(0, 1)
    lengths = torch.full((3,), 9)
    batch_first = nn.GRU(2, 5, batch_first=True).to(kind)
    batch_first.load_state_dict(model.gru.state_dict())
    h = forward(batch_first, x, lengths, states)
    # The states are those of the copy, whose weights are equal.
    error = model.head(h[:, -1]) - torch.tensor(arrays["y"], dtype=kind)
    return (error**2).mean(1), lengths


class Characters(nn.Module):
    """A model of characters: the next one at each step."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 4)
        self.lstm = nn.LSTM(4, 6, batch_first=True)
        self.out = nn.Linear(6, 11)


def character_data(rng):
    return {"tokens": rng.integers(0, 11, (3, 9))}


def character_loss(model, arrays, kind, states):
    ids = torch.tensor(arrays["tokens"])
    lengths = torch.full((3,), 8)
    y = model.out(forward(model.lstm, model.embedding(ids[:, :-1]), lengths, states))
    return nn.functional.cross_entropy(y.transpose(1, 2), ids[:, 1:], reduction="none").mean(1), lengths


class Classifier(nn.Module):
    """The final states of both directions, normalised, and two layers of a read-out."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True)
        self.norm = nn.LayerNorm(8)
        self.fc1 = nn.Linear(8, 5)
        self.fc2 = nn.Linear(5, 3)


def classifier_data(rng):
    return {"x": rng.standard_normal((4, 7, 3)), "lengths": np.array([7, 3, 5, 6]), "targets": rng.integers(0, 3, 4)}


def classifier_loss(model, arrays, kind, states):
    x, lengths = torch.tensor(arrays["x"], dtype=kind), torch.tensor(arrays["lengths"])
    y = forward(model.rnn, x, lengths, states, "layer0.")
    ends = torch.cat([y[torch.arange(len(x)), lengths - 1, :4], y[:, 0, 4:]], 1)
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    final = model.rnn(packed)[1][0]
    assert (ends - torch.cat([final[-2], final[-1]], 1)).abs().max() < (1e-12 if kind == torch.float64 else 1e-5)
    scores = model.fc2(torch.tanh(model.fc1(model.norm(ends))))
    return nn.functional.cross_entropy(scores, torch.tensor(arrays["targets"]), reduction="none"), lengths


# Keras


def values(variable, kind):
    return torch.tensor(keras.ops.convert_to_numpy(variable), dtype=kind)


def keras_cell(layer, kind):
    """PyTorch's cell with the weights of a recurrent layer of Keras."""
    kernel, recurrent, bias = (values(weight, kind) for weight in layer.weights)
    is_lstm = isinstance(layer, keras.layers.LSTM)
    cell = (nn.LSTMCell if is_lstm else nn.GRUCell)(kernel.shape[0], layer.units).to(kind)
    biases = [bias, torch.zeros_like(bias)] if is_lstm else list(bias)
    # Keras's gates are i, f, c, o, and z, r, h; PyTorch's i, f, g, o, and r, z, n.
    order = [0, 1, 2, 3] if is_lstm else [1, 0, 2]

    def ordered(weight):
        return torch.cat([weight.chunk(len(order), -1)[gate] for gate in order], -1)

    for name, weight in [("weight_ih", kernel), ("weight_hh", recurrent), ("bias_ih", biases[0]), ("bias_hh", biases[1])]:
        setattr(cell, name, nn.Parameter(ordered(weight).t().contiguous()))
    return cell


def keras_run(layer, x, present, backward, states, name):
    """One direction of a recurrent layer of Keras over x [B, T, I]: all its steps, and the last one."""
    cell, steps = keras_cell(layer, x.dtype), x.shape[1]
    state = [x.new_zeros(x.shape[0], layer.units) for _ in range(2 if isinstance(cell, nn.LSTMCell) else 1)]
    names = ["h", "c"][:len(state)]
    kept = {part: [None] * steps for part in names}
    outputs = [None] * steps
    for t in reversed(range(steps)) if backward else range(steps):
        new = cell(x[:, t], tuple(state)) if len(state) == 2 else [cell(x[:, t], state[0])]
        for part, value in zip(names, new):
            value.retain_grad()
            kept[part][t] = value
        state = [torch.where(present[:, t, None], value, old) for value, old in zip(new, state)]
        outputs[t] = state[0]
    states |= {name + part: values for part, values in kept.items()}
    return torch.stack(outputs, 1), state[0]


def keras_norm(layer, x):
    gamma, beta = (values(weight, x.dtype) for weight in layer.weights)
    return nn.functional.layer_norm(x, gamma.shape, gamma, beta, layer.epsilon)


def keras_dense(layer, x):
    kernel, bias = (values(weight, x.dtype) for weight in layer.weights)
    return x @ kernel + bias


def keras_norms(states, present):
    """The steps that are not masked follow one another."""
    counts = present.sum(1)
    result = {}
    for name, values in states.items():
        curve = [[] for _ in range(int(counts.max()))]
        for sample in range(len(present)):
            for step, place in enumerate(present[sample].nonzero()[:, 0]):
                gradient = values[place].grad
                curve[step].append(0 if gradient is None else gradient[sample].double().norm().item())
        result[name] = [float(np.mean(step)) for step in curve]
    return result


def normed():
    layers = keras.layers
    return keras.Sequential([
        keras.Input((None, 3)), layers.Normalization(), layers.LSTM(4, return_sequences=True),
        layers.LayerNormalization(name="between"), layers.Bidirectional(layers.GRU(3)),
        layers.LayerNormalization(epsilon=0.25), layers.Dense(6, "tanh"), layers.Dense(2)])


def normed_data(rng):
    return {"x": 3 + 2 * rng.standard_normal((4, 6, 3)), "y": rng.standard_normal((4, 2))}


def normed_loss(model, arrays, kind, states):
    x = torch.tensor(arrays["x"], dtype=kind)
    present = torch.ones(x.shape[:2], dtype=torch.bool)
    scale, lstm, between, both, norm, hidden, out = model.layers
    means, variances, _ = (values(weight, kind) for weight in scale.weights)
    y, _ = keras_run(lstm, (x - means) / variances.sqrt(), present, False, states, "layer0.")
    y = keras_norm(between, y)
    _, ahead = keras_run(both.forward_layer, y, present, False, states, "layer2.forward.")
    _, back = keras_run(both.backward_layer, y, present, True, states, "layer2.backward.")
    y = keras_dense(out, torch.tanh(keras_dense(hidden, keras_norm(norm, torch.cat([ahead, back], 1)))))
    return ((y - torch.tensor(arrays["y"], dtype=kind))**2).mean(1), y, present


def masked():
    layers = keras.layers
    return keras.Sequential([
        keras.Input((None,), dtype="int32"), layers.Embedding(11, 4, mask_zero=True), layers.GRU(5, return_sequences=True),
        layers.LayerNormalization(), layers.Bidirectional(layers.LSTM(4)), layers.Dense(3, "softmax")])


def masked_data(rng):
    ids = rng.integers(1, 11, (4, 8))
    ids[0, :3] = 0
    ids[1, 5:] = 0
    ids[2, [0, 3, 4, 7]] = 0
    return {"x": ids, "targets": rng.integers(0, 3, 4)}


def masked_loss(model, arrays, kind, states):
    ids = torch.tensor(arrays["x"])
    present = ids != 0
    embedding, gru, norm, both, out = model.layers
    y, _ = keras_run(gru, values(embedding.weights[0], kind)[ids], present, False, states, "layer0.")
    y = keras_norm(norm, y)
    _, ahead = keras_run(both.forward_layer, y, present, False, states, "layer2.forward.")
    _, back = keras_run(both.backward_layer, y, present, True, states, "layer2.backward.")
    y = torch.softmax(keras_dense(out, torch.cat([ahead, back], 1)), 1)
    return -torch.log(y[torch.arange(4), torch.tensor(arrays["targets"])]), y, present


def save(model, path):
    """Without what differs from one run to the next."""
    model.save(path)
    packed = io.BytesIO()
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as again:
        for member in ["metadata.json", "config.json", "model.weights.h5"]:
            text = archive.read(member)
            text = re.sub(rb'"date_saved": "[^"]*"', b'"date_saved": "2025-01-01@00:00:00"', text)
            again.writestr(zipfile.ZipInfo(member), re.sub(rb', "shared_object_id": \d+', b"", text))
    with open(path, "wb") as file:
        file.write(packed.getvalue())


def keras_case(name, make, data, loss_of, seed):
    rng = np.random.default_rng(seed)
    arrays = data(rng)
    np.savez(os.path.join(FOLDER, f"trained-{name}.npz"), **arrays)
    results, weights = {}, None
    for precision in ("float64", "float32"):
        keras.backend.clear_session()
        keras.config.set_floatx(precision)
        keras.config.set_dtype_policy(precision)
        model = make()
        if weights is None:
            weights = [0.6 * rng.standard_normal(tuple(weight.shape)) for weight in model.weights]
        for weight, values in zip(model.weights, weights):
            if "count" not in weight.path:
                weight.assign(1 + np.abs(values) if "variance" in weight.path else values)
        if hasattr(model.layers[0], "finalize_state"):
            model.layers[0].finalize_state()
        save(model, os.path.join(FOLDER, f"trained-{name}-{precision}.keras"))
        kind = getattr(torch, precision)
        states = {}
        losses, y, present = loss_of(model, arrays, kind, states)
        expected = model(torch.tensor(arrays["x"], dtype=None if arrays["x"].dtype == np.int64 else kind))
        assert (y - expected).abs().max() < 1e-5
        losses.sum().backward()
        results[precision] = {"loss": losses.mean().item(), "norms": keras_norms(states, present)}
    with open(os.path.join(FOLDER, f"trained-{name}.json"), "w") as file:
        json.dump(results, file)
        file.write("\n")


CASES = {
    "tagger": (case, Tagger, tagger_data, tagger_loss, 1),
    "forecaster": (case, Forecaster, forecaster_data, forecaster_loss, 2),
    "characters": (case, Characters, character_data, character_loss, 3),
    "classifier": (case, Classifier, classifier_data, classifier_loss, 4),
    "normed": (keras_case, normed, normed_data, normed_loss, 5),
    "masked": (keras_case, masked, masked_data, masked_loss, 6),
}

if __name__ == "__main__":
    torch.manual_seed(0)
    for name in sys.argv[1:] or CASES:
        run_case, *parts = CASES[name]
        run_case(name, *parts)
