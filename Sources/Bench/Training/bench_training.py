#!/usr/bin/env python3
"""Times whole training steps of applications' networks in PyTorch on the CPU, beside `ebb bench --training`.

    ebb bench --training --compare PYTHON     runs this with that interpreter, between two measurements of its own

It takes a file of tensors, the network's first parameters under Ebb's names and a batch, which `ebb` writes. A step is
forward, backward, the clipping of the gradient's norm, and the optimizer. A line is a JSON object: for each way to do
it, first the losses of some steps without dropout, which are Ebb's for the same equations, then the median time of a step
in milliseconds.
"""
import argparse
import json
import os
import statistics
import time

STEPS = 3


def networks():
    """The networks' classes by task and peer; PyTorch is loaded here, after its number of threads is set."""
    import torch
    from torch import nn

    def filled(parameter, value):
        with torch.no_grad():
            parameter.copy_(value)

    def lstm(values, scopes, features, units, **settings):
        """torch.nn.LSTM with Ebb's parameters: of each of the scopes, a layer or a direction of it."""
        module = nn.LSTM(features, units, **settings)
        directions = 2 if settings.get("bidirectional") else 1
        for place, scope in enumerate(scopes):
            ending = f"_l{place // directions}" + ("_reverse" if place % directions else "")
            gates = [f"{scope}{gate}." for gate in ("input", "forget", "candidate", "output")]
            # Ebb's rows are those of [h, x]; each gate has one bias, so the second of PyTorch's stays 0.
            weights = torch.cat([values[gate + "weight"] for gate in gates], 1).T
            filled(getattr(module, "weight_hh" + ending), weights[:, :units])
            filled(getattr(module, "weight_ih" + ending), weights[:, units:])
            filled(getattr(module, "bias_ih" + ending), torch.cat([values[gate + "bias"] for gate in gates]))
            second = getattr(module, "bias_hh" + ending)
            filled(second, torch.zeros_like(second))
            second.requires_grad_(False)
        return module

    def linear(values, scope):
        weight = values[scope + "weight"]
        module = nn.Linear(*weight.shape)
        filled(module.weight, weight.T)
        filled(module.bias, values[scope + "bias"])
        return module

    def embedding(values):
        return nn.Embedding.from_pretrained(values["embedding.table"].clone(), freeze=False)

    class Characters(nn.Module):
        """A language model, whose states go on from batch to batch (Zaremba, Sutskever & Vinyals 2014)."""

        def __init__(self, values, dropout):
            super().__init__()
            layers = sum(name.endswith(".forget.bias") for name in values)
            units = values["layer0.forget.bias"].shape[0]
            rate = 0.2 if dropout else 0
            self.embedding = embedding(values)
            scopes = [f"layer{layer}." for layer in range(layers)]
            features = self.embedding.embedding_dim
            self.lstm = lstm(values, scopes, features, units, num_layers=layers, dropout=rate if layers > 1 else 0)
            self.dropout = nn.Dropout(rate)
            self.readout = linear(values, "readout.dense.")
            self.criterion = nn.CrossEntropyLoss()
            self.tokens, self.targets = values["tokens"].long(), values["targets"].long().flatten()
            self.states = None

        def forward(self):
            outputs, states = self.lstm(self.embedding(self.tokens), self.states)
            self.states = tuple(state.detach() for state in states)
            return self.criterion(self.readout(self.dropout(outputs)).flatten(0, 1), self.targets)

    class Reviews(nn.Module):
        """A classifier of texts of different lengths by the maximum and the mean over their words."""

        def __init__(self, values, dropout):
            super().__init__()
            units = values["layer0.forward.forget.bias"].shape[0]
            self.embedding = embedding(values)
            self.lstm = lstm(
                values, ["layer0.forward.", "layer0.backward."], self.embedding.embedding_dim, units, bidirectional=True)
            self.has_dropout = dropout
            self.dropout = nn.Dropout(0.5 if dropout else 0)
            self.readout = linear(values, "readout.dense.")
            self.criterion = nn.CrossEntropyLoss()
            self.words, self.lengths = values["words"].long(), values["lengths"].long()
            self.target = values["target"].long()

        def read(self, vectors):
            """The outputs of both directions, 0 after the end of a text."""
            packed = nn.utils.rnn.pack_padded_sequence(vectors, self.lengths, enforce_sorted=False)
            return nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0])[0]

        def forward(self):
            words = self.words
            if self.has_dropout and self.training:
                words = words.masked_fill(torch.rand(words.shape) < 0.1, 0)
            vectors = self.embedding(words)
            if self.has_dropout and self.training:
                # One mask for all words of a text (Gal & Ghahramani 2016).
                vectors = vectors * nn.functional.dropout(torch.ones_like(vectors[:1]), 0.6)
            outputs = self.read(vectors)
            is_word = (torch.arange(len(outputs))[:, None] < self.lengths)[:, :, None]
            largest = outputs.masked_fill(~is_word, float("-inf")).amax(0)
            mean = outputs.sum(0) / self.lengths[:, None]
            return self.criterion(self.readout(self.dropout(torch.cat((largest, mean), 1))), self.target)

    class PaddedReviews(Reviews):
        """The same without packed sequences: each text is turned around by itself for a second LSTM, which is faster."""

        def __init__(self, values, dropout):
            super().__init__(values, dropout)
            units, features = self.lstm.hidden_size, self.lstm.input_size
            self.lstm = None
            self.forward_lstm = lstm(values, ["layer0.forward."], features, units)
            self.backward_lstm = lstm(values, ["layer0.backward."], features, units)
            steps = torch.arange(len(self.words))[:, None]
            self.is_padding = (steps >= self.lengths)[:, :, None]
            self.turned = torch.where(steps < self.lengths, self.lengths - 1 - steps, steps)[:, :, None]

        def read(self, vectors):
            def turn(x):
                return x.gather(0, self.turned.expand(-1, -1, x.shape[2]))

            forward, backward = self.forward_lstm(vectors)[0], turn(self.backward_lstm(turn(vectors))[0])
            return torch.cat((forward, backward), 2).masked_fill(self.is_padding, 0)

    class Forecast(nn.Module):
        """The change of a column from a window of several."""

        def __init__(self, values, dropout):
            super().__init__()
            self.x, self.target = values["x"], values["target"]
            self.lstm = lstm(values, [""], self.x.shape[2], values["forget.bias"].shape[0])
            self.readout = linear(values, "readout.")
            self.criterion = nn.MSELoss()

        def forward(self):
            return self.criterion(self.readout(self.lstm(self.x)[0][-1]), self.target)

    return {
        "characters": {"torch": Characters}, "reviews": {"torch": Reviews, "torch-padded": PaddedReviews},
        "forecast": {"torch": Forecast},
    }


