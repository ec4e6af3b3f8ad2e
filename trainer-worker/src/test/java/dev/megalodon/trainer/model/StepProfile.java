package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.cpu.CpuDevice;
import dev.megalodon.kernels.gemm.GemmProvider;
import dev.megalodon.trainer.optimizer.AdamWSettings;
import dev.megalodon.trainer.optimizer.LearningRateSchedule;
import dev.megalodon.trainer.parallel.Collectives;
import dev.megalodon.trainer.ranks.InMemoryRanks;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;

/**
 * Where the time of a training step goes, for the model of the convergence run (four sequences of
 * 512 bytes): {@code main(threads, steps, vector | openblas | onednn, fp32 | bf16)}. A tool, not a
 * test.
 */
final class StepProfile {
  static final ModelConfig CONFIG =
      new ModelConfig(
          4, 128, 64, 256, 2, 256, 16, 128, 8, 1e-5, 256, 1e4, true, false, false, false);
  static final int BATCH = 4;
  static final int LENGTH = 512;

  private StepProfile() {}

  /** Measures the whole step, then its parts. */
  public static void main(String[] arguments) throws Exception {
    int threads = Integer.parseInt(arguments[0]);
    int steps = Integer.parseInt(arguments[1]);
    GemmProvider gemm = GemmProvider.byName(arguments[2]);
    Precision precision = Precision.byName(arguments[3]);
    try (Device cpu = new CpuDevice(threads, gemm, precision)) {
      TimedDevice timed = new TimedDevice(cpu);
      System.out.println(InMemoryRanks.run(1, ranks -> measure(cpu, ranks, steps)).getFirst());
      InMemoryRanks.run(1, ranks -> measure(timed.device(), ranks, steps));
      timed.reset();
      System.out.println(InMemoryRanks.run(1, ranks -> measure(timed.device(), ranks, steps)));
      System.out.println(timed.report(2 * steps));
    }
  }

  /** Runs twice as many steps and measures the second half. */
  private static String measure(Device device, Collectives collectives, int steps) {
    LearningRateSchedule schedule =
        new LearningRateSchedule(LearningRateSchedule.Shape.CONSTANT, 1e-3, 0, 2L * steps, 1, 1, 1);
    RankTraining training =
        new RankTraining(
            device, collectives, CONFIG, BATCH, LENGTH, AdamWSettings.DEFAULT, schedule);
    Initialization.initialize(device, CONFIG, 1, training.parameters());
    training
        .shard()
        .begin(
            (piece, target) ->
                Initialization.initialize(
                    device, CONFIG, 1, piece.tensor(), piece.tensorOffset(), target));
    int[] tokens = new Random(1).ints((long) BATCH * LENGTH, 0, CONFIG.vocabSize()).toArray();
    long[] nanos = new long[2 * steps];
    for (int i = 0; i < nanos.length; i++) {
      long start = System.nanoTime();
      training.step(tokens, tokens);
      nanos[i] = System.nanoTime() - start;
    }
    long[] measured = Arrays.copyOfRange(nanos, steps, nanos.length);
    Arrays.sort(measured);
    return String.format(
        Locale.ROOT,
        "a step: best %.1f ms, median %.1f ms",
        measured[0] / 1e6,
        measured[steps / 2] / 1e6);
  }
}
