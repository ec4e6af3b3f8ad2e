package dev.megalodon.trainer.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.reference.ReferenceDevice;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.model.FlatLayout;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.model.Initialization;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.optimizer.OptimizerShard;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointStoreTest {
  private static final ModelConfig CONFIG =
      new ModelConfig(2, 8, 8, 12, 2, 10, 3, 4, 2, 1e-5, 11, 10_000, true, true, true, false);

  @TempDir Path folder;
  private final Device device = new ReferenceDevice();
  private final List<String> reports = new ArrayList<>();
  private CheckpointStore store;

  @BeforeEach
  void open() {
    store = new CheckpointStore(folder.resolve("job"), Duration.ZERO);
  }

  @AfterEach
  void close() {
    device.close();
  }

  @Test
  void shouldHaveNoneAtFirst() {
    assertEquals(Optional.empty(), store.newestVerified(reports::add));
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1,3", "3,1", "3,2", "2,4", "4,3"})
  void shouldReadWhatAnotherNumberOfRanksWrote(int writers, int readers) throws IOException {
    StoredCheckpoint written = write(new CheckpointId(3, 1, 40), writers);
    StoredCheckpoint found = store.newestVerified(reports::add).orElseThrow();
    assertEquals(written, found);
    FlatLayout layout = layout(readers);
    for (int rank = 0; rank < readers; rank++) {
      FlatTensors parameters = FlatTensors.allocate(device, layout);
      OptimizerShard shard = OptimizerShard.allocate(device, layout, rank);
      CheckpointLoader.loadParameters(found, device, parameters);
      CheckpointLoader.loadOptimizer(found, device, shard);
      requireEqual(parameters(layout).flat(), parameters.flat());
      OptimizerShard expected = shard(layout, rank);
      requireEqual(expected.firstMoment(), shard.firstMoment());
      requireEqual(expected.secondMoment(), shard.secondMoment());
    }
  }

  @Test
  void shouldTakeTheGreatestEpochBeforeTheGreatestStep() throws IOException {
    write(new CheckpointId(2, 1, 90), 1);
    write(new CheckpointId(10, 1, 50), 1);
    write(new CheckpointId(10, 1, 60), 1);
    assertEquals(
        new CheckpointId(10, 1, 60),
        store.newestVerified(reports::add).orElseThrow().manifest().id());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"parameters.safetensors", "optimizer-00001-of-00002.safetensors", "manifest.json"})
  void shouldUseTheOneBeforeADamagedOne(String name) throws IOException {
    write(new CheckpointId(1, 1, 10), 2);
    Path newest = write(new CheckpointId(1, 1, 20), 2).folder();
    flipOneBit(newest.resolve(name));
    assertEquals(10, store.newestVerified(reports::add).orElseThrow().manifest().step());
    assertEquals(1, reports.size());
    assertTrue(reports.getFirst().contains(newest.resolve(name).toString()), reports.toString());
  }

  @Test
  void shouldUseTheOneBeforeATornOne() throws IOException {
    write(new CheckpointId(1, 1, 10), 1);
    Path newest = write(new CheckpointId(1, 1, 20), 1).folder();
    truncate(newest.resolve(Manifest.PARAMETERS));
    assertEquals(10, store.newestVerified(reports::add).orElseThrow().manifest().step());
  }

  @Test
  void shouldIgnoreAFolderWithoutManifest() throws IOException {
    write(new CheckpointId(1, 1, 10), 1);
    Files.delete(write(new CheckpointId(1, 1, 20), 1).folder().resolve("manifest.json"));
    assertEquals(10, store.newestVerified(reports::add).orElseThrow().manifest().step());
    assertEquals(List.of(), reports);
  }

  @Test
  void shouldExitNamingTheFileWhenAllAreDamaged() throws IOException {
    Path file = write(new CheckpointId(1, 1, 10), 1).parameters();
    flipOneBit(file);
    WorkerExit exit = assertThrows(WorkerExit.class, () -> store.newestVerified(reports::add));
    assertEquals(ExitCode.CHECKPOINT_FAILED, exit.code());
    assertTrue(exit.sentence().contains(file.toString()), exit.sentence());
  }

  @Test
  void shouldKeepTheNewestAndWhatItIsToldTo() throws IOException {
    String resumePoint = write(new CheckpointId(1, 1, 10), 1).digest();
    write(new CheckpointId(1, 1, 20), 1);
    write(new CheckpointId(2, 1, 30), 1);
    write(new CheckpointId(2, 1, 40), 1);
    write(new CheckpointId(3, 1, 5), 1);
    CheckpointId torn = new CheckpointId(1, 1, 15);
    store.prepare(torn);
    store.prepare(new CheckpointId(3, 1, 7));
    store.retain(new CheckpointId(2, 1, 40), 2, List.of(resumePoint));
    List<Long> steps = store.committed().stream().map(CheckpointId::step).toList();
    assertEquals(List.of(5L, 40L, 30L, 10L), steps);
    assertTrue(Files.notExists(store.folder(torn)), "the torn one of an older epoch");
    assertTrue(Files.exists(store.folder(new CheckpointId(3, 1, 7))), "a newer epoch's");
  }

  @Test
  void shouldNameTheFileThatCannotBeWritten() throws IOException {
    CheckpointId id = new CheckpointId(1, 1, 10);
    Path inTheWay = store.prepare(id).resolve(Manifest.optimizerShard(0, 1));
    Files.createDirectories(inTheWay.resolve("something"));
    IOException failure = assertThrows(IOException.class, () -> write(id, 1));
    assertTrue(failure.toString().contains(inTheWay.toString()), failure.toString());
  }

  @Test
  void shouldWriteWhatTheStateWasWhenItBegan() throws IOException {
    FlatLayout layout = layout(1);
    FlatTensors parameters = parameters(layout);
    OptimizerShard shard = shard(layout, 0);
    CheckpointId id = new CheckpointId(1, 1, 1);
    try (CheckpointWriter writer =
        new CheckpointWriter(store, Map.of("k", "v"), parameters, shard, Optional.empty())) {
      writer.begin(id);
      parameters.flat().memory().fill((byte) 0);
      shard.clear();
      store.commit(manifest(id, 1, writer.finish()));
    }
    StoredCheckpoint found = store.newestVerified(reports::add).orElseThrow();
    FlatTensors loaded = FlatTensors.allocate(device, layout);
    CheckpointLoader.loadParameters(found, device, loaded);
    requireEqual(parameters(layout).flat(), loaded.flat());
  }

  private StoredCheckpoint write(CheckpointId id, int worldSize) throws IOException {
    FlatLayout layout = layout(worldSize);
    List<FileDigest> files = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      try (CheckpointWriter writer =
          new CheckpointWriter(
              store, Map.of(), parameters(layout), shard(layout, rank), Optional.empty())) {
        writer.begin(id);
        files.addAll(writer.finish());
      }
    }
    return store.commit(manifest(id, worldSize, files));
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

  private static FlatLayout layout(int worldSize) {
    return FlatLayout.of(CONFIG, worldSize, 8, 1 << 10);
  }

  private FlatTensors parameters(FlatLayout layout) {
    FlatTensors parameters = FlatTensors.allocate(device, layout);
    Initialization.initialize(device, CONFIG, 5, parameters);
    return parameters;
  }

  /** Moments that depend on the parameter and the place in it alone. */
  private OptimizerShard shard(FlatLayout layout, int rank) {
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

  private void requireEqual(Tensor expected, Tensor actual) {
    assertArrayEquals(device.transfer().toDoubles(expected), device.transfer().toDoubles(actual));
  }

  private static void flipOneBit(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }

  private static void truncate(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() / 2);
    }
  }
}
