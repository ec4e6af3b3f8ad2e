package dev.megalodon.trainer.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.cpu.CpuDevice;
import dev.megalodon.kernels.gemm.GemmProvider;
import dev.megalodon.kernels.host.Bfloat16;
import dev.megalodon.kernels.safetensors.DataType;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.trainer.model.FlatLayout;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.model.Initialization;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.optimizer.OptimizerShard;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs in bf16 and in fp32 go on from each other's checkpoints with all the precision there is. */
class MasterParametersTest {
  private static final ModelConfig CONFIG =
      new ModelConfig(2, 8, 8, 12, 2, 10, 3, 4, 2, 1e-5, 11, 10_000, true, true, true, false);
  private static final CheckpointId ID = new CheckpointId(1, 1, 10);
  private static final long SEED = 5;

  @TempDir Path folder;
  private final Device bf16 = new CpuDevice(1, GemmProvider.VECTOR, Precision.BF16);
  private final Device fp32 = new CpuDevice(1);
  private CheckpointStore store;

  @BeforeEach
  void open() {
    store = new CheckpointStore(folder.resolve("job"), Duration.ZERO);
  }

  @AfterEach
  void close() {
    bf16.close();
    fp32.close();
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1,3", "3,1", "2,4", "4,3"})
  void shouldBringMastersToAnotherNumberOfRanks(int writers, int readers) throws IOException {
    StoredCheckpoint checkpoint = write(bf16, writers, /* withMasters= */ true);
    FlatLayout layout = layout(bf16, readers);
    for (int rank = 0; rank < readers; rank++) {
      OptimizerShard shard = OptimizerShard.allocate(bf16, layout, rank);
      CheckpointLoader.loadOptimizer(checkpoint, bf16, shard);
      requireEqual(
          shard(bf16, layout, rank).masters().orElseThrow(), shard.masters().orElseThrow());
    }
  }

  @Test
  void shouldStoreParametersInBfloat16() throws IOException {
    StoredCheckpoint checkpoint = write(bf16, 2, /* withMasters= */ true);
    try (SafetensorsFile file = SafetensorsFile.open(checkpoint.parameters())) {
      assertEquals(DataType.BF16, file.info("embed.weight").type());
    }
    FlatTensors loaded = FlatTensors.allocateParameters(bf16, layout(bf16, 3));
    CheckpointLoader.loadParameters(checkpoint, bf16, loaded);
    requireEqual(parameters(bf16, layout(bf16, 3)).flat(), loaded.flat());
  }

  @Test
  void shouldTrainMastersOnInSinglePrecision() throws IOException {
    StoredCheckpoint checkpoint = write(bf16, 3, /* withMasters= */ true);
    requireEqual(parameters(fp32, layout(fp32, 2)).flat(), loadedSingles(checkpoint));
  }

  @Test
  void shouldMakeMastersFromSinglePrecision() throws IOException {
    StoredCheckpoint checkpoint = write(fp32, 2, /* withMasters= */ false);
    OptimizerShard shard = loadedShard(checkpoint);
    requireEqual(
        shard(bf16, shard.layout(), 0).masters().orElseThrow(), shard.masters().orElseThrow());
  }

  @Test
  void shouldWidenParametersWhereThereAreNoMasters() throws IOException {
    StoredCheckpoint checkpoint = write(bf16, 2, /* withMasters= */ false);
    requireEqual(parameters(bf16, layout(fp32, 2)).flat(), loadedSingles(checkpoint));
    OptimizerShard shard = loadedShard(checkpoint);
    double[] expected =
        bf16.transfer().toDoubles(shard(bf16, shard.layout(), 0).masters().orElseThrow());
    for (int i = 0; i < expected.length; i++) {
      expected[i] = Bfloat16.round((float) expected[i]);
    }
    assertArrayEquals(expected, bf16.transfer().toDoubles(shard.masters().orElseThrow()));
  }

  private Tensor loadedSingles(StoredCheckpoint checkpoint) throws IOException {
    FlatTensors loaded = FlatTensors.allocateParameters(fp32, layout(fp32, 2));
    CheckpointLoader.loadParameters(checkpoint, fp32, loaded);
    return loaded.flat();
  }

  private OptimizerShard loadedShard(StoredCheckpoint checkpoint) throws IOException {
    OptimizerShard shard = OptimizerShard.allocate(bf16, layout(bf16, 1), 0);
    CheckpointLoader.loadOptimizer(checkpoint, bf16, shard);
    return shard;
  }

  private StoredCheckpoint write(Device device, int worldSize, boolean withMasters)
      throws IOException {
    FlatLayout layout = layout(device, worldSize);
    List<FileDigest> files = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      OptimizerShard shard = shard(device, layout, rank);
      try (CheckpointWriter writer =
          new CheckpointWriter(
              store,
              Map.of(),
              parameters(device, layout),
              withMasters ? shard : withoutMasters(shard),
              Optional.empty())) {
        writer.begin(ID);
        files.addAll(writer.finish());
      }
    }
    return store.commit(TrialCheckpoints.manifest(ID, worldSize, files));
  }

  private static OptimizerShard withoutMasters(OptimizerShard shard) {
    return new OptimizerShard(
        shard.layout(), shard.rank(), shard.firstMoment(), shard.secondMoment(), Optional.empty());
  }

  private static FlatLayout layout(Device device, int worldSize) {
    return FlatLayout.of(CONFIG, worldSize, device.parameterType().bytes(), 1 << 10);
  }

  private static FlatTensors parameters(Device device, FlatLayout layout) {
    FlatTensors parameters = FlatTensors.allocateParameters(device, layout);
    Initialization.initialize(device, CONFIG, SEED, parameters);
    return parameters;
  }

  /** Masters from the seed, where the device keeps any. */
  private static OptimizerShard shard(Device device, FlatLayout layout, int rank) {
    OptimizerShard shard = OptimizerShard.allocate(device, layout, rank);
    assertEquals(device.parameterType() == ElementType.BFLOAT16, shard.masters().isPresent());
    shard.begin(
        (piece, target) ->
            Initialization.initialize(
                device, CONFIG, SEED, piece.tensor(), piece.tensorOffset(), target));
    return shard;
  }

  private void requireEqual(Tensor expected, Tensor actual) {
    assertArrayEquals(fp32.transfer().toDoubles(expected), fp32.transfer().toDoubles(actual));
  }
}
