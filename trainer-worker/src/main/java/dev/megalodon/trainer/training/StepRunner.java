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
import dev.megalodon.trainer.parallel.PeerLostException;
import dev.megalodon.trainer.parallel.SequenceSlice;
import dev.megalodon.trainer.parallel.TimedPhase;
import dev.megalodon.trainer.parallel.cost.ChunkExchange;
import dev.megalodon.trainer.recovery.CarriedReplicas;
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
  private final TrainingRun.Faults faults;

  /**
   * Allocates what a step needs.
   *
   * @param chunkGroup the ranks that share this rank's sequences
   * @param exchange how states cross from slice to slice
   * @param faults where tests break things
   */
  StepRunner(
      TrainingPlan plan,
      int rank,
      ChunkGroup chunkGroup,
      ChunkExchange exchange,
      TrainingText text,
      TrainingState state,
      TrainingRun.Faults faults) {
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
            state.buddy(),
            plan.optimizer(),
            plan.schedule());
    this.faults = faults;
  }

  /**
   * One step: forward, backward, update. When it throws {@link PeerLostException}, the state is
   * either that of before the step, perhaps with its summed gradients, or that of after it but for
   * other ranks' parameters: {@link #catchUp} goes on from any of these.
   *
   * @throws WorkerExit {@code BAD_SPEC} when loss or gradient is no longer a number
   */
  StepResult step(Session session) {
    long step = state.position().step();
    Collectives collectives = session.collectives();
    state.stepBegins();
    double ownLossSum = accumulateGradients(step, session);
    session.clock().enterPhase(TimedPhase.COMMUNICATION);
    double lossSum = collectives.allReduceSum(ownLossSum);
    optimizer.reduceGradients(collectives);
    state.replicas().ifPresent(replicas -> replicas.exchange(session.neighbours()));
    double loss = lossSum / plan.tokensPerStep();
    state.stepReduced(loss);
    faults.within(step + 1, TrainingRun.StepPhase.REDUCED);
    session.clock().enterPhase(TimedPhase.OPTIMIZER);
    // Whoever knows the norm knows that every rank has the sums it would need to do without others.
    double norm = optimizer.globalNorm(collectives);
    faults.within(step + 1, TrainingRun.StepPhase.NORM_KNOWN);
    requireFinite(step, loss, norm);
    update(norm);
    faults.within(step + 1, TrainingRun.StepPhase.UPDATED);
    session.clock().enterPhase(TimedPhase.COMMUNICATION);
    optimizer.gatherParameters(collectives);
    return new StepResult(loss, norm, plan.schedule().rate(step));
  }

  private void update(double norm) {
    optimizer.update(state.position().step(), norm);
    state.replicas().ifPresent(CarriedReplicas::commit);
    state.stepDone(norm);
  }

  /** Copies of what sequences carry, after a checkpoint was loaded or at the beginning. */
  void replicate(Session session) {
    state
        .replicas()
        .ifPresent(
            replicas -> {
              replicas.exchange(session.neighbours());
              replicas.commit();
            });
  }

  /**
   * Brings a rank that was in the step in flight to where living ranks go on from: does the update
   * of a step that one of them knows the norm of, else forgets the step.
   *
   * @param norm of the last step in that state; not used by a rank that is there already
   */
  void catchUp(long targetStep, Optional<Double> norm) {
    if (state.position().step() < targetStep) {
      update(norm.orElseThrow());
    } else {
      state.replicas().ifPresent(CarriedReplicas::discard);
    }
  }

  /** The sum of this rank's token losses; their gradients are added up. */
  private double accumulateGradients(long step, Session session) {
    session.clock().enterPhase(TimedPhase.OPTIMIZER);
    state.device().pointwise().fill(state.gradients().flat(), 0);
    if (!text.continues(step)) {
      state.carried().ifPresent(states -> states.reset(state.device()));
    }
    TrainingPlan.Batches batches = plan.batches();
    double scale = 1.0 / plan.tokensPerStep();
    double sum = 0;
    for (int done = 0; done < batches.rankSequences(); done += batches.microSequences()) {
      session.clock().enterPhase(TimedPhase.DATA);
      int first = dataIndex * batches.rankSequences() + done;
      Batch batch = text.batch(step, first, batches.microSequences()).slice(slice);
      sum += accumulate(done / batches.microSequences(), batch, scale, session);
    }
    return sum;
  }

  private double accumulate(int microBatch, Batch batch, double scale, Session session) {
    BackwardProgress progress = new Backward(session);
    session.clock().enterPhase(TimedPhase.FORWARD);
    Optional<ModelState> carried =
        state.carried().map(states -> states.byMicroBatch().get(microBatch));
    return carried.isPresent()
        ? pass.accumulate(carried.get(), batch.tokens(), batch.targets(), scale, progress)
        : pass.accumulate(batch.tokens(), batch.targets(), scale, progress);
  }

  /** A rank that computes for long would hear of a loss only at its next collective. */
  private record Backward(Session session) implements BackwardProgress {
    @Override
    public void begins() {
      session.clock().enterPhase(TimedPhase.BACKWARD);
    }

    @Override
    public void completed(String prefix) {
      session.wholeness().run();
    }
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
