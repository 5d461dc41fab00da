"""Writes Tests/Vectors/migration.safetensors and migration.json: what PyTorch, Keras and NumPy make of the same arrays.

    KERAS_BACKEND=torch python make_migration.py

Partial checkpoints, samples first, orders of dimensions, padded and packed sequences, and the callbacks of fit.
"""
import json
import os
import tempfile
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")
import keras
import numpy as np
import torch
from safetensors.numpy import save_file

keras.config.set_floatx("float64")
keras.config.set_dtype_policy("float64")
torch.set_default_dtype(torch.float64)
torch.manual_seed(7)
keras.utils.set_random_seed(7)
rng = np.random.default_rng(7)
tensors, records = {}, {}
KERAS_NAMES = [f"lstm/lstm_cell/{part}" for part in ("kernel", "recurrent_kernel", "bias")]


def put(name, value):
    tensors[name] = np.ascontiguousarray(value.detach().numpy() if torch.is_tensor(value) else np.asarray(value))


class Tagger(torch.nn.Module):
    """The tutorials' model: an LSTM, its last step, a read-out; samples first."""

    def __init__(self, outputs):
        super().__init__()
        self.lstm = torch.nn.LSTM(3, 4, batch_first=True)
        self.fc = torch.nn.Linear(4, outputs)

    def forward(self, x):
        return self.fc(self.lstm(x)[0][:, -1])


def partial():
    """A checkpoint of another task: more than the network, without its read-out, whose weights stay."""
    x = torch.tensor(rng.normal(size=(5, 6, 3)))
    model, other = Tagger(2), Tagger(2)
    checkpoint = {name: value for name, value in other.state_dict().items() if not name.startswith("fc")}
    checkpoint |= {"lstm.weight_ih_l1": torch.ones(16, 4), "head.weight": torch.ones(7, 4), "steps": torch.ones(1)}
    for name, value in model.state_dict().items():
        put(f"partial/before/{name}", value.clone())
    keys = model.load_state_dict(checkpoint, strict=False)
    records["partial"] = {"missing": sorted(keys.missing_keys), "superfluous": sorted(keys.unexpected_keys)}
    for name, value in checkpoint.items():
        put(f"partial/file/{name}", value)
    put("partial/x", x)
    put("partial/y", model(x))


def layouts():
    """The same array with samples first, as batch_first and as Keras have it."""
    x = rng.normal(size=(5, 6, 3))
    put("layout/x", x)
    model = torch.nn.LSTM(3, 4, batch_first=True)
    for name, value in model.state_dict().items():
        put(f"layout/torch/{name}", value)
    put("layout/torch.y", model(torch.tensor(x))[0])
    layer = keras.layers.LSTM(4, return_sequences=True)
    y = layer(x)
    for name, value in zip(KERAS_NAMES, layer.get_weights()):
        put(f"layout/keras/{name}", value)
    put("layout/keras.y", y)


def orders():
    """Dimensions in other orders: NumPy's transpose and PyTorch's permute agree."""
    records["orders"] = []
    for shape, order in [
        ((6,), (0,)), ((3, 4), (1, 0)), ((2, 3, 4), (1, 0, 2)), ((2, 3, 4), (2, 0, 1)), ((2, 3, 4), (1, 2, 0)),
        ((2, 1, 3, 2), (3, 1, 0, 2)), ((2, 3, 1, 2, 2), (4, 2, 0, 3, 1)), ((0, 3, 2), (2, 0, 1)),
    ]:
        x = np.arange(int(np.prod(shape)), dtype=np.float64).reshape(shape)
        y = np.transpose(x, order)
        assert np.array_equal(y, torch.tensor(x).permute(*order).numpy())
        records["orders"].append(
            {"shape": list(shape), "order": list(order), "result": list(y.shape), "numbers": y.reshape(-1).tolist()})
    refused = []
    for order in [(0, 0, 1), (0, 1), (0, 1, 3), (0, 1, 2, 3)]:
        for turn in (lambda: np.zeros((2, 3, 4)).transpose(order), lambda: torch.zeros(2, 3, 4).permute(*order)):
            try:
                turn()
                assert False
            except (ValueError, RuntimeError, IndexError):
                pass
        refused.append(list(order))
    records["refused"] = refused


def padding():
    """Sequences in no order of their lengths, padded, packed, and read by an LSTM in both directions."""
    lists = [rng.normal(size=(n, 3)) for n in (3, 6, 1, 4)]
    for index, sequence in enumerate(lists):
        put(f"padding/sequence{index}", sequence)
    padded = torch.nn.utils.rnn.pad_sequence([torch.tensor(a) for a in lists])
    put("padding/padded", padded)
    model = torch.nn.LSTM(3, 4, bidirectional=True)
    for name, value in model.state_dict().items():
        put(f"padding/weights/{name}", value)
    packed = torch.nn.utils.rnn.pack_padded_sequence(padded, [3, 6, 1, 4], enforce_sorted=False)
    y, (h, c) = model(packed)
    put("padding/y", torch.nn.utils.rnn.pad_packed_sequence(y)[0])
    put("padding/h", h)
    put("padding/c", c)
    ids = [[5, 2, 9], [1, 2, 3, 4, 5, 6, 7], [8], [4, 4, 6, 1]]
    records["tokens"] = ids
    records["pad_sequences"] = [
        {"padding": pad, "truncating": cut, "maxlen": maxlen, "value": value,
         "result": keras.utils.pad_sequences(ids, maxlen, padding=pad, truncating=cut, value=value).tolist()}
        for pad in ("pre", "post") for cut in ("pre", "post") for maxlen in (None, 4, 9) for value in (0, 3)]
    # Left padding without a mask is read too.
    before = keras.utils.pad_sequences(lists, 5, dtype="float64")
    layer = keras.layers.LSTM(4, return_state=True)
    put("padding/before", before)
    y, h, c = layer(before)
    for name, value in zip(KERAS_NAMES, layer.get_weights()):
        put(f"padding/keras/{name}", value)
    put("padding/keras.h", h)
    put("padding/keras.c", c)


