package dev.megalodon.e2e.faults;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Somebody fills the checkpoint volume, and makes room again. For jobs on a {@link SmallVolume}.
 *
 * @param time for how long it is full at least
 */
record FillVolume(Duration time) implements Fault {
  static final String NAME = "checkpoint volume full";

  private static final int PIECE = 1 << 16;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Expectation expectation() {
    return Expectation.unnoticed();
  }

  @Override
  public Set<Integer> victims(Scene scene) {
    return Set.of();
  }

  @Override
  public Hold hold() {
    return Hold.outage(time);
  }

  /** On a busy machine the next checkpoint may be due only after the usual time. */
  @Override
  public boolean isFelt(Watch watch) {
    return watch.hasCheckpointFailure();
  }

  @Override
  public Injection inject(Scene scene) {
    Path filler = scene.workspace().checkpoints().resolve("filler");
    Injection injection =
        Injection.endedBy(() -> delete(filler)).checking(FillVolume::wasNoticedAndOver);
    fill(filler);
    return injection;
  }

  private static List<String> wasNoticedAndOver(Evidence evidence) {
    if (!evidence.watch().hasCheckpointFailure()) {
      return List.of("no worker reported a checkpointFailure");
    }
    return List.of();
  }

  private static void fill(Path filler) {
    try (OutputStream out = Files.newOutputStream(filler)) {
      byte[] piece = new byte[PIECE];
      while (true) {
        out.write(piece);
      }
    } catch (IOException full) {
      // That is what it is for.
    }
  }

  private static void delete(Path filler) {
    try {
      Files.deleteIfExists(filler);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
