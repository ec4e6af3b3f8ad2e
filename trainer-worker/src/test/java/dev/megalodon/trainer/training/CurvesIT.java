package dev.megalodon.trainer.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.trainer.recovery.ResumePoint;
import dev.megalodon.trainer.training.TrainingRun.StepPhase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What TensorBoard's own reader finds in a job's folder after losses, live and from the volume. */
class CurvesIT {
  private static final int RANKS = 3;
  private static final long READER_SECONDS = 300;

  @TempDir Path folder;

  @Test
  void shouldShowEveryStepOnceWhoeverWasLost() throws Exception {
    TrialJob job = new TrialJob(folder.resolve("job"), RANKS);
    List<TrialJob.Rank> ranks = new ArrayList<>();
    CyclicBarrier alone = new CyclicBarrier(1);
    CyclicBarrier both = new CyclicBarrier(2);
    ranks.add(job.start(0, Trials.killWithin(16, StepPhase.UPDATED, alone)));
    ranks.add(job.start(1, Trials.killWithin(19, StepPhase.REDUCED, both)));
    ranks.add(job.start(2, TrainingRun.Faults.NONE));
    Trials.assertKilled(ranks.getFirst());
    TrialJob.Rank second = job.start(0, Trials.killWithin(19, StepPhase.REDUCED, both));
    Trials.assertKilled(second);
    Trials.assertKilled(ranks.get(1));
    ranks.set(0, job.start(0, TrainingRun.Faults.NONE));
    ranks.set(1, job.start(1, TrainingRun.Faults.NONE));
    Trials.finish(job, ranks);
    assertInstanceOf(ResumePoint.Live.class, job.decisions().get(1).resume());
    assertInstanceOf(ResumePoint.Checkpoint.class, job.decisions().get(2).resume());

    JsonNode curves = read(job.jobFolder().resolve(Curves.FOLDER));
    assertSame(StepLogReader.losses(job.jobFolder()), curves, "train/loss");
    assertSame(StepLogReader.heldOutLosses(job.jobFolder()), curves, "evaluation/held_out_loss");
    List<Long> all = LongStream.rangeClosed(1, TrialJob.STEPS).boxed().toList();
    assertEquals(all, steps(curves.path("train/gradient_norm")));
    assertEquals(all, steps(curves.path("train/learning_rate")));
    List<Long> timed = steps(curves.path("train/tokens_per_second"));
    assertEquals(timed.stream().distinct().sorted().toList(), timed);
    assertTrue(all.containsAll(timed), timed.toString());
  }

  /** Steps once each and in order, with the losses' values as a float has them. */
  private static void assertSame(SortedMap<Long, String> exact, JsonNode curves, String tag) {
    SortedMap<Long, Float> expected = new TreeMap<>();
    exact.forEach((step, bits) -> expected.put(step, (float) Double.parseDouble(bits)));
    SortedMap<Long, Float> shown = new TreeMap<>();
    curves.path(tag).forEach(point -> shown.put(point.get(0).asLong(), point.get(1).floatValue()));
    assertEquals(expected, shown, tag);
    assertEquals(List.copyOf(expected.keySet()), steps(curves.path(tag)), tag);
  }

  private static List<Long> steps(JsonNode curve) {
    List<Long> steps = new ArrayList<>();
    curve.forEach(point -> steps.add(point.get(0).asLong()));
    return steps;
  }

  private JsonNode read(Path events) throws Exception {
    Path output = folder.resolve("curves.json");
    Path errors = folder.resolve("reader.log");
    Process reader =
        new ProcessBuilder("../e2e-tests/interchange/read-curves", events.toString())
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .start();
    assertTrue(reader.waitFor(READER_SECONDS, TimeUnit.SECONDS), "read-curves did not end");
    assertEquals(0, reader.exitValue(), Files.readString(errors));
    return JsonMapper.builder().build().readTree(output.toFile());
  }
}
