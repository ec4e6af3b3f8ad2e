package dev.megalodon.trainer.checkpoint;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.model.ParameterFiles;
import dev.megalodon.trainer.optimizer.OptimizerShard;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Reads a checkpoint into memory, whatever number of ranks wrote it. */
public final class CheckpointLoader {
  private CheckpointLoader() {}

  /**
   * Reads whole parameters, converting between floating types.
   *
   * @throws IOException naming the file and the tensor that is missing or of another shape
   */
  public static void loadParameters(StoredCheckpoint checkpoint, Device device, FlatTensors target)
      throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(checkpoint.parameters())) {
      ParameterFiles.load(file, device, target);
    }
  }

  /**
   * Reads one rank's optimizer state; all zero when the checkpoint holds parameters only.
   *
   * @throws IOException naming the file, or the parameter whose state is not whole
   */
  public static void loadOptimizer(StoredCheckpoint checkpoint, OptimizerShard target)
      throws IOException {
    if (!checkpoint.manifest().withOptimizer()) {
      target.clear();
      return;
    }
    Map<String, List<OptimizerShard.Piece>> wanted =
        target.pieces().stream().collect(Collectors.groupingBy(OptimizerShard.Piece::tensor));
    long found = 0;
    for (Path path : checkpoint.optimizerShards()) {
      try (SafetensorsFile file = SafetensorsFile.open(path)) {
        found += copy(file, wanted, target);
      }
    }
    long needed = target.pieces().stream().mapToLong(OptimizerShard.Piece::length).sum();
    if (found != needed) {
      throw new DamagedCheckpointException(
          "%s holds the optimizer state of %d of %d elements of rank %d"
              .formatted(checkpoint.folder(), found, needed, target.rank()));
    }
  }

  private static long copy(
      SafetensorsFile file, Map<String, List<OptimizerShard.Piece>> wanted, OptimizerShard target)
      throws IOException {
    MemorySegment first = moments(file, ShardFile.FIRST_MOMENT, target.firstMoment());
    MemorySegment second = moments(file, ShardFile.SECOND_MOMENT, target.secondMoment());
    long copied = 0;
    long position = 0;
    for (ShardFile.Stretch stretch : ShardFile.index(file)) {
      for (OptimizerShard.Piece piece : wanted.getOrDefault(stretch.tensor(), List.of())) {
        long from = Math.max(stretch.offset(), piece.tensorOffset());
        long to =
            Math.min(stretch.offset() + stretch.length(), piece.tensorOffset() + piece.length());
        if (from < to) {
          long source = position + from - stretch.offset();
          long destination = piece.shardOffset() + from - piece.tensorOffset();
          copy(first, source, target.firstMoment(), destination, to - from);
          copy(second, source, target.secondMoment(), destination, to - from);
          copied += to - from;
        }
      }
      position += stretch.length();
    }
    return copied;
  }

  private static MemorySegment moments(SafetensorsFile file, String name, Tensor wanted)
      throws IOException {
    Tensor stored = file.tensor(name);
    if (stored.type() != wanted.type()) {
      throw new DamagedCheckpointException(
          "%s holds '%s' as %s; this device keeps it as %s"
              .formatted(file.path(), name, stored.type(), wanted.type()));
    }
    return stored.memory();
  }

  private static void copy(MemorySegment source, long from, Tensor target, long to, long elements) {
    int bytes = target.type().bytes();
    MemorySegment.copy(source, from * bytes, target.memory(), to * bytes, elements * bytes);
  }
}
