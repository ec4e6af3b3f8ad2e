"""Prints the curves in a folder of event files as JSON, as TensorBoard itself reads them. See read-curves."""
import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

if len(sys.argv) != 2:
    sys.exit("usage: read-curves FOLDER")
events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0})
events.Reload()
tags = events.Tags()["scalars"]
json.dump({tag: [[point.step, point.value] for point in events.Scalars(tag)] for tag in tags}, sys.stdout)
