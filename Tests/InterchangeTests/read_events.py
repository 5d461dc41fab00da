"""Reads event files with TensorBoard itself and prints what it finds.

    python3 -m venv /tmp/tb && /tmp/tb/bin/pip install tensorboard
    /tmp/tb/bin/python Tests/InterchangeTests/read_events.py FOLDER…

Every folder is a run, or holds runs. For each scalar: how many points, the first and the last. For each histogram: how
many, and of the last one the buckets and the sum of their counts. `--vector` writes the first record of a file as
TensorBoard's own writer makes it, in hexadecimal: the bytes that EventFileTests compares with.
"""

import io
import sys
from pathlib import Path

from tensorboard.backend.event_processing import event_accumulator
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter


def show(folder):
    accumulator = event_accumulator.EventAccumulator(
        str(folder), size_guidance={event_accumulator.SCALARS: 0, event_accumulator.HISTOGRAMS: 0, event_accumulator.TENSORS: 0})
    accumulator.Reload()
    print(folder)
    for tag in accumulator.Tags()["scalars"]:
        points = accumulator.Scalars(tag)
        print(f"  {tag}: {len(points)} points, {points[0].step}: {points[0].value:.6g} … {points[-1].step}: {points[-1].value:.6g}")
    for tag in accumulator.Tags()["histograms"]:
        points = accumulator.Histograms(tag)
        last = points[-1].histogram_value
        print(f"  {tag}: {len(points)} histograms, last at step {points[-1].step} in {len(last.bucket)} buckets, "
              f"{sum(last.bucket):g} of {last.num:g} values in {last.min:.4g} … {last.max:.4g}")


def vector():
    """A version record, and an event with a scalar and a histogram."""
    buffer = io.BytesIO()
    writer = RecordWriter(buffer)
    writer.write(event_pb2.Event(wall_time=1.5, file_version="brain.Event:2").SerializeToString())
    histogram = summary_pb2.HistogramProto(
        min=-1, max=2, num=4, sum=2.5, sum_squares=6.25, bucket_limit=[0.5, 2], bucket=[3, 1])
    event = event_pb2.Event(wall_time=2.5, step=300)
    event.summary.value.add(tag="loss", simple_value=0.25)
    event.summary.value.add(tag="w", histo=histogram)
    writer.write(event.SerializeToString())
    start = event_pb2.Event(wall_time=3.5, step=7)
    start.session_log.status = event_pb2.SessionLog.START
    writer.write(start.SerializeToString())
    print(buffer.getvalue().hex())


if sys.argv[1:] == ["--vector"]:
    vector()
else:
    for root in map(Path, sys.argv[1:]):
        for folder in sorted({file.parent for file in root.rglob("*tfevents*")}):
            show(folder)
