package dev.megalodon.trainer.checkpoint;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.reference.ReferenceDevice;
import dev.megalodon.trainer.model.FlatLayout;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.model.Initialization;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.optimizer.OptimizerShard;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Checkpoints of a tiny model, whose bytes depend on their step alone. */
final class TrialCheckpoints implements AutoCloseable {
  private final ModelConfig config;
  private final Device device = new ReferenceDevice();

  /** Of a model with some layers. */
  TrialCheckpoints(int layers) {
    config =
        new ModelConfig(
            layers, 8, 8, 12, 2, 10, 3, 4, 2, 1e-5, 11, 10_000, true, true, true, false);
  }

  Device device() {
    return device;
  }

  /** Writes a checkpoint as its ranks would, one after the other, and commits it. */
  StoredCheckpoint write(CheckpointStore store, CheckpointId id, int worldSize) throws IOException {
    List<FileDigest> files = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      files.addAll(writeRank(store, id, rank, worldSize));
    }
    return store.commit(manifest(id, worldSize, files));
  }

  /** Writes one rank's files. */
  List<FileDigest> writeRank(CheckpointStore store, CheckpointId id, int rank, int worldSize)
      throws IOException {
    FlatLayout layout = layout(worldSize);
    try (CheckpointWriter writer =
        new CheckpointWriter(
            store,
            Map.of(),
            parameters(layout, id.step()),
            shard(layout, rank),
            Optional.empty())) {
      writer.begin(id);
      return writer.finish();
    }
  }

  static Manifest manifest(CheckpointId id, int worldSize, List<FileDigest> files) {
    return new Manifest(
        Manifest.FORMAT_VERSION,
        "uid",
        id.incarnation(),
        id.counter(),
        id.step(),
        100,
        1000,
        worldSize,
        null,
        1,
        "sha256:data",
        Map.of("layers", 2),
        "sha256:config",
        "reference",
        2.5,
        null,
        null,
        "2026-01-01T00:00:00Z",
        files);
  }

  FlatLayout layout(int worldSize) {
    return FlatLayout.of(config, worldSize, 8, 1 << 10);
  }

  FlatTensors parameters(FlatLayout layout, long seed) {
    FlatTensors parameters = FlatTensors.allocate(device, layout);
    Initialization.initialize(device, config, seed, parameters);
    return parameters;
  }

  /** Moments that depend on the parameter and the place in it alone. */
  OptimizerShard shard(FlatLayout layout, int rank) {
    OptimizerShard shard = OptimizerShard.allocate(device, layout, rank);
    for (OptimizerShard.Piece piece : shard.pieces()) {
      double[] values = new double[(int) piece.length()];
      for (int i = 0; i < values.length; i++) {
        values[i] = piece.tensor().hashCode() + piece.tensorOffset() + i;
      }
      device.transfer().write(values, view(shard.firstMoment(), piece));
      device.transfer().write(values, view(shard.secondMoment(), piece));
    }
    return shard;
  }

  private static Tensor view(Tensor flat, OptimizerShard.Piece piece) {
    return flat.view(piece.shardOffset(), piece.length());
  }

  @Override
  public void close() {
    device.close();
  }
}
