package dev.megalodon.trainer.job;

import dev.megalodon.kernels.Precision;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.optimizer.AdamWSettings;
import dev.megalodon.trainer.optimizer.LearningRateSchedule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Everything that a run is made of, in this program's terms and checked.
 *
 * @param model what is trained
 * @param data what it is trained on
 * @param batches how the global batch is cut
 * @param steps optimizer steps of the whole run
 * @param seed start of every random number
 * @param optimizer settings that stay the same
 * @param schedule the learning rate
 * @param evaluation when and how much is evaluated
 * @param checkpoints where and when state is saved
 * @param compute what computes
 * @param specDigest digest of what all ranks must agree on
 */
public record TrainingPlan(
    ModelConfig model,
    Data data,
    Batches batches,
    long steps,
    long seed,
    AdamWSettings optimizer,
    LearningRateSchedule schedule,
    Evaluation evaluation,
    Checkpoints checkpoints,
    Compute compute,
    String specDigest) {

  /**
   * The text.
   *
   * @param sources files and folders to train on
   * @param heldOutFraction share of their end that is not trained on
   * @param heldOutSources files and folders to evaluate on instead
   * @param sequenceLength tokens of a sequence
   */
  public record Data(
      List<Path> sources, double heldOutFraction, List<Path> heldOutSources, int sequenceLength) {
    /** Keeps its own copies. */
    public Data {
      sources = List.copyOf(sources);
      heldOutSources = List.copyOf(heldOutSources);
    }
  }

  /**
   * How the sequences of a step are shared out.
   *
   * @param globalSequences of one step, all ranks together
   * @param rankSequences of one step, on one rank
   * @param microSequences that one rank works on at once
   */
  public record Batches(int globalSequences, int rankSequences, int microSequences) {}

  /**
   * When the held-out loss is measured: before the first step, after the last and between.
   *
   * @param everySteps steps between evaluations
   * @param sequences held-out sequences of one evaluation, at most
   */
  public record Evaluation(long everySteps, int sequences) {}

  /**
   * Where and when state is saved.
   *
   * @param volume where the checkpoint volume is mounted
   * @param jobFolder this job's folder on it
   * @param everySteps steps between checkpoints
   * @param keepLast newest checkpoints that are kept
   * @param resumeFrom what another run left behind, to start from
   * @param grace how long saving may take when the worker must leave
   */
  public record Checkpoints(
      Path volume,
      Path jobFolder,
      long everySteps,
      int keepLast,
      Optional<ResumeFrom> resumeFrom,
      Duration grace) {}

  /** A checkpoint of another run. */
  public sealed interface ResumeFrom {
    /** This folder. */
    record Folder(Path folder) implements ResumeFrom {}

    /** The newest of the jobs whose folders in {@code namespaceFolder} begin with the name. */
    record Job(Path namespaceFolder, String name) implements ResumeFrom {}
  }

  /**
   * What computes.
   *
   * @param device {@code cpu} or {@code reference}
   * @param gemm provider of matrix products on {@code cpu}
   * @param precision of parameters and matrix products on {@code cpu}
   * @param threads that compute
   */
  public record Compute(String device, String gemm, Precision precision, int threads) {}

  /** Tokens of one step, all ranks together. */
  public long tokensPerStep() {
    return (long) batches.globalSequences() * data.sequenceLength();
  }
}
