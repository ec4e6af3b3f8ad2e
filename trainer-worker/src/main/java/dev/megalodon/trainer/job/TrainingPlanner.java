package dev.megalodon.trainer.job;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.v1alpha1.CheckpointSpec;
import dev.megalodon.crds.v1alpha1.DataSpec;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobSpec;
import dev.megalodon.crds.v1alpha1.TrainingSpec;
import dev.megalodon.crds.v1alpha1.WorkerSpec;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.optimizer.AdamWSettings;
import dev.megalodon.trainer.optimizer.LearningRateSchedule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Turns a job's spec into a plan, and refuses what the API server cannot know to be impossible.
 *
 * @param identity who runs it
 * @param dataRoot where data volumes are mounted, each in a folder of its name
 * @param checkpointVolume where the checkpoint volume is mounted
 * @param processors CPUs that this process may use
 */
public record TrainingPlanner(
    WorkerIdentity identity, Path dataRoot, Path checkpointVolume, int processors) {
  /** Half a period: the rate falls once. */
  private static final double COSINE_CYCLES = 1;

  /**
   * The plan.
   *
   * @throws WorkerExit {@code BAD_SPEC} naming the fields that do not fit together
   */
  public TrainingPlan plan(MegalodonTrainingJobSpec spec) {
    TrainingSpec training = spec.training();
    return new TrainingPlan(
        ModelConfigs.of(spec.model().resolved()),
        data(spec.data()),
        batches(training, spec.parallelism().worldSize()),
        training.steps(),
        training.seed(),
        optimizer(training.optimizer()),
        schedule(training),
        new TrainingPlan.Evaluation(
            training.evaluation().everySteps(), training.evaluation().sequences()),
        checkpoints(spec.checkpoint()),
        compute(spec.worker()),
        SpecFile.digest(spec));
  }

  private TrainingPlan.Data data(DataSpec data) {
    DataSpec.HeldOut heldOut = data.heldOut();
    Double fraction = heldOut.fraction();
    return new TrainingPlan.Data(
        paths(data.sources()),
        fraction == null ? 0 : fraction,
        paths(heldOut.sources()),
        data.sequenceLength());
  }

  private List<Path> paths(@Nullable List<DataSpec.Source> sources) {
    return sources == null
        ? List.of()
        : sources.stream()
            .map(source -> dataRoot.resolve(source.volume()).resolve(source.path()).normalize())
            .toList();
  }

  private TrainingPlan.Batches batches(TrainingSpec training, int ranks) {
    if (ranks != identity.worldSize()) {
      throw badSpec(
          "spec.parallelism makes %d ranks, but this worker was told of %d",
          ranks, identity.worldSize());
    }
    int global = training.globalBatchSequences();
    if (global % ranks != 0) {
      throw badSpec(
          "spec.training.globalBatchSequences is %d, not a multiple of the %d ranks",
          global, ranks);
    }
    int share = global / ranks;
    Integer asked = training.microBatchSequences();
    int micro = asked == null ? share : asked;
    if (micro < 1 || share % micro != 0) {
      throw badSpec(
          "spec.training.microBatchSequences is %d and does not divide the %d sequences of a rank",
          micro, share);
    }
    return new TrainingPlan.Batches(global, share, micro);
  }

  private static WorkerExit badSpec(String format, Object... arguments) {
    return new WorkerExit(ExitCode.BAD_SPEC, format.formatted(arguments));
  }

  private static AdamWSettings optimizer(TrainingSpec.Optimizer optimizer) {
    return new AdamWSettings(
        optimizer.beta1(),
        optimizer.beta2(),
        optimizer.epsilon(),
        optimizer.weightDecay(),
        optimizer.clipNorm());
  }

  private static LearningRateSchedule schedule(TrainingSpec training) {
    TrainingSpec.Schedule schedule = training.schedule();
    return new LearningRateSchedule(
        switch (schedule.kind()) {
          case LINEAR -> LearningRateSchedule.Shape.LINEAR;
          case COSINE -> LearningRateSchedule.Shape.COSINE;
          case CONSTANT -> LearningRateSchedule.Shape.CONSTANT;
        },
        training.optimizer().learningRate(),
        schedule.warmupSteps(),
        training.steps(),
        schedule.initialRatio(),
        schedule.finalRatio(),
        COSINE_CYCLES);
  }

  private TrainingPlan.Checkpoints checkpoints(CheckpointSpec checkpoint) {
    return new TrainingPlan.Checkpoints(
        checkpointVolume,
        checkpointVolume.resolve(identity.checkpointFolder()),
        checkpoint.everySteps(),
        checkpoint.keepLast(),
        resumeFrom(checkpoint.resumeFrom()),
        Duration.ofSeconds(checkpoint.graceSeconds()));
  }

  private Optional<TrainingPlan.ResumeFrom> resumeFrom(CheckpointSpec.@Nullable ResumeFrom from) {
    if (from == null) {
      return Optional.empty();
    }
    String path = from.path();
    String job = from.job();
    if (path != null) {
      return Optional.of(new TrainingPlan.ResumeFrom.Folder(checkpointVolume.resolve(path)));
    }
    return job == null
        ? Optional.empty()
        : Optional.of(
            new TrainingPlan.ResumeFrom.Job(checkpointVolume.resolve(identity.namespace()), job));
  }

  private TrainingPlan.Compute compute(WorkerSpec worker) {
    Integer threads = worker.threads();
    return new TrainingPlan.Compute(
        switch (worker.device()) {
          case CPU -> "cpu";
          case REFERENCE -> "reference";
        },
        switch (worker.gemm()) {
          case VECTOR -> "vector";
          case OPENBLAS -> "openblas";
        },
        threads == null ? processors : threads);
  }
}
