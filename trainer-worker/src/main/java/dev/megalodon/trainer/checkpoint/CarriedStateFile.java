package dev.megalodon.trainer.checkpoint;

import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.safetensors.DataType;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.kernels.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;

/**
 * What the sequences of a batch carry from step to step, as a file that ranks of any mesh can read:
 * tensors whose first dimension is the sequence, and in the metadata which sequences of the global
 * batch these are.
 */
final class CarriedStateFile {
  private static final String FIRST_SEQUENCE = "first_sequence";

  private CarriedStateFile() {}

  /**
   * Writes some consecutive sequences.
   *
   * @param firstSequence number of the first in the global batch
   * @param states tensors by name, of one micro-batch after the other; the names are the same in
   *     all
   */
  static void write(
      WritableByteChannel channel, long firstSequence, List<? extends Map<String, Tensor>> states)
      throws IOException {
    List<SafetensorsWriter.Entry> entries =
        states.getFirst().keySet().stream().map(name -> entry(name, states)).toList();
    SafetensorsWriter.write(channel, Map.of(FIRST_SEQUENCE, Long.toString(firstSequence)), entries);
  }

  private static SafetensorsWriter.Entry entry(
      String name, List<? extends Map<String, Tensor>> states) {
    List<Tensor> tensors =
        states.stream().map(state -> Objects.requireNonNull(state.get(name))).toList();
    Tensor shape = tensors.getFirst();
    List<Long> dims = new ArrayList<>(Arrays.stream(shape.dims()).boxed().toList());
    dims.set(0, tensors.stream().mapToLong(tensor -> tensor.dim(0)).sum());
    List<MemorySegment> parts = tensors.stream().map(Tensor::memory).toList();
    return new SafetensorsWriter.Entry(name, DataType.of(shape.type()), dims, parts);
  }

  /**
   * Reads those sequences of a micro-batch that the file holds.
   *
   * @param firstSequence number of the micro-batch's first in the global batch
   * @param state where to
   * @return how many were read
   * @throws IOException naming the file and what does not fit
   */
  static long read(SafetensorsFile file, long firstSequence, SortedMap<String, Tensor> state)
      throws IOException {
    long fileFirst = firstSequence(file);
    long read = 0;
    for (Map.Entry<String, Tensor> wanted : state.entrySet()) {
      Tensor stored = file.tensor(wanted.getKey());
      requireSameRows(file, wanted.getKey(), stored, wanted.getValue());
      read = copyRows(stored, fileFirst, wanted.getValue(), firstSequence);
    }
    return read;
  }

  private static long firstSequence(SafetensorsFile file) throws IOException {
    String text = file.metadata().getOrDefault(FIRST_SEQUENCE, "");
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      DamagedCheckpointException damaged =
          new DamagedCheckpointException(
              "%s says '%s' where its first sequence should be".formatted(file.path(), text));
      damaged.initCause(e);
      throw damaged;
    }
  }

  private static void requireSameRows(
      SafetensorsFile file, String name, Tensor stored, Tensor wanted) throws IOException {
    boolean same =
        stored.type() == wanted.type()
            && Arrays.equals(stored.dims(), 1, stored.rank(), wanted.dims(), 1, wanted.rank());
    if (!same) {
      throw new DamagedCheckpointException(
          "%s holds '%s' as %s; this run carries %s".formatted(file.path(), name, stored, wanted));
    }
  }

  private static long copyRows(Tensor stored, long storedFirst, Tensor wanted, long wantedFirst) {
    long from = Math.max(storedFirst, wantedFirst);
    long to = Math.min(storedFirst + stored.dim(0), wantedFirst + wanted.dim(0));
    if (from < to) {
      MemorySegment source = stored.slice(from - storedFirst, to - from).memory();
      wanted.slice(from - wantedFirst, to - from).memory().copyFrom(source);
    }
    return Math.max(0, to - from);
  }
}
