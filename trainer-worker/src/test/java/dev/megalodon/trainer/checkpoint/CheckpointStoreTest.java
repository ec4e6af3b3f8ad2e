package dev.megalodon.trainer.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.model.FlatLayout;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.optimizer.OptimizerShard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointStoreTest {
  @TempDir Path folder;
  private final TrialCheckpoints trial = new TrialCheckpoints(/* layers= */ 2);
  private final Device device = trial.device();
  private final List<String> reports = new ArrayList<>();
  private CheckpointStore store;

  @BeforeEach
  void open() {
    store = new CheckpointStore(folder.resolve("job"), Duration.ZERO);
  }

  @AfterEach
  void close() {
    trial.close();
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
    FlatLayout layout = trial.layout(readers);
    for (int rank = 0; rank < readers; rank++) {
      FlatTensors parameters = FlatTensors.allocate(device, layout);
      OptimizerShard shard = OptimizerShard.allocate(device, layout, rank);
      CheckpointLoader.loadParameters(found, device, parameters);
      CheckpointLoader.loadOptimizer(found, device, shard);
      requireEqual(trial.parameters(layout, 40).flat(), parameters.flat());
      OptimizerShard expected = trial.shard(layout, rank);
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
    CheckpointId torn = new CheckpointId(1, 1, 15);
    Files.writeString(store.prepare(torn).resolve(".manifest.json.partial"), "{");
    CheckpointId givenUp = new CheckpointId(2, 1, 35);
    trial.writeRank(store, givenUp, 0, 2);
    store.retain(new CheckpointId(2, 1, 40), 2, List.of(resumePoint));
    assertEquals(List.of(40L, 30L, 10L), steps());
    assertTrue(Files.notExists(store.folder(torn)), "the torn one of an older epoch");
    assertTrue(Files.notExists(store.folder(givenUp)), "the failed one of this epoch");
  }

  /** Rank 0 of an epoch was frozen; the others went on without it; now it wakes up. */
  @Test
  void shouldLetASupersededRankHarmNothing() throws IOException {
    write(new CheckpointId(1, 1, 10), 1);
    String resumePoint = write(new CheckpointId(1, 1, 20), 1).digest();
    StoredCheckpoint newest = write(new CheckpointId(2, 1, 30), 1);
    CheckpointId inWork = new CheckpointId(2, 1, 40);
    trial.writeRank(store, inWork, 0, 2);
    CheckpointStore superseded = new CheckpointStore(store.folder(), Duration.ZERO);
    for (long step = 30; step <= 90; step += 20) {
      CheckpointId late = new CheckpointId(1, 1, step);
      trial.write(superseded, late, 1);
      superseded.retain(late, 1, List.of());
    }
    assertEquals(newest, store.newestVerified(reports::add).orElseThrow());
    assertTrue(steps().contains(20L), "the resume point of the newer epoch");
    assertTrue(Files.exists(store.folder(inWork)), "what the newer epoch writes now");
    store.retain(newest.manifest().id(), 1, List.of(resumePoint));
    assertEquals(List.of(30L, 20L), steps());
    assertEquals(List.of(), reports);
  }

  @ParameterizedTest
  @ValueSource(strings = {"parameters.safetensors", "manifest.sha256"})
  void shouldNotDeleteTheLastOneThatIsWhole(String lost) throws IOException {
    write(new CheckpointId(1, 1, 10), 1);
    write(new CheckpointId(1, 1, 20), 1);
    for (long step = 30; step <= 40; step += 10) {
      Files.delete(write(new CheckpointId(1, 1, step), 1).folder().resolve(lost));
    }
    store.retain(new CheckpointId(1, 1, 40), 2, List.of());
    assertEquals(List.of(40L, 30L, 20L), steps());
    assertEquals(20, store.newestVerified(reports::add).orElseThrow().manifest().step());
  }

  private List<Long> steps() throws IOException {
    return store.committed().stream().map(CheckpointId::step).toList();
  }

  /** Whatever happens to whichever file: the checkpoint is not believed, the one before is. */
  @ParameterizedTest
  @EnumSource
  void shouldFindAnyDamageToAnyFile(Damage damage) throws IOException {
    write(new CheckpointId(1, 1, 10), 2);
    StoredCheckpoint newest = write(new CheckpointId(1, 1, 20), 2);
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
    int tried = 0;
    for (Path file : filesOf(newest)) {
      byte[] whole = Files.readAllBytes(file);
      for (int i = 0; i < damage.places; i++, tried++) {
        damage.apply(file, whole, random);
        reports.clear();
        StoredCheckpoint found = store.newestVerified(reports::add).orElseThrow();
        boolean committed = Files.exists(newest.folder().resolve("manifest.json"));
        assertEquals(10, found.manifest().step(), () -> damage + " of " + file);
        assertEquals(committed ? 1 : 0, reports.size(), () -> damage + " of " + file);
      }
      Files.write(file, whole);
    }
    assertEquals(newest, store.newestVerified(reports::add).orElseThrow());
    System.out.printf("%s: found %d of %d%n", damage, tried, tried);
  }

  private static List<Path> filesOf(StoredCheckpoint checkpoint) throws IOException {
    try (Stream<Path> files = Files.list(checkpoint.folder())) {
      return files.sorted().toList();
    }
  }

  /** What happens to files. */
  private enum Damage {
    TORN(20) {
      @Override
      byte[] of(byte[] whole, RandomGenerator random) {
        return Arrays.copyOf(whole, random.nextInt(whole.length));
      }
    },
    BIT_FLIPPED(20) {
      @Override
      byte[] of(byte[] whole, RandomGenerator random) {
        byte[] bytes = whole.clone();
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        return bytes;
      }
    },
    ZERO_TAIL(20) {
      @Override
      byte[] of(byte[] whole, RandomGenerator random) {
        byte[] bytes = whole.clone();
        // Ends of files are never zeros here, so one byte is enough to make a difference.
        Arrays.fill(bytes, random.nextInt(bytes.length), bytes.length, (byte) 0);
        return bytes;
      }
    },
    LONGER(1) {
      @Override
      byte[] of(byte[] whole, RandomGenerator random) {
        return Arrays.copyOf(whole, whole.length + 1);
      }
    },
    MISSING(1) {
      @Override
      void apply(Path file, byte[] whole, RandomGenerator random) throws IOException {
        Files.delete(file);
      }
    };

    private final int places;

    Damage(int places) {
      this.places = places;
    }

    byte[] of(byte[] whole, RandomGenerator random) {
      return whole;
    }

    void apply(Path file, byte[] whole, RandomGenerator random) throws IOException {
      Files.write(file, of(whole, random));
    }
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
    FlatLayout layout = trial.layout(1);
    FlatTensors parameters = trial.parameters(layout, 1);
    OptimizerShard shard = trial.shard(layout, 0);
    CheckpointId id = new CheckpointId(1, 1, 1);
    try (CheckpointWriter writer =
        new CheckpointWriter(store, Map.of("k", "v"), parameters, shard, Optional.empty())) {
      writer.begin(id);
      parameters.flat().memory().fill((byte) 0);
      shard.clear();
      store.commit(TrialCheckpoints.manifest(id, 1, writer.finish()));
    }
    StoredCheckpoint found = store.newestVerified(reports::add).orElseThrow();
    FlatTensors loaded = FlatTensors.allocate(device, layout);
    CheckpointLoader.loadParameters(found, device, loaded);
    requireEqual(trial.parameters(layout, 1).flat(), loaded.flat());
  }

  private StoredCheckpoint write(CheckpointId id, int worldSize) throws IOException {
    return trial.write(store, id, worldSize);
  }

  private void requireEqual(Tensor expected, Tensor actual) {
    assertArrayEquals(device.transfer().toDoubles(expected), device.transfer().toDoubles(actual));
  }

  private static void flipOneBit(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }
}
