package dev.megalodon.trainer.job;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.v1alpha1.CheckpointSpec;
import dev.megalodon.crds.v1alpha1.DataSpec;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobSpec;
import dev.megalodon.crds.v1alpha1.ParallelismSpec;
import dev.megalodon.crds.v1alpha1.TrainingSpec;
import dev.megalodon.crds.v1alpha1.WorkerSpec;
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.gemm.GemmProvider;
import dev.megalodon.trainer.data.DataFormat;
import dev.megalodon.trainer.data.DataSource;
import dev.megalodon.trainer.data.order.WindowOrder;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.model.Recompute;
import dev.megalodon.trainer.optimizer.AdamWSettings;
import dev.megalodon.trainer.optimizer.LearningRateSchedule;
import dev.megalodon.trainer.parallel.Mesh;
import dev.megalodon.trainer.tokenizer.ByteTokenizer;
import dev.megalodon.trainer.tokenizer.TokenizerSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
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
    Mesh mesh = mesh(spec.parallelism());
    return new TrainingPlan(
        ModelConfigs.of(spec.model().resolved()),
        data(spec.data()),
        new TrainingPlan.Parallel(mesh, spec.parallelism().chunkExchange()),
        batches(training, mesh),
        recompute(training),
        carryState(spec),
        training.steps(),
        training.seed(),
        optimizer(training.optimizer()),
        schedule(training),
        new TrainingPlan.Evaluation(
            training.evaluation().everySteps(), training.evaluation().sequences()),
        checkpoints(spec.checkpoint()),
        compute(spec.worker(), training.precision()),
        SpecFile.digest(spec, identity.worldSize()));
  }

  private TrainingPlan.Data data(DataSpec data) {
    DataSpec.HeldOut heldOut = data.heldOut();
    Double fraction = heldOut.fraction();
    List<DataSpec.Source> heldOutSources = heldOut.sources();
    Integer separator = data.separator();
    String tokenizer = tokenizer(data.tokenizer()).identity();
    return new TrainingPlan.Data(
        format(data, tokenizer),
        tokenizer,
        separator == null ? OptionalInt.empty() : OptionalInt.of(separator),
        data.sources().stream().map(this::source).toList(),
        order(data.order()),
        fraction == null ? 0 : fraction,
        heldOutSources == null
            ? List.of()
            : heldOutSources.stream().map(source -> path(source.volume(), source.path())).toList(),
        data.sequenceLength());
  }

  private TokenizerSource tokenizer(DataSpec.Tokenizer tokenizer) {
    return switch (tokenizer.kind()) {
      case BYTES -> new TokenizerSource.Bytes();
      case SENTENCEPIECE -> new TokenizerSource.SentencePiece(file(tokenizer));
      case HUGGINGFACE -> new TokenizerSource.HuggingFace(file(tokenizer));
    };
  }

  private Path file(DataSpec.Tokenizer tokenizer) {
    String volume = tokenizer.volume();
    String path = tokenizer.path();
    if (volume == null || path == null) {
      throw badSpec("spec.data.tokenizer needs volume and path: %s is a file", tokenizer.kind());
    }
    return path(volume, path);
  }

  private static DataFormat format(DataSpec data, String tokenizer) {
    boolean bytes = tokenizer.equals(ByteTokenizer.IDENTITY);
    if (!bytes && data.format() != DataSpec.Format.TOKENS) {
      throw badSpec(
          "spec.data.format is %s and its tokenizer is not bytes: run megalodon prepare first and"
              + " train on its output with format tokens",
          data.format().name().toLowerCase(Locale.ROOT));
    }
    return switch (data.format()) {
      case TEXT -> new DataFormat.Text();
      case JSONL -> new DataFormat.JsonLines(data.jsonField());
      case TOKENS -> new DataFormat.Shards(tokenizer);
    };
  }

  private static WindowOrder.Kind order(DataSpec.Order order) {
    return switch (order) {
      case RANDOM -> WindowOrder.Kind.RANDOM;
      case SHUFFLED -> WindowOrder.Kind.SHUFFLED;
      case CONSECUTIVE -> WindowOrder.Kind.CONSECUTIVE;
    };
  }

  private DataSource source(DataSpec.Source source) {
    Double weight = source.weight();
    return new DataSource(
        path(source.volume(), source.path()),
        weight == null ? OptionalDouble.empty() : OptionalDouble.of(weight));
  }

  private Path path(String volume, String path) {
    return dataRoot.resolve(volume).resolve(path).normalize();
  }

  private Mesh mesh(ParallelismSpec parallelism) {
    // Not the spec's: the operator changes their number while the job lives.
    int ranks = identity.worldSize();
    if (ranks % parallelism.chunkParallel() != 0) {
      throw badSpec(
          "spec.parallelism.chunkParallel is %d and does not divide the %d ranks",
          parallelism.chunkParallel(), ranks);
    }
    return Mesh.of(ranks, parallelism.chunkParallel());
  }

  private static TrainingPlan.Batches batches(TrainingSpec training, Mesh mesh) {
    int global = training.globalBatchSequences();
    if (global % mesh.dataParallel() != 0) {
      throw badSpec(
          "spec.training.globalBatchSequences is %d, not a multiple of the %d data-parallel ranks",
          global, mesh.dataParallel());
    }
    int share = global / mesh.dataParallel();
    Integer asked = training.microBatchSequences();
    int micro = asked == null ? share : asked;
    if (micro < 1 || share % micro != 0) {
      throw badSpec(
          "spec.training.microBatchSequences is %d and does not divide the %d sequences of a rank",
          micro, share);
    }
    return new TrainingPlan.Batches(global, share, micro);
  }

  private static Recompute recompute(TrainingSpec training) {
    return switch (training.recompute()) {
      case NONE -> Recompute.NONE;
      case LAYER -> Recompute.LAYER;
    };
  }

  private static boolean carryState(MegalodonTrainingJobSpec spec) {
    boolean carries = spec.training().carryState();
    if (carries && spec.data().order() != DataSpec.Order.CONSECUTIVE) {
      throw badSpec("spec.training.carryState needs spec.data.order consecutive");
    }
    return carries;
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

  private TrainingPlan.Compute compute(WorkerSpec worker, TrainingSpec.Precision asked) {
    Integer threads = worker.threads();
    Precision precision =
        switch (asked) {
          case FP32 -> Precision.FP32;
          case BF16 -> Precision.BF16;
        };
    GemmProvider gemm =
        switch (worker.gemm()) {
          case VECTOR -> GemmProvider.VECTOR;
          case OPENBLAS -> GemmProvider.OPENBLAS;
          case ONEDNN -> GemmProvider.ONEDNN;
        };
    if (!gemm.has(precision)) {
      throw badSpec(
          "spec.training.precision is %s, which spec.worker.gemm %s does not have: choose vector or"
              + " onednn",
          precision.label(), gemm.label());
    }
    String device =
        switch (worker.device()) {
          case CPU -> "cpu";
          case REFERENCE -> "reference";
        };
    if (worker.device() == WorkerSpec.Device.REFERENCE && precision == Precision.BF16) {
      throw badSpec("spec.training.precision is bf16, but spec.worker.device reference is fp64");
    }
    return new TrainingPlan.Compute(
        device, gemm.label(), precision, threads == null ? processors : threads);
  }
}