def curve_model():
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.4), keras.losses.MeanSquaredError(dtype="float64"))
    return model


def follow(callback, values, model=None):
    """Calls a callback at the end of each epoch with these losses, until it stops; returns the model."""
    model = model or curve_model()
    callback.set_model(model)
    callback.set_params({"epochs": len(values)})
    model.stop_training = False
    callback.on_train_begin()
    rates, epochs = [], 0
    for epoch, value in enumerate(values):
        model.set_weights([np.array([[float(epoch)]]), np.array([0.0])])
        callback.on_epoch_begin(epoch)
        callback.on_epoch_end(epoch, {"val_loss": value})
        rates.append(float(keras.ops.convert_to_numpy(model.optimizer.learning_rate)))
        epochs += 1
        if model.stop_training:
            break
    callback.on_train_end()
    return {"epochs": epochs, "rates": rates, "restored": float(model.get_weights()[0][0, 0])}


def callbacks():
    """Which are called when, and the rules on curves of losses."""
    called = []

    class Order(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None): called.append(f"epoch {epoch + 1} begins")
        def on_epoch_end(self, epoch, logs=None): called.append(f"epoch {epoch + 1}")
        def on_train_batch_end(self, batch, logs=None): called.append(f"batch {batch + 1}")

    x = np.array([0.5, -1.0, 2.0, 1.5, -0.5]).reshape(5, 1)
    curve_model().fit(x, x, epochs=2, batch_size=2, shuffle=False, verbose=0, callbacks=[Order()])
    records["called"] = called

    values = [1.0, 0.8, 0.79, 0.81, 0.7, 0.695, 0.72, 0.71, 0.69, 0.7, 0.71, 0.73, 0.69, 0.5, 0.6, 0.61, 0.62, 0.63]
    values += [0.64, 0.65, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3]
    records["curve"] = values
    records["stopping"] = [
        {"patience": patience, "min_delta": delta} | follow(keras.callbacks.EarlyStopping(
            patience=patience, min_delta=delta, restore_best_weights=True), values)
        for patience in (0, 1, 2, 3, 5) for delta in (0.0, 0.015, 0.15)]
    records["plateau"] = []
    for patience in (0, 1, 2, 3):
        for delta in (0.0, 0.015):
            for cooldown in (0, 1, 2, 4):
                found = follow(keras.callbacks.ReduceLROnPlateau(
                    factor=0.5, patience=patience, min_delta=delta, cooldown=cooldown, min_lr=0.03), values)
                records["plateau"].append(
                    {"patience": patience, "min_delta": delta, "cooldown": cooldown, "rates": found["rates"]})
    records["torch plateau"] = []
    for mode, threshold in (("rel", 0.02), ("abs", 0.015)):
        for patience in (0, 1, 2):
            for cooldown in (0, 1, 3):
                optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.4)
                rule = torch.optim.lr_scheduler.ReduceLROnPlateau(
                    optimizer, factor=0.5, patience=patience, threshold=threshold, threshold_mode=mode,
                    cooldown=cooldown, min_lr=0.03, eps=0)
                rates = []
                for value in values:
                    rule.step(value)
                    rates.append(optimizer.param_groups[0]["lr"])
                records["torch plateau"].append(
                    {"mode": mode, "threshold": threshold, "patience": patience, "cooldown": cooldown, "rates": rates})
    saved = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "best.weights.h5"
        checkpoint = keras.callbacks.ModelCheckpoint(
            str(path), monitor="val_loss", save_best_only=True, save_weights_only=True)
        model = curve_model()
        checkpoint.set_model(model)
        checkpoint.on_train_begin()
        for epoch, value in enumerate(values):
            checkpoint.on_epoch_begin(epoch)
            checkpoint.on_epoch_end(epoch, {"val_loss": value})
            if path.exists():
                saved.append(epoch + 1)
                path.unlink()
    records["saved"] = saved

    # fit itself: a rate so high that the loss rises, watched on the training samples and on others.
    y = np.array([1.0, -0.5, 3.0, 2.0, 0.0]).reshape(5, 1)
    for monitor in ("loss", "val_loss"):
        model = curve_model()
        model.optimizer.learning_rate = 0.75
        model.set_weights([np.array([[0.3]]), np.array([-0.2])])
        history = model.fit(
            x, y, epochs=30, batch_size=2, shuffle=False, verbose=0,
            validation_data=(x[::-1] / 2, -y) if monitor == "val_loss" else None,
            callbacks=[
                keras.callbacks.EarlyStopping(monitor, patience=4, min_delta=0.05, restore_best_weights=True),
                keras.callbacks.ReduceLROnPlateau(monitor, factor=0.5, patience=2, min_delta=0.05, cooldown=0)]).history
        records[f"fit {monitor}"] = {
            "losses": history["loss"], "rates": [float(v) for v in history["learning_rate"]],
            "watched": history[monitor], "weights": [float(w.reshape(-1)[0]) for w in model.get_weights()]}


if __name__ == "__main__":
    partial()
    layouts()
    orders()
    padding()
    callbacks()
    folder = Path(__file__).resolve().parent.parent / "Vectors"
    save_file(tensors, folder / "migration.safetensors")
    (folder / "migration.json").write_text(json.dumps(records) + "\n")
