package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.jobs.Workspace;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/**
 * Random faults, one after the other, against a few jobs at once; jobs that are complete are
 * followed by others until the time is over. Which faults, in which order, follows from the seed
 * alone; when they hit depends on the machine.
 */
final class Soak {
  private static final int LANES = 2;

  /** What jobs may still take once the last fault is over. */
  private static final Duration REST = Duration.ofMinutes(3);

  private static final int SHORTEST_PAUSE_MILLIS = 2_000;
  private static final int LONGEST_PAUSE_MILLIS = 6_000;

  private final EmbeddedCluster cluster;
  private final Workspace workspace;
  private final Trial trial;
  private final List<String> log = new ArrayList<>();

  Soak(EmbeddedCluster cluster, Workspace workspace, Trial trial) {
    this.cluster = cluster;
    this.workspace = workspace;
    this.trial = trial;
  }

  /** Goes on for this long, and until the jobs of that time are complete. */
  SoakReport run(Duration time, long seed) {
    Instant end = Instant.now().plus(time);
    List<SoakLane> lanes =
        IntStream.range(0, LANES)
            .mapToObj(n -> new SoakLane(cluster, workspace, trial, n))
            .toList();
    ExecutorService threads = Executors.newFixedThreadPool(LANES);
    try {
      List<Future<List<SoakOutcome>>> running =
          lanes.stream().map(lane -> threads.submit(() -> lane.train(end))).toList();
      hurt(lanes, new Random(seed), end);
      return new SoakReport(seed, collect(running), log);
    } finally {
      threads.shutdownNow();
    }
  }

  private void hurt(List<SoakLane> lanes, Random random, Instant end) {
    while (Instant.now().isBefore(end)) {
      Fault fault = Catalogue.random(random);
      SoakLane lane = lanes.get(random.nextInt(lanes.size()));
      int pause = random.nextInt(SHORTEST_PAUSE_MILLIS, LONGEST_PAUSE_MILLIS);
      lane.awaitVictim(end).ifPresent(scene -> hurt(scene, fault));
      sleep(Duration.ofMillis(pause));
    }
  }

  private void hurt(Scene scene, Fault fault) {
    long step = scene.workspace().steps(scene.job()).newest();
    String what = "%s %s, step %d: %s".formatted(Instant.now(), scene.job(), step, fault.name());
    try {
      Injection injection = fault.inject(scene);
      sleep(fault.hold().time());
      injection.end().run();
      note(what);
    } catch (RuntimeException | AssertionError e) {
      // The rank is being replaced just now, for one: another fault will find it.
      note("%s: not possible: %s".formatted(what, e.getMessage()));
    }
  }

  private void note(String line) {
    log.add(line);
    System.out.println(line);
  }

  private static List<SoakOutcome> collect(List<Future<List<SoakOutcome>>> running) {
    Instant bound = Instant.now().plus(REST);
    return running.stream().flatMap(lane -> collect(lane, bound).stream()).toList();
  }

  private static List<SoakOutcome> collect(Future<List<SoakOutcome>> lane, Instant bound) {
    try {
      long left = Math.max(1, Duration.between(Instant.now(), bound).toMillis());
      return lane.get(left, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return List.of(SoakOutcome.stuck("a job is stuck, %s after the last fault".formatted(REST)));
    } catch (ExecutionException e) {
      return List.of(SoakOutcome.stuck("" + e.getCause()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private static void sleep(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
