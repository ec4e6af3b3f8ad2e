#!/usr/bin/env python3
"""Writes a folder of golden files of any dimensions, or holds this reference to an existing one.

    pip install torch numpy safetensors
    make_golden.py write DIR [--layout small|wide]   # layouts.py has the layouts
    make_golden.py check DIR                         # recomputes every file from its own inputs; prints the worst difference
"""

import argparse
import json
import sys
from pathlib import Path

import numpy
import torch
from safetensors import safe_open
from safetensors.numpy import save_file

import chunks
import kinds
from layouts import LAYOUTS

# By the beginning of a file's name.
KINDS = {
    "op_timestep_norm": (kinds.timestep_norm_inputs, kinds.timestep_norm),
    "op_cema": (kinds.cema_inputs, kinds.cema),
    "op_norms": (kinds.norms_inputs, kinds.norms),
    "op_rope": (kinds.rope_inputs, kinds.rope),
    "op_attention": (kinds.attention_inputs, kinds.attention),
    "op_ffn": (kinds.feed_forward_inputs, kinds.feed_forward),
    "op_cross_entropy": (kinds.cross_entropy_inputs, kinds.cross_entropy),
    "op_optim": (kinds.optimizer_inputs, kinds.optimizer),
    "block": (kinds.block_inputs, kinds.block),
    "model": (kinds.model_inputs, kinds.model),
    "stream": (kinds.stream_inputs, kinds.stream),
    "chunk_parallel": (chunks.inputs, chunks.expected),
    "train": (kinds.training_inputs, kinds.training),
}


def kind_of(name):
    return next(kind for start, kind in KINDS.items() if name.startswith(start))


def cases(config):
    """(prefix, configuration) of every case; a file without cases is one, without a prefix."""
    if "cases" not in config:
        return [("", config)]
    shared = {key: value for key, value in config.items() if key != "cases"}
    return [(f"case{i}.", {**shared, **case}) for i, case in enumerate(config["cases"])]


def read(path):
    with safe_open(path, framework="pt") as file:
        config = json.loads(file.metadata()["config"])
        return config, {name: file.get_tensor(name) for name in file.keys()}


def expected(name, config, given, beside):
    compute, values = kind_of(name)[1], {}
    for prefix, case in cases(config):
        part = {n[len(prefix) :]: x for n, x in given.items() if n.startswith(prefix)}
        values.update({prefix + n: x.detach() for n, x in compute(case, part, beside).items()})
    return values


def write(folder, layout):
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (name, config) in enumerate(LAYOUTS[layout].items()):
        draw, given = kinds.Draw(seed), {}
        for prefix, case in cases(config):
            given.update({prefix + n: x for n, x in kind_of(name)[0](case, draw).items()})
        values = expected(name, config, given, lambda other: read(folder / other))
        arrays = {n: numpy.ascontiguousarray(x.numpy()) for n, x in {**given, **values}.items()}
        path = folder / f"{name}.safetensors"
        save_file(arrays, path, metadata={"config": json.dumps(stored(name, config))})
        print(f"{path.name}: {len(arrays)} tensors, {path.stat().st_size:,} bytes")


def stored(name, config):
    """Files of models and streams leave batch and length to the shapes of their tensors."""
    shapes = ("B", "L") if name.startswith(("model", "stream")) else ()
    return {key: value for key, value in config.items() if key not in shapes}


def difference(actual, wanted):
    """The largest by element, absolute or relative, whichever is smaller."""
    error = (actual.double() - wanted.double()).abs()
    return (error / wanted.double().abs().clamp(min=1)).max().item() if error.numel() else 0.0


def check(folder):
    allowed, well = {torch.float64: 1e-10, torch.float32: 1e-6, torch.int32: 0.0}, True
    for path in sorted(folder.glob("*.safetensors")):
        config, tensors = read(path)
        values = expected(path.stem, config, tensors, lambda other: read(folder / other))
        inputs = {n for prefix, case in cases(config) for n in tensors if n.startswith(prefix)} - set(values)
        worst = {n: difference(x, tensors[n]) / (allowed[tensors[n].dtype] or 1) for n, x in values.items() if n in tensors}
        missing = sorted(set(values) - set(tensors)) + [n for n in values if n in tensors and values[n].shape != tensors[n].shape]
        stray = [n for n in inputs if tensors[n].dtype == torch.float64]
        ok = not missing and not stray and all(error <= 1 for error in worst.values())
        well &= ok
        name = max(worst, key=worst.get)
        print(f"{'ok ' if ok else 'BAD'} {path.name}: {len(worst)} compared, worst {name} {worst[name]:.1e} of what is allowed {missing[:3]} {stray[:3]}")
    return 0 if well else 1


def main():
    torch.set_default_dtype(torch.float64)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["write", "check"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--layout", choices=sorted(LAYOUTS), default="small")
    options = parser.parse_args()
    if options.command == "check":
        return check(options.folder)
    write(options.folder, options.layout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
