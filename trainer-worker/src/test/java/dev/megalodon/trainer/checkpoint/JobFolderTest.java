package dev.megalodon.trainer.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobFolderTest {
  @TempDir Path volume;

  @Test
  void shouldBelongToTheJobThatCameFirst() {
    folder().claim("uid-1");
    folder().claim("uid-1");
    WorkerExit exit = assertThrows(WorkerExit.class, () -> folder().claim("uid-2"));
    assertEquals(ExitCode.BAD_SPEC, exit.code());
    for (String part : List.of("uid-1", "uid-2", path().toString(), "another name")) {
      assertTrue(exit.sentence().contains(part), exit.sentence());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{\"jobUid\":", "{}", "{\"jobUid\": 7}"})
  void shouldTakeAFolderWhoseClaimACrashHasTorn(String torn) throws IOException {
    Files.createDirectories(path());
    Files.writeString(path().resolve(JobFolder.OWNER), torn);
    folder().claim("uid-1");
    assertThrows(WorkerExit.class, () -> folder().claim("uid-2"));
  }

  @Test
  void shouldGiveWayToOneOfManyThatComeAtOnce() throws Exception {
    List<Callable<Boolean>> claims =
        IntStream.range(0, 8).<Callable<Boolean>>mapToObj(i -> () -> claims("uid-" + i)).toList();
    int won = 0;
    try (ExecutorService threads = Executors.newFixedThreadPool(claims.size())) {
      for (Future<Boolean> claim : threads.invokeAll(claims)) {
        won += claim.get() ? 1 : 0;
      }
    }
    assertEquals(1, won);
  }

  private boolean claims(String uid) {
    try {
      new JobFolder(path(), Duration.ofSeconds(20)).claim(uid);
      return true;
    } catch (WorkerExit e) {
      assertEquals(ExitCode.BAD_SPEC, e.code(), e.sentence());
      return false;
    }
  }

  @Test
  void shouldNameTheFolderThatCannotBeMade() throws IOException {
    Files.writeString(volume.resolve("namespace"), "a file where a folder should be");
    WorkerExit exit = assertThrows(WorkerExit.class, () -> folder().claim("uid-1"));
    assertEquals(ExitCode.CHECKPOINT_FAILED, exit.code());
    assertTrue(exit.sentence().contains(path().toString()), exit.sentence());
  }

  private Path path() {
    return volume.resolve("namespace/job-uid");
  }

  private JobFolder folder() {
    return new JobFolder(path(), Duration.ZERO);
  }
}
