package dev.megalodon.trainer.checkpoint;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.trainer.model.CarriedStates;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.model.ModelState;
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
   * Reads whole parameters, converting between floating types. Parameters that are more precise
   * than the file's are the masters, where the checkpoint has them.
   *
   * @throws IOException naming the file and the tensor that is missing or of another shape
   */
  public static void loadParameters(StoredCheckpoint checkpoint, Device device, FlatTensors target)
      throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(checkpoint.parameters())) {
      ParameterFiles.load(file, device, target);
    }
    if (target.flat().type() != ElementType.BFLOAT16) {
      for (Path path : checkpoint.optimizerShards()) {
        loadMasters(path, device, target);
      }
    }
  }

  private static void loadMasters(Path path, Device device, FlatTensors target) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      if (!file.contains(ShardFile.MASTERS)) {
        return;
      }
      long position = 0;
      for (ShardFile.Stretch stretch : ShardFile.index(file)) {
        Tensor part = target.tensor(stretch.tensor()).view(stretch.offset(), stretch.length());
        ParameterFiles.load(file, device, ShardFile.MASTERS, position, part);
        position += stretch.length();
      }
    }
  }

  /**
   * Reads one rank's optimizer state. Masters that the checkpoint lacks, because its run kept none,
   * are its parameters; moments that it lacks, because it holds parameters only, are zero.
   *
   * @throws IOException naming the file, or the parameter whose state is not whole
   */
  public static void loadOptimizer(
      StoredCheckpoint checkpoint, Device device, OptimizerShard target) throws IOException {
    beginFromParameters(checkpoint, device, target);
    if (!checkpoint.manifest().withOptimizer()) {
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

  /**
   * Reads what a rank's sequences carry, whatever mesh wrote it.
   *
   * @return whether the checkpoint had all of them; those that it lacks are left as they are
   * @throws IOException naming the file that does not fit
   */
  public static boolean loadCarried(StoredCheckpoint checkpoint, CarriedStates target)
      throws IOException {
    long found = 0;
    for (Path path : checkpoint.carriedStates()) {
      try (SafetensorsFile file = SafetensorsFile.open(path)) {
        found += copy(file, target);
      }
    }
    return found == target.byMicroBatch().stream().mapToLong(ModelState::sequences).sum();
  }

  /** Copies what a file has of the carried states; returns of how many sequences. */
  private static long copy(SafetensorsFile file, CarriedStates target) throws IOException {
    long first = target.firstSequence();
    long found = 0;
    for (ModelState microBatch : target.byMicroBatch()) {
      found += CarriedStateFile.read(file, first, microBatch.byName());
      first += microBatch.sequences();
    }
    return found;
  }

  private static void beginFromParameters(
      StoredCheckpoint checkpoint, Device device, OptimizerShard target) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(checkpoint.parameters())) {
      target.begin(
          (piece, part) ->
              ParameterFiles.load(file, device, piece.tensor(), piece.tensorOffset(), part));
    }
  }

  /** Copies what a file has of the shard; returns of how many elements it has the moments. */
  private static long copy(
      SafetensorsFile file, Map<String, List<OptimizerShard.Piece>> wanted, OptimizerShard target)
      throws IOException {
    List<ShardFile.Stretch> index = ShardFile.index(file);
    if (target.masters().isPresent() && file.contains(ShardFile.MASTERS)) {
      copy(file, ShardFile.MASTERS, index, wanted, target.masters().get());
    }
    copy(file, ShardFile.FIRST_MOMENT, index, wanted, target.firstMoment());
    return copy(file, ShardFile.SECOND_MOMENT, index, wanted, target.secondMoment());
  }

  private static long copy(
      SafetensorsFile file,
      String name,
      List<ShardFile.Stretch> index,
      Map<String, List<OptimizerShard.Piece>> wanted,
      Tensor target)
      throws IOException {
    MemorySegment stored = stored(file, name, target);
    long copied = 0;
    long position = 0;
    for (ShardFile.Stretch stretch : index) {
      for (OptimizerShard.Piece piece : wanted.getOrDefault(stretch.tensor(), List.of())) {
        long from = Math.max(stretch.offset(), piece.tensorOffset());
        long to =
            Math.min(stretch.offset() + stretch.length(), piece.tensorOffset() + piece.length());
        if (from < to) {
          long source = position + from - stretch.offset();
          long destination = piece.shardOffset() + from - piece.tensorOffset();
          copy(stored, source, target, destination, to - from);
          copied += to - from;
        }
      }
      position += stretch.length();
    }
    return copied;
  }

  private static MemorySegment stored(SafetensorsFile file, String name, Tensor wanted)
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
