"""Makes Tests/Vectors/trained-values.json: ‖dL/dhₜ‖ of losses that read a cell state cₜ, which no output of PyTorch's
modules shows, by PyTorch's autograd.

    pip install numpy torch safetensors keras
    python Tests/CommandTests/make_value_losses.py

The networks and their data are those of make_trained.py. The loss of a sample is v · cₜ for a random v of length 1 of its
own, which is in the file: of one step, counted from 1, or the mean over the sample's steps (step 0).
"""

import json
import os

import numpy as np
import torch
from make_trained import FOLDER, Characters, Tagger, forward, norms
from safetensors.torch import load_file


def measure(name, model, value, step, seed, run):
    arrays = np.load(os.path.join(FOLDER, f"trained-{name}.npz"))
    model = model.to(torch.float64)
    model.load_state_dict(load_file(os.path.join(FOLDER, f"trained-{name}-float64.safetensors")))
    states = {}
    lengths = run(model, arrays, states)
    c = states[value]
    v = np.random.default_rng(seed).standard_normal((len(lengths), c[0].shape[1]))
    v /= np.linalg.norm(v, axis=1, keepdims=True)
    reads = torch.stack([(torch.tensor(v) * c[t]).sum(1) * (t < lengths) for t in range(len(c))])
    losses = reads[step - 1] if step > 0 else reads.sum(0) / lengths
    losses.sum().backward()
    return {
        "network": name, "value": value, "step": step, "direction": v.tolist(), "loss": losses.mean().item(),
        "norms": norms(states, lengths),
    }


def characters(model, arrays, states):
    ids, lengths = torch.tensor(arrays["tokens"]), torch.full((3,), 9)
    forward(model.lstm, model.embedding(ids), lengths, states)
    return lengths


def tagger(model, arrays, states):
    lengths = torch.tensor(arrays["lengths"])
    forward(model.encoder.rnn, torch.tensor(arrays["x"]), lengths, states)
    return lengths


if __name__ == "__main__":
    results = [
        measure("characters", Characters(), "c", 6, 1, characters),
        measure("characters", Characters(), "c", 0, 2, characters),
        measure("tagger", Tagger(), "layer0.forward.c", 4, 3, tagger),
        measure("tagger", Tagger(), "layer1.backward.c", 4, 4, tagger),
    ]
    with open(os.path.join(FOLDER, "trained-values.json"), "w") as file:
        json.dump(results, file)
        file.write("\n")
