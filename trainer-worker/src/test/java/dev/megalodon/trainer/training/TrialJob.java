package dev.megalodon.trainer.training;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.v1alpha1.ParallelismSpec;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.cpu.CpuDevice;
import dev.megalodon.kernels.gemm.GemmProvider;
import dev.megalodon.trainer.data.DataFormat;
import dev.megalodon.trainer.data.DataSource;
import dev.megalodon.trainer.data.order.WindowOrder;
import dev.megalodon.trainer.job.TrainingPlan;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.model.Recompute;
import dev.megalodon.trainer.optimizer.AdamWSettings;
import dev.megalodon.trainer.optimizer.LearningRateSchedule;
import dev.megalodon.trainer.parallel.InMemoryHub;
import dev.megalodon.trainer.parallel.Mesh;
import dev.megalodon.trainer.parallel.Network;
import dev.megalodon.trainer.parallel.Ticker;
import dev.megalodon.trainer.parallel.Traffic;
import dev.megalodon.trainer.progress.CheckpointRequests;
import dev.megalodon.trainer.progress.ProgressBoard;
import dev.megalodon.trainer.progress.WorkerMetrics;
import dev.megalodon.trainer.recovery.ResumePlanner;
import dev.megalodon.trainer.recovery.ResumePoint;
import dev.megalodon.trainer.rendezvous.Identity;
import dev.megalodon.trainer.rendezvous.JobSecret;
import dev.megalodon.trainer.rendezvous.Rendezvous;
import dev.megalodon.trainer.rendezvous.RendezvousSettings;
import dev.megalodon.trainer.rendezvous.StuckBounds;
import dev.megalodon.trainer.tokenizer.ByteTokenizer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** A small job whose ranks are threads: real rendezvous over sockets, collectives in memory. */
final class TrialJob {
  static final long STEPS = 24;
  private static final ModelConfig MODEL =
      new ModelConfig(2, 16, 8, 16, 2, 24, 4, 8, 4, 1e-5, 256, 10_000, true, false, false, false);

  private final InMemoryHub hub = new InMemoryHub();
  private final List<Decision> decisions = new CopyOnWriteArrayList<>();
  private final AtomicLong incarnations = new AtomicLong();
  private final Path folder;
  private final Variant variant;
  private RendezvousSettings settings;

  /**
   * What is tried.
   *
   * @param mesh how the ranks share the work
   * @param exchange how states cross from slice to slice
   * @param globalSequences sequences of a step
   * @param sequenceLength tokens of a sequence; the chunk is 8
   * @param recompute what backward computes again
   * @param order which windows a step sees
   * @param carryState whether sequences go on where those of the step before ended
   * @param precision of parameters
   */
  record Variant(
      Mesh mesh,
      ParallelismSpec.ChunkExchange exchange,
      int globalSequences,
      int sequenceLength,
      Recompute recompute,
      WindowOrder.Kind order,
      boolean carryState,
      Precision precision) {
    /** Ranks that share the batch, two short sequences each. */
    static Variant dataParallel(int ranks) {
      return new Variant(
          Mesh.of(ranks, 1),
          ParallelismSpec.ChunkExchange.ALL_GATHER,
          2 * ranks,
          16,
          Recompute.NONE,
          WindowOrder.Kind.RANDOM,
          false,
          Precision.FP32);
    }

    /** Four sequences of three chunks, however the ranks share them. */
    static Variant mesh(int dataParallel, int chunkParallel) {
      return new Variant(
          new Mesh(dataParallel, chunkParallel),
          ParallelismSpec.ChunkExchange.ALL_GATHER,
          4,
          24,
          Recompute.NONE,
          WindowOrder.Kind.RANDOM,
          false,
          Precision.FP32);
    }

    Variant with(ParallelismSpec.ChunkExchange other) {
      return new Variant(
          mesh, other, globalSequences, sequenceLength, recompute, order, carryState, precision);
    }

    Variant with(Precision other) {
      return new Variant(
          mesh, exchange, globalSequences, sequenceLength, recompute, order, carryState, other);
    }

    Variant recomputing() {
      return new Variant(
          mesh,
          exchange,
          globalSequences,
          sequenceLength,
          Recompute.LAYER,
          order,
          carryState,
          precision);
    }

    /** Reads the text in its order. */
    Variant inOrder() {
      return new Variant(
          mesh,
          exchange,
          globalSequences,
          sequenceLength,
          recompute,
          WindowOrder.Kind.CONSECUTIVE,
          carryState,
          precision);
    }

    /** Reads on where the step before stopped. */
    Variant carryingState() {
      return new Variant(
          mesh,
          exchange,
          globalSequences,
          sequenceLength,
          recompute,
          WindowOrder.Kind.CONSECUTIVE,
          true,
          precision);
    }
  }

  /** What rank 0 knew of every rank's state, and what it decided. */
  record Decision(Map<Integer, String> holdings, ResumePoint resume) {}

  /** What a thread dies of when its process is to be killed. */
  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Killed(long step) {
      this("after step " + step);
    }