def training(task, network, rate):
    """What makes one training step and returns its loss."""
    import torch

    named = [(name, value) for name, value in network.named_parameters() if value.requires_grad]
    parameters = [value for _, value in named]
    means = None
    if task == "reviews":
        decayed = [value for name, value in named if "bias" not in name]
        others = [value for name, value in named if "bias" in name]
        groups = [{"params": decayed, "weight_decay": 0.01}, {"params": others, "weight_decay": 0}]
        optimizer = torch.optim.AdamW(groups, lr=rate, fused=True)
    else:
        optimizer = torch.optim.Adam(parameters, lr=rate, fused=True)

    def step():
        nonlocal means
        optimizer.zero_grad(set_to_none=True)
        loss = network()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1)
        optimizer.step()
        if task == "reviews":
            with torch.no_grad():
                if means is None:
                    means = [value.clone() for value in parameters]
                else:
                    torch._foreach_lerp_(means, parameters, 0.01)
        return loss.item()

    return step


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", required=True)
    parser.add_argument("--values", required=True, help="a file that torch.load reads")
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--dropout", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=7, help="timed steps, at least")
    parser.add_argument("--seconds", type=float, default=0, help="steps are added until so much time is measured")
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    import torch

    torch.set_num_threads(options.threads)
    values = torch.load(options.values, weights_only=True)
    for peer, network in networks()[options.task].items():
        step = training(options.task, network(values, False), options.rate)
        print(json.dumps({"peer": peer, "losses": [step() for _ in range(STEPS)]}), flush=True)
        step = training(options.task, network(values, options.dropout), options.rate)
        for _ in range(2):
            step()
        times = []
        while len(times) < options.runs or sum(times) < options.seconds:
            begin = time.perf_counter()
            step()
            times.append(time.perf_counter() - begin)
        milliseconds = 1e3 * statistics.median(times)
        print(json.dumps({"peer": peer, "threads": options.threads, "ms": round(milliseconds, 4)}), flush=True)


if __name__ == "__main__":
    main()
