package dev.megalodon.trainer.progress;

import dev.megalodon.crds.contract.Progress;
import dev.megalodon.crds.contract.RankTimes;
import dev.megalodon.crds.contract.Recovery;
import dev.megalodon.trainer.parallel.TimedPhase;
import dev.megalodon.trainer.parallel.Traffic;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * This worker in numbers, for Prometheus; {@code operator/METRICS.md} lists them. Every series says
 * whose it is, since pods' names change with every incarnation: {@code rank} and {@code job_name},
 * not {@code job}, which Prometheus itself sets, as it does {@code namespace} and {@code pod}.
 */
public final class WorkerMetrics {
  private static final Duration[] STEP_BUCKETS =
      seconds(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250);
  private static final Duration[] CHECKPOINT_BUCKETS =
      seconds(0.1, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Timer steps;
  private final Map<TimedPhase, Counter> phases;
  private final Counter tokens;
  private final Timer checkpoints;
  private final Counter checkpointBytes;
  private final Counter checkpointFailures;
  private final Counter epochs;
  private final Map<Recovery.Source, Counter> recoveries;
  private volatile double gradientNorm = Double.NaN;
  private volatile double learningRate = Double.NaN;
  private volatile double checkpointSize = Double.NaN;

  /**
   * Numbers about what the board says, and about what is recorded here.
   *
   * @param jobName name of the job, without its namespace
   * @param traffic what goes to other ranks and comes from them
   */
  public WorkerMetrics(ProgressBoard board, String jobName, Traffic traffic) {
    String rank = Integer.toString(board.current().rank());
    registry.config().commonTags(Tags.of("rank", rank, "job.name", jobName));
    told(board);
    observed(board);
    steps = histogram("megalodon.step.duration", "Time of steps", STEP_BUCKETS);
    phases =
        counters(
            TimedPhase.class,
            phase ->
                Counter.builder("megalodon.step.phase")
                    .description("What the time of steps went into")
                    .baseUnit("seconds")
                    .tag("phase", label(phase)));
    tokens = counter("megalodon.tokens", "Tokens of the steps made since this process began");
    gauge("megalodon.gradient.norm", "Global norm before clipping", m -> m.gradientNorm);
    gauge("megalodon.learning.rate", "Learning rate of the last step", m -> m.learningRate);
    checkpoints =
        histogram(
            "megalodon.checkpoint.duration",
            "Time from the copy of the state to the commit; rank 0",
            CHECKPOINT_BUCKETS);
    gauge(
        "megalodon.checkpoint.size.bytes",
        "Bytes of the newest committed checkpoint, all ranks' files; rank 0",
        m -> m.checkpointSize);
    checkpointBytes =
        Counter.builder("megalodon.checkpoint.written")
            .description("Bytes of this rank's checkpoint files")
            .baseUnit("bytes")
            .register(registry);
    checkpointFailures =
        counter("megalodon.checkpoint.failures", "Checkpoints that any rank could not write");
    epochs = counter("megalodon.epochs", "Times this worker began or began again with its peers");
    recoveries =
        counters(
            Recovery.Source.class,
            source ->
                Counter.builder("megalodon.recoveries")
                    .description("Times training went on after a loss or a start, by from what")
                    .tag("source", label(source)));
    traffic(traffic);
  }

  /** What the board says of the run. */
  private void told(ProgressBoard board) {
    told(board, "megalodon.step", "Steps finished", Progress::step);
    told(board, "megalodon.total.steps", "Steps of the whole run", Progress::totalSteps);
    told(board, "megalodon.trained.tokens", "Tokens of the steps finished", Progress::tokens);
    told(board, "megalodon.loss", "Training loss, nats per token", p -> number(p.loss()));
    told(
        board,
        "megalodon.held.out.loss",
        "Loss on held-out text, nats per token",
        p -> number(p.heldOutLoss()));
    told(
        board,
        "megalodon.tokens.per.second",
        "Tokens a second, all ranks, smoothed over the last steps",
        p -> number(p.tokensPerSecond()));
    told(
        board,
        "megalodon.checkpoint.step",
        "Step of the newest committed checkpoint that this rank knows of",
        p -> number(p.checkpointStep()));
  }

  private void told(
      ProgressBoard board, String name, String description, ToDoubleFunction<Progress> value) {
    Gauge.builder(name, board, b -> value.applyAsDouble(b.current()))
        .description(description)
        .register(registry);
  }

  /** What is looked up when somebody asks. */
  private void observed(ProgressBoard board) {
    Gauge.builder("megalodon.absent.ranks", board, b -> b.vitals().absent().size())
        .description("Ranks that all others wait for, as this rank knows it")
        .register(registry);
    vital(
        board,
        "megalodon.step.compute.seconds",
        "Seconds of a step in which this rank computes, mean of the last steps",
        RankTimes::computeSeconds);
    vital(
        board,
        "megalodon.step.wait.seconds",
        "Seconds of a step in which this rank waits for others, mean of the last steps",
        RankTimes::waitSeconds);
  }

  private void vital(
      ProgressBoard board, String name, String description, ToDoubleFunction<RankTimes> value) {
    Gauge.builder(name, board, b -> b.vitals().own().map(value::applyAsDouble).orElse(Double.NaN))
        .description(description)
        .register(registry);
  }

  private void traffic(Traffic traffic) {
    FunctionCounter.builder("megalodon.network.transmit", traffic, Traffic::sentBytes)
        .description("Bytes of messages to other ranks")
        .baseUnit("bytes")
        .register(registry);
    FunctionCounter.builder("megalodon.network.receive", traffic, Traffic::receivedBytes)
        .description("Bytes of messages from other ranks")
        .baseUnit("bytes")
        .register(registry);
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  private <E extends Enum<E>> Map<E, Counter> counters(
      Class<E> type, Function<E, Counter.Builder> builder) {
    Map<E, Counter> all = new EnumMap<>(type);
    for (E value : type.getEnumConstants()) {
      all.put(value, builder.apply(value).register(registry));
    }
    return all;
  }

  private Timer histogram(String name, String description, Duration[] buckets) {
    return Timer.builder(name)
        .description(description)
        .serviceLevelObjectives(buckets)
        .register(registry);
  }

  private void gauge(String name, String description, ToDoubleFunction<WorkerMetrics> value) {
    Gauge.builder(name, this, value).description(description).register(registry);
  }

  private static String label(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static Duration[] seconds(double... bounds) {
    return Arrays.stream(bounds)
        .mapToObj(bound -> Duration.ofMillis(Math.round(1000 * bound)))
        .toArray(Duration[]::new);
  }

  private static double number(@Nullable Number value) {
    return value == null ? Double.NaN : value.doubleValue();
  }

  /** Adds numbers that are no business of training. */
  public void bind(MeterBinder others) {
    others.bindTo(registry);
  }

  /** Counts a step. */
  public void step(StepNumbers step) {
    steps.record(step.duration());
    phases.forEach((phase, counter) -> counter.increment(step.phases().seconds(phase)));
    tokens.increment(step.tokens());
    gradientNorm = step.gradientNorm();
    learningRate = step.learningRate();
  }

  /**
   * Counts a committed checkpoint.
   *
   * @param bytes of all files
   */
  public void checkpoint(Duration duration, long bytes) {
    checkpoints.record(duration);
    checkpointSize = bytes;
  }

  /** Counts what this rank wrote of a checkpoint. */
  public void checkpointWritten(long bytes) {
    checkpointBytes.increment(bytes);
  }

  /** Counts a checkpoint that failed. */
  public void checkpointFailed() {
    checkpointFailures.increment();
  }

  /** Counts an epoch. */
  public void epoch() {
    epochs.increment();
  }

  /** Counts a recovery. */
  public void recovered(Recovery.Source source) {
    Objects.requireNonNull(recoveries.get(source)).increment();
  }

  /** All numbers in Prometheus' text format. */
  public String scrape() {
    return registry.scrape();
  }
}