    Killed(String when) {
      super("killed " + when);
    }
  }

  TrialJob(Path folder, int worldSize) throws IOException {
    this(folder, Variant.dataParallel(worldSize));
  }

  TrialJob(Path folder, Variant variant) throws IOException {
    this.folder = folder;
    this.variant = variant;
    Files.createDirectories(folder.resolve("volume"));
    writeText(folder.resolve("text"));
    this.settings =
        RendezvousSettings.at("localhost")
            .withPort(freePort())
            .withSilence(Duration.ofMillis(200), Duration.ofSeconds(20))
            .withRejoin(Duration.ofSeconds(60));
  }

  /** Processes that start from here on have other bounds on what counts as stuck. */
  TrialJob withStuck(StuckBounds bounds) {
    settings = settings.withStuck(bounds);
    return this;
  }

  private static void writeText(Path file) throws IOException {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(3);
    StringBuilder text = new StringBuilder();
    while (text.length() < 4_000) {
      text.append("the quick brown fox ".charAt(text.length() % 20));
      text.append((char) ('a' + random.nextInt(3)));
    }
    Files.writeString(file, text);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  int worldSize() {
    return variant.mesh().worldSize();
  }

  Path jobFolder() {
    return folder.resolve("volume/job");
  }

  Path text() {
    return folder.resolve("text");
  }

  TrainingPlan plan() {
    return plan(Optional.empty());
  }

  TrainingPlan plan(Optional<TrainingPlan.ResumeFrom> resumeFrom) {
    return new TrainingPlan(
        MODEL,
        new TrainingPlan.Data(
            new DataFormat.Text(),
            ByteTokenizer.IDENTITY,
            OptionalInt.empty(),
            List.of(new DataSource(text(), OptionalDouble.empty())),
            variant.order(),
            0.1,
            List.of(),
            variant.sequenceLength()),
        new TrainingPlan.Parallel(variant.mesh(), variant.exchange()),
        new TrainingPlan.Batches(
            variant.globalSequences(),
            variant.globalSequences() / variant.mesh().dataParallel(),
            1),
        variant.recompute(),
        variant.carryState(),
        STEPS,
        7,
        AdamWSettings.DEFAULT,
        new LearningRateSchedule(LearningRateSchedule.Shape.COSINE, 0.01, 4, STEPS, 1e-4, 0.01, 1),
        new TrainingPlan.Evaluation(8, 5),
        new TrainingPlan.Checkpoints(
            folder.resolve("volume"), jobFolder(), 4, 2, resumeFrom, Duration.ofSeconds(10)),
        new TrainingPlan.Compute("cpu", "vector", variant.precision(), 1),
        "sha256:spec");
  }

  /** Starts a process of a rank. */
  Rank start(int rank, TrainingRun.Faults faults) {
    return start(rank, plan(), faults);
  }

  /** Starts a process of a rank with another plan. */
  Rank start(int rank, TrainingPlan plan, TrainingRun.Faults faults) {
    return start(rank, plan, faults, UnaryOperator.identity());
  }

  /** Starts a process of a rank whose messages go through something. */
  Rank start(int rank, TrainingRun.Faults faults, UnaryOperator<Network> wrapping) {
    return start(rank, plan(), faults, wrapping);
  }

  private Rank start(
      int rank, TrainingPlan plan, TrainingRun.Faults faults, UnaryOperator<Network> wrapping) {
    long incarnation = incarnations.incrementAndGet();
    StopSignal stop = new StopSignal();
    CompletableFuture<ExitCode> end = new CompletableFuture<>();
    CheckpointRequests requests = new CheckpointRequests(Ticker.SYSTEM);
    ProgressBoard board = new ProgressBoard("uid", rank, incarnation, plan.steps());
    Thread.ofPlatform()
        .daemon()
        .name("rank-%d-%d".formatted(rank, incarnation))
        .start(
            () -> {
              try {
                String name = "rank-%d-%d".formatted(rank, incarnation);
                Network network = wrapping.apply(hub.member(name));
                end.complete(run(rank, incarnation, plan, board, stop, requests, faults, network));
              } catch (Throwable e) {
                end.completeExceptionally(e);
              }
            });
    return new Rank(end, stop, requests, board);
  }

  /** A process of a rank. */
  record Rank(
      CompletableFuture<ExitCode> end,
      StopSignal stop,
      CheckpointRequests checkpointRequests,
      ProgressBoard board) {}

  private ExitCode run(
      int rank,
      long incarnation,
      TrainingPlan plan,
      ProgressBoard board,
      StopSignal stop,
      CheckpointRequests requests,
      TrainingRun.Faults faults,
      Network network)
      throws Exception {
    ResumePlanner planner = new ResumePlanner(plan.checkpoints(), Duration.ZERO);
    try (Device device = new CpuDevice(1, GemmProvider.VECTOR, variant.precision());
        TrainingText text = TrainingText.open(plan);
        TrainingLoop loop =
            new TrainingLoop(
                new TrainingRun(
                    plan,
                    rank,
                    variant.mesh().worldSize(),
                    device,
                    "test",
                    text,
                    board,
                    new WorkerMetrics(board, "trial", new Traffic()),
                    stop,
                    requests,
                    Clock.systemUTC(),
                    new TrainingRun.Bounds(
                        Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofMillis(200)),
                    faults));
        Rendezvous rendezvous =
            Rendezvous.start(
                new Identity(
                    "uid",
                    rank,
                    variant.mesh().worldSize(),
                    incarnation,
                    plan.specDigest(),
                    secret()),
                settings,
                network,
                (epoch, roster, holdings) -> decide(planner, holdings))) {
      return loop.run(new RendezvousMembership(rendezvous, plan.parallel().mesh().chunkParallel()));
    }
  }

  private String decide(ResumePlanner planner, Map<Integer, String> holdings) {
    ResumePoint resume = planner.decide(variant.mesh().worldSize(), holdings);
    decisions.add(new Decision(holdings, resume));
    return resume.encoded();
  }

  /** What was decided so far. */
  List<Decision> decisions() {
    return decisions;
  }

  private static JobSecret secret() {
    return new JobSecret("a secret of the test".getBytes(StandardCharsets.UTF_8));
  }
}
