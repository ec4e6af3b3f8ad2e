package dev.megalodon.trainer.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.megalodon.trainer.parallel.EpochLinks;
import dev.megalodon.trainer.parallel.SoloLinks;
import dev.megalodon.trainer.parallel.StepClock;
import dev.megalodon.trainer.parallel.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StepLogTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {1, 20, 60})
  void shouldBeginOnALineOfItsOwnAfterACrash(int lost) throws IOException {
    log(new StepLog(folder), 1, 2);
    byte[] whole = Files.readAllBytes(file());
    Files.write(file(), Arrays.copyOf(whole, whole.length - lost));
    log(new StepLog(folder), 2, 3);
    assertEquals(List.of(1L, 2L, 3L), steps());
    assertEquals(4, Files.readAllLines(file()).size(), "1, 2 or what is left of it, 2, 3");
  }

  @Test
  void shouldGoOnWhenTheFileCanBeWrittenAgain() throws IOException {
    StepLog log = new StepLog(folder);
    log(log, 1);
    Path aside = folder.resolve("aside");
    Files.move(file(), aside);
    Files.createDirectory(file());
    log(log, 2);
    Files.delete(file());
    Files.writeString(aside, Files.readString(aside) + "{\"kind\":\"st");
    Files.move(aside, file());
    log(log, 3, 4);
    assertEquals(List.of(1L, 3L, 4L), steps());
  }

  private Path file() {
    return folder.resolve(StepLog.FILE);
  }

  private List<Long> steps() throws IOException {
    return List.copyOf(StepLogReader.heldOutLosses(folder).keySet());
  }

  private static void log(StepLog log, long... steps) {
    StepClock clock = new StepClock(Ticker.SYSTEM);
    EpochLinks alone = SoloLinks.open(1, clock);
    Session session =
        new Session(
            1,
            1,
            1,
            "",
            alone.collectives(),
            alone.chunkGroup(1),
            alone.neighbours(),
            alone::requireWhole,
            clock);
    for (long step : steps) {
      log.evaluation(session, step, 1.0 / step, "2026-01-01T00:00:00Z");
    }
  }
}
