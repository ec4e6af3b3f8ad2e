package dev.megalodon.kernels.operations;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Calls of operations with their tensors, ready to run, and what they write. */
public final class Prepared {
  private final Device device;
  private final List<Runnable> calls = new ArrayList<>();
  private final Map<String, Tensor> outputs = new LinkedHashMap<>();

  Prepared(Device device) {
    this.device = device;
  }

  Prepared call(Runnable call) {
    calls.add(call);
    return this;
  }

  Prepared output(String name, Tensor tensor) {
    outputs.put(name, tensor);
    return this;
  }

  /** Runs all calls in order. */
  public void run() {
    calls.forEach(Runnable::run);
  }

  /** Everything the calls wrote, by name. */
  public Map<String, double[]> results() {
    Map<String, double[]> results = new LinkedHashMap<>();
    outputs.forEach((name, tensor) -> results.put(name, device.transfer().toDoubles(tensor)));
    return results;
  }
}
