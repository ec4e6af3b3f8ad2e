package dev.megalodon.trainer.training;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.data.Batch;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.job.TrainingPlan;
import dev.megalodon.trainer.model.BackwardProgress;
import dev.megalodon.trainer.model.MegalodonModel;
import dev.megalodon.trainer.model.ModelState;
import dev.megalodon.trainer.model.ModelWeights;
import dev.megalodon.trainer.model.SequenceShare;
import dev.megalodon.trainer.model.TrainingPass;
import dev.megalodon.trainer.optimizer.ShardedOptimizer;
import dev.megalodon.trainer.parallel.ChunkGroup;
import dev.megalodon.trainer.parallel.Collectives;
import dev.megalodon.trainer.parallel.SequenceSlice;
import dev.megalodon.trainer.parallel.cost.ChunkExchange;
import java.util.Arrays;
import java.util.Optional;

/** Runs steps, and the forward passes of evaluations, on one rank. */
final class StepRunner {
  /** A target that counts neither in the loss nor in the gradient. */
  private static final int IGNORED = -100;

  private final TrainingPlan plan;
  private final int dataIndex;
  private final SequenceSlice slice;
  private final TrainingText text;
  private final TrainingState state;
  private final TrainingPass pass;
  private final ShardedOptimizer optimizer;

  /**
   * Allocates what a step needs.
   *
   * @param chunkGroup the ranks that share this rank's sequences
   * @param exchange how states cross from slice to slice
   */
  StepRunner(
      TrainingPlan plan,
      int rank,
      ChunkGroup chunkGroup,
      ChunkExchange exchange,
      TrainingText text,
      TrainingState state) {
    this.plan = plan;
    this.dataIndex = plan.parallel().mesh().dataIndex(rank);
    this.slice = plan.slice(rank);
    this.text = text;
    this.state = state;
    this.pass =
        new TrainingPass(
            new MegalodonModel(
                state.device(),
                state.device(),
                plan.model(),
                ModelWeights.of(plan.model(), state.parameters())),
            ModelWeights.of(plan.model(), state.gradients()),
            plan.batches().microSequences(),
            new SequenceShare(chunkGroup, plan.sliceLengths(), exchange),
            plan.recompute());
    this.optimizer =
        new ShardedOptimizer(
            state.device(),
            state.parameters(),
            state.gradients(),
            state.shard(),
            plan.optimizer(),
            plan.schedule());
  }

  /**
   * One step: forward, backward, update.
   *
   * @throws WorkerExit {@code BAD_SPEC} when loss or gradient is no longer a number
   */
  StepResult step(long step, Collectives collectives) {
    double lossSum = collectives.allReduceSum(accumulateGradients(step));
    optimizer.reduceGradients(collectives);
    double norm = optimizer.globalNorm(collectives);
    double loss = lossSum / plan.tokensPerStep();
    requireFinite(step, loss, norm);
    optimizer.update(collectives, step, norm);
    return new StepResult(loss, norm, plan.schedule().rate(step));
  }

  /** The sum of this rank's token losses; their gradients are added up. */
  private double accumulateGradients(long step) {
    state.device().pointwise().fill(state.gradients().flat(), 0);
    if (!text.continues(step)) {
      state.carried().ifPresent(states -> states.reset(state.device()));
    }
    TrainingPlan.Batches batches = plan.batches();
    double scale = 1.0 / plan.tokensPerStep();
    double sum = 0;
    for (int done = 0; done < batches.rankSequences(); done += batches.microSequences()) {
      int first = dataIndex * batches.rankSequences() + done;
      Batch batch = text.batch(step, first, batches.microSequences()).slice(slice);
      sum += accumulate(done / batches.microSequences(), batch, scale);
    }
    return sum;
  }

  private double accumulate(int microBatch, Batch batch, double scale) {
    Optional<ModelState> carried =
        state.carried().map(states -> states.byMicroBatch().get(microBatch));
    return carried.isPresent()
        ? pass.accumulate(
            carried.get(), batch.tokens(), batch.targets(), scale, BackwardProgress.IGNORED)
        : pass.accumulate(batch.tokens(), batch.targets(), scale, BackwardProgress.IGNORED);
  }

  private static void requireFinite(long step, double loss, double norm) {
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw new WorkerExit(
          ExitCode.BAD_SPEC,
          ("training diverged at step %d: loss %s, gradient norm %s; lower"
                  + " spec.training.optimizer.learningRate or lengthen its warm-up")
              .formatted(step + 1, loss, norm));
    }
  }

  /**
   * The mean loss on the held-out windows, shared out over the groups of ranks.
   *
   * @param windows how many
   */
  double evaluate(int windows, Collectives collectives) {
    int length = plan.data().sequenceLength();
    int micro = plan.batches().microSequences();
    double sum = 0;
    int groups = plan.parallel().mesh().dataParallel();
    for (int first = dataIndex * micro; first < windows; first += groups * micro) {
      sum += heldOutLoss(first, Math.min(micro, windows - first), windows);
    }
    return collectives.allReduceSum(sum) / ((long) windows * length);
  }

  /** The sum of the token losses of this rank's slice of some windows, at most a micro-batch. */
  private double heldOutLoss(int first, int count, int windows) {
    Batch batch = text.heldOut(first, count, windows).slice(slice);
    int whole = plan.batches().microSequences() * slice.length();
    int[] targets = new int[whole];
    Arrays.fill(targets, IGNORED);
    System.arraycopy(batch.targets(), 0, targets, 0, batch.targets().length);
    return pass.loss(Arrays.copyOf(batch.tokens(), whole), targets);
  }
}
