package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.cpu.CpuDevice;
import dev.megalodon.trainer.optimizer.AdamWSettings;
import dev.megalodon.trainer.optimizer.LearningRateSchedule;
import dev.megalodon.trainer.parallel.EpochLinks;
import dev.megalodon.trainer.parallel.cost.ChunkExchange;
import dev.megalodon.trainer.ranks.InMemoryRanks;
import dev.megalodon.trainer.ranks.LinkedRanks;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * What sharing sequences costs a rank in computation: the operations of a step of the middle rank,
 * each with a slice as long as {@link StepProfile}'s sequences, on one thread a rank, in memory:
 * {@code main(ranks, steps, allGather | wavefront)}. A tool, not a test.
 */
final class SliceProfile {
  private SliceProfile() {}

  /** Prints the operations' times. */
  public static void main(String[] arguments) throws Exception {
    int ranks = Integer.parseInt(arguments[0]);
    int steps = Integer.parseInt(arguments[1]);
    ChunkExchange exchange = ChunkExchange.of(arguments[2]);
    List<String> reports =
        LinkedRanks.run(
            InMemoryRanks.networks(ranks), links -> measure(links, ranks, steps, exchange));
    System.out.println(reports.get(ranks / 2));
  }

  private static String measure(EpochLinks links, int ranks, int steps, ChunkExchange exchange) {
    List<Integer> lengths = Collections.nCopies(ranks, StepProfile.LENGTH);
    SequenceShare share = new SequenceShare(links.chunkGroup(ranks), lengths, exchange);
    LearningRateSchedule schedule =
        new LearningRateSchedule(LearningRateSchedule.Shape.CONSTANT, 1e-3, 0, 2L * steps, 1, 1, 1);
    try (Device cpu = new CpuDevice(1)) {
      TimedDevice timed = new TimedDevice(cpu);
      RankTraining training =
          new RankTraining(
              timed.device(),
              links.collectives(),
              StepProfile.CONFIG,
              StepProfile.BATCH,
              share,
              AdamWSettings.DEFAULT,
              schedule);
      Initialization.initialize(timed.device(), StepProfile.CONFIG, 1, training.parameters());
      long size = (long) StepProfile.BATCH * StepProfile.LENGTH;
      int[] tokens = new Random(1).ints(size, 0, StepProfile.CONFIG.vocabSize()).toArray();
      for (int step = 0; step < steps; step++) {
        training.step(tokens, tokens);
      }
      timed.reset();
      for (int step = 0; step < steps; step++) {
        training.step(tokens, tokens);
      }
      return timed.report(steps);
    }
  }
}
