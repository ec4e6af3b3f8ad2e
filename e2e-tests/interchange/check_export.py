"""Checks an exported model against the list of the reference implementation's names. See check-export."""
import json
import sys

import numpy
from safetensors import safe_open


def parameters(c):
    """Name and shape of every parameter, from the model's dimensions."""
    d, z, e, f, n = c["modelDim"], c["zDim"], c["valueDim"], c["ffnHiddenDim"], c["cemaDim"]
    shapes = {"embed.weight": [c["vocabSize"], d]}
    for layer in range(c["layers"]):
        mega, nffn = f"layers.{layer}.mega.", f"layers.{layer}.nffn."
        for norm in (mega + "timenorm.", nffn + "norm."):
            shapes[norm + "weight"] = shapes[norm + "bias"] = [d]
        shapes |= {mega + "cema." + k: v for k, v in {
            "alpha": [d, n, 1], "delta": [d, n, 1], "theta": [d, 1, 1], "gamma": [d, n, 2], "omega": [d, 1]}.items()}
        shapes[mega + "rmsnorm.weight"] = [d]
        for name, out in {"wv": e, "wz": z, "wr": e, "wh1": d}.items():
            shapes[mega + name + ".weight"], shapes[mega + name + ".bias"] = [out, d], [out]
        shapes[mega + "wh2.weight"] = [d, e]
        shapes[mega + "gamma"] = shapes[mega + "beta"] = [2, z]
        shapes[nffn + "fc1.weight"], shapes[nffn + "fc2.weight"] = [f, d], [d, f]
        if c["swiglu"]:
            shapes[nffn + "fc3.weight"] = [f, d]
        if c["rescaleFfn"]:
            shapes[nffn + "alpha"] = [d]
    shapes["output.final_norm.weight"] = shapes["output.final_norm.bias"] = [d]
    if not c["shareEmbedding"]:
        shapes["output.output.weight"] = [c["vocabSize"], d]
    return shapes


def buffers(c):
    """What the reference implementation stores beside parameters."""
    shapes = {"rope.freqs": [c["zDim"] // c["heads"] // 2]}
    norms = [f"layers.{layer}.mega.timenorm." for layer in range(c["layers"])] + ["output.final_norm."]
    for norm in norms:
        shapes[norm + "prior_count"] = []
        shapes[norm + "prior_mean"] = shapes[norm + "prior_logv"] = [c["normGroups"]]
    if c["shareEmbedding"]:
        shapes["output.output.weight"] = [c["vocabSize"], c["modelDim"]]
    return shapes


def doubles(file, name):
    """A tensor's numbers in double precision; numpy has no bfloat16, so its bits become a float's upper half."""
    if file.get_slice(name).get_dtype() != "BF16":
        return file.get_tensor(name).astype(numpy.float64)
    with open(PATH, "rb") as raw:
        length = int.from_bytes(raw.read(8), "little")
        begin, end = json.loads(raw.read(length))[name]["data_offsets"]
        raw.seek(8 + length + begin)
        bits = numpy.frombuffer(raw.read(end - begin), dtype="<u2").astype("<u4") << 16
    return bits.view("<f4").astype(numpy.float64)


def problems(file, inspected):
    config = json.loads(file.metadata()["megalodon.config"])
    wanted, extra, found = parameters(config), buffers(config), set(file.keys())
    yield from (f"{name} is missing" for name in sorted(wanted.keys() - found))
    if "rope.freqs" in found:
        yield from (f"{name} is missing" for name in sorted(extra.keys() - found))
        wanted |= extra
    yield from (f"{name} is too much" for name in sorted(found - wanted.keys()))
    for name in sorted(found & wanted.keys()):
        shape = file.get_slice(name).get_shape()
        if shape != wanted[name]:
            yield f"{name} has the shape {shape}, not {wanted[name]}"
        yield from number_problems(name, doubles(file, name), inspected)


def number_problems(name, values, inspected):
    total, magnitude = float(values.sum()), float(numpy.abs(values).sum())
    if not numpy.isfinite(magnitude):
        yield f"{name} has numbers that are not finite"
    if inspected is None:
        return
    if name not in inspected:
        yield f"{name} was not printed by megalodon inspect"
    # The order of additions differs: the error grows with the number of terms.
    elif not abs(total - inspected[name]["sum"]) <= 1e-15 * max(values.size, 1) * magnitude:
        yield f"{name} adds up to {total!r}, megalodon inspect says {inspected[name]['sum']!r}"


def main():
    inspected = None
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding="utf-8") as text:
            inspected = {tensor["name"]: tensor["statistics"] for tensor in json.load(text)["tensors"]}
    with safe_open(PATH, framework="np") as file:
        found = list(problems(file, inspected))
        for problem in found:
            print(f"BAD  {problem}")
        if found:
            sys.exit(1)
        sums = "" if inspected is None else ", sums as megalodon inspect printed them"
        print(f"ok   {PATH}: {len(file.keys())} tensors, names, shapes and finite numbers{sums}")


if len(sys.argv) < 2:
    sys.exit("usage: check-export FILE [INSPECT.json]")
PATH = sys.argv[1]
main()
