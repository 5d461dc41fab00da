#!/usr/bin/env python3
"""Opens the .keras files that ebb writes with Keras itself, and compares what they predict.

    python3 Tests/keras.py --ebb .build/release/ebb

Models of Keras go through Ebb's own names and back; a model of PyTorch becomes one of Keras. Needs keras 3 with torch as
its backend.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"
# This script has the name of the package that it needs.
sys.path = [path for path in sys.path if Path(path or ".").resolve() != Path(__file__).resolve().parent]

import keras
import numpy as np
import torch
from keras import layers

TOLERANCE = {"float32": 1e-6, "float64": 1e-14}


def models():
    """By name: a model, and how many tokens it reads; 0 for numbers."""
    def sequential(*parts, tokens=0, name="model"):
        start = keras.Input((None,), dtype="int32") if tokens else keras.Input((None, 3))
        return keras.Sequential([start, *parts], name=name), tokens

    yield "steps", lambda: sequential(layers.LSTM(4, return_sequences=True), layers.Dense(2))
    yield "last", lambda: sequential(
        layers.Embedding(7, 3), layers.GRU(4, return_sequences=True, name="lower"), layers.LayerNormalization(epsilon=0.1),
        layers.GRU(5, reset_after=False, name="upper"), layers.Dense(6, "relu"), layers.Dense(2, name="out"), tokens=7)
    yield "directions", lambda: sequential(
        layers.Bidirectional(layers.LSTM(4, return_sequences=True), merge_mode="ave"),
        layers.Bidirectional(layers.SimpleRNN(4, activation="relu"), name="both"), layers.Dense(2, "sigmoid"))
    yield "functions", lambda: sequential(
        layers.LSTM(4, activation="softsign", recurrent_activation="hard_sigmoid", return_sequences=True, use_bias=False),
        layers.LayerNormalization(center=False), layers.Dense(3, use_bias=False, activation="leaky_relu"))
    yield "within", lambda: sequential(
        keras.Sequential([layers.LSTM(4, return_sequences=True, name="a"),
                          keras.Sequential([layers.GRU(4, return_sequences=True, name="a")], name="inner"),
                          layers.LSTM(4, return_sequences=True, name="b")], name="encoder"),
        keras.Sequential([layers.GRU(4, name="a"), layers.Dense(2, "elu")], name="head"))


def ebb(program, *arguments):
    run = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"ebb {' '.join(map(str, arguments))}: {run.stderr}")


def randomize(model):
    random = np.random.default_rng(1)
    for weight in model.weights:
        weight.assign(0.5 * random.standard_normal(tuple(weight.shape)))


def compare(name, expected, found, dtype):
    error = np.abs(np.asarray(expected) - np.asarray(found)).max() if expected.shape == found.shape else np.inf
    print(f"{name:24} {error:.1e}")
    return error <= TOLERANCE[dtype]


def of_keras(program, folder, name, make, dtype):
    keras.backend.clear_session()
    keras.config.set_dtype_policy(dtype)
    keras.config.set_floatx(dtype)
    model, tokens = make()
    randomize(model)
    random = np.random.default_rng(2)
    x = random.integers(0, tokens, (5, 6)) if tokens else random.standard_normal((5, 6, 3)).astype(dtype)
    first, own, last = (folder / f"{name}{part}" for part in ["1.keras", ".safetensors", "2.keras"])
    model.save(first)
    ebb(program, "weights", first, "--from", "keras", "-o", own)
    ebb(program, "weights", own, "--to", "keras", "-o", last)
    again = keras.saving.load_model(last)
    paths = [weight.path.removeprefix("model/") for weight in model.weights]
    found = [weight.path.removeprefix(again.name + "/") for weight in again.weights]
    if paths != found:
        print(f"{name}: the weights are called {found}, and not {paths}")
        return False
    return compare(f"{name} {dtype}", model.predict(x, verbose=0), again.predict(x, verbose=0), dtype)


class Tagger(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Embedding(7, 3)
        self.encoder = torch.nn.ModuleDict({"rnn": torch.nn.LSTM(3, 4, 2, batch_first=True, bidirectional=True)})
        self.fc = torch.nn.Linear(8, 2)

    def forward(self, x):
        return self.fc(self.encoder["rnn"](self.embed(x))[0])


def of_torch(program, folder):
    torch.manual_seed(1)
    model = Tagger()
    x = np.random.default_rng(2).integers(0, 7, (5, 6))
    torch.save(model.state_dict(), folder / "tagger.pt")
    ebb(program, "weights", folder / "tagger.pt", "--from", "pytorch", "--to", "keras", "-o", folder / "tagger.keras")
    keras.config.set_dtype_policy("float32")
    again = keras.saving.load_model(folder / "tagger.keras")
    return compare("of PyTorch", model(torch.tensor(x)).detach().numpy(), again.predict(x, verbose=0), "float32")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ebb", required=True, help="the program")
    program = parser.parse_args().ebb
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        right = [of_keras(program, folder, name, make, dtype) for dtype in TOLERANCE for name, make in models()]
        right.append(of_torch(program, folder))
    sys.exit(0 if all(right) else "a model of Keras differs")


if __name__ == "__main__":
    main()
