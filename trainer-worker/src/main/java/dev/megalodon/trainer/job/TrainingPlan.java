package dev.megalodon.trainer.job;

import dev.megalodon.crds.v1alpha1.ParallelismSpec;
import dev.megalodon.kernels.Precision;
import dev.megalodon.trainer.data.DataFormat;
import dev.megalodon.trainer.data.DataSource;
import dev.megalodon.trainer.data.order.WindowOrder;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.model.Recompute;
import dev.megalodon.trainer.optimizer.AdamWSettings;
import dev.megalodon.trainer.optimizer.LearningRateSchedule;
import dev.megalodon.trainer.parallel.Mesh;
import dev.megalodon.trainer.parallel.SequenceSlice;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Everything that a run is made of, in this program's terms and checked.
 *
 * @param model what is trained
 * @param data what it is trained on
 * @param parallel how the ranks share the work
 * @param batches how the global batch is cut
 * @param recompute what backward computes again
 * @param carryState whether a sequence begins with the state that the one before it ended in
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
    Parallel parallel,
    Batches batches,
    Recompute recompute,
    boolean carryState,
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
   * @param format how files become tokens
   * @param tokenizer identity of the tokenizer
   * @param separator token after each document, if any
   * @param sources files and folders to train on; all have weights, or none
   * @param order which windows a step sees
   * @param heldOutFraction share of their end that is not trained on
   * @param heldOutSources files and folders to evaluate on instead
   * @param sequenceLength tokens of a sequence
   */
  public record Data(
      DataFormat format,
      String tokenizer,
      OptionalInt separator,
      List<DataSource> sources,
      WindowOrder.Kind order,
      double heldOutFraction,
      List<Path> heldOutSources,
      int sequenceLength) {
    /** Keeps its own copies. */
    public Data {
      sources = List.copyOf(sources);
      heldOutSources = List.copyOf(heldOutSources);
    }
  }

  /**
   * How the ranks share the work.
   *
   * @param mesh which ranks share sequences
   * @param exchange how what a sequence carries travels from slice to slice
   */
  public record Parallel(Mesh mesh, ParallelismSpec.ChunkExchange exchange) {}

  /**
   * How the sequences of a step are shared out. A rank counts the sequences it has a slice of.
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

  /** The slice of every sequence that a rank holds. */
  public SequenceSlice slice(int rank) {
    return slices().get(parallel.mesh().chunkIndex(rank));
  }

  /** Tokens of every slice of a sequence. */
  public List<Integer> sliceLengths() {
    return slices().stream().map(SequenceSlice::length).toList();
  }

  private List<SequenceSlice> slices() {
    return parallel.mesh().slices(data.sequenceLength(), model.chunkSize());
  }

  /** Tokens of one step, all ranks together. */
  public long tokensPerStep() {
    return (long) batches.globalSequences() * data.sequenceLength();
  }
}
