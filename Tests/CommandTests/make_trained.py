"""Makes Tests/Vectors/trained-*: small networks of PyTorch with data, and ‖dL/dhₜ‖ of each state by PyTorch's autograd.

    pip install numpy torch safetensors
    python Tests/CommandTests/make_trained.py

Each case is, in Float64 and in Float32,

    trained-CASE-float64.safetensors   the state dict
    trained-CASE.npz                   x, with lengths and targets where it has them (Float64; the same for both)
    trained-CASE.json                  by precision: the loss, and for each state ‖dL/dhₜ‖ at each step

nn.LSTM and nn.GRU keep no state of a step, so the steps are run by loops over nn.LSTMCell and nn.GRUCell with the same
weights, and every state keeps its gradient. Their outputs are compared with those of the module, on packed sequences.

The loss of a sample is the mean over its own steps; L is the sum of the samples' losses, so that dL/dhₜ of a sample is the
gradient of its own loss. Norms are over the features, then averaged over the samples that have the step.
"""

import json
import os

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


def forward(module, x, lengths, states):
    """The outputs [B, T, H] of all layers, by loops; checked against the module."""
    value = x
    for layer in range(module.num_layers):
        prefix = f"layer{layer}." if module.num_layers > 1 else ""
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


if __name__ == "__main__":
    torch.manual_seed(0)
    case("tagger", Tagger, tagger_data, tagger_loss, 1)
    case("forecaster", Forecaster, forecaster_data, forecaster_loss, 2)
    case("characters", Characters, character_data, character_loss, 3)
