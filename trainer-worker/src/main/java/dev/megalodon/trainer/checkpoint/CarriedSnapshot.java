package dev.megalodon.trainer.checkpoint;

import dev.megalodon.kernels.Allocator;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.model.CarriedStates;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A copy of what sequences carry, taken between two steps and written while training goes on. */
final class CarriedSnapshot {
  private final CarriedStates states;
  private final String fileName;
  private final List<Tensor> sources = new ArrayList<>();
  private final List<Tensor> copies = new ArrayList<>();
  private final List<SortedMap<String, Tensor>> copiesByName = new ArrayList<>();

  /** Memory for copies of {@code states}. */
  CarriedSnapshot(CarriedStates states, String fileName, Allocator memory) {
    this.states = states;
    this.fileName = fileName;
    for (SortedMap<String, Tensor> microBatch : states.tensors()) {
      copiesByName.add(copies(microBatch, memory));
    }
  }

  private SortedMap<String, Tensor> copies(Map<String, Tensor> microBatch, Allocator memory) {
    SortedMap<String, Tensor> byName = new TreeMap<>();
    microBatch.forEach(
        (name, source) -> {
          Tensor copy = memory.allocate(source.type(), source.dims());
          sources.add(source);
          copies.add(copy);
          byName.put(name, copy);
        });
    return byName;
  }

  /** Copies the states as they are now. */
  void take() {
    for (int i = 0; i < sources.size(); i++) {
      copies.get(i).memory().copyFrom(sources.get(i).memory());
    }
  }

  /** Writes what was copied last. */
  FileDigest write(DurableFiles files, Path folder) throws IOException {
    return files.write(
        folder,
        fileName,
        channel -> CarriedStateFile.write(channel, states.firstSequence(), copiesByName));
  }
}
