package dev.megalodon.trainer.progress;

import dev.megalodon.crds.contract.Progress;
import dev.megalodon.crds.contract.RankTimes;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** This worker in numbers, for Prometheus; names begin with {@code megalodon_}. */
public final class WorkerMetrics {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Timer steps;
  private final Timer checkpoints;
  private final Counter checkpointFailures;
  private final Counter epochs;

  /** Numbers about what the board says, and about durations that are recorded here. */
  public WorkerMetrics(ProgressBoard board) {
    registry.config().commonTags(Tags.of("rank", Integer.toString(board.current().rank())));
    gauge(board, "megalodon.step", "Steps finished", Progress::step);
    gauge(board, "megalodon.total.steps", "Steps of the whole run", Progress::totalSteps);
    gauge(board, "megalodon.loss", "Training loss, nats per token", p -> number(p.loss()));
    gauge(
        board,
        "megalodon.held.out.loss",
        "Loss on held-out text, nats per token",
        p -> number(p.heldOutLoss()));
    gauge(
        board,
        "megalodon.tokens.per.second",
        "Tokens a second, all ranks",
        p -> number(p.tokensPerSecond()));
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
    FunctionCounter.builder("megalodon.tokens", board, b -> b.current().tokens())
        .description("Tokens trained on, all ranks")
        .register(registry);
    steps =
        Timer.builder("megalodon.step.duration").description("Time of steps").register(registry);
    checkpoints =
        Timer.builder("megalodon.checkpoint.duration")
            .description("Time from the copy of the state to the commit")
            .register(registry);
    checkpointFailures =
        Counter.builder("megalodon.checkpoint.failures")
            .description("Checkpoints that any rank could not write")
            .register(registry);
    epochs =
        Counter.builder("megalodon.epochs")
            .description("Times this worker began or began again with its peers")
            .register(registry);
  }

  private void gauge(
      ProgressBoard board, String name, String description, ToDoubleFunction<Progress> value) {
    Gauge.builder(name, board, b -> value.applyAsDouble(b.current()))
        .description(description)
        .register(registry);
  }

  private void vital(
      ProgressBoard board, String name, String description, ToDoubleFunction<RankTimes> value) {
    Gauge.builder(name, board, b -> b.vitals().own().map(value::applyAsDouble).orElse(Double.NaN))
        .description(description)
        .register(registry);
  }

  private static double number(@Nullable Double value) {
    return value == null ? Double.NaN : value;
  }

  /** Counts a step. */
  public void step(Duration duration) {
    steps.record(duration);
  }

  /** Counts a committed checkpoint. */
  public void checkpoint(Duration duration) {
    checkpoints.record(duration);
  }

  /** Counts a checkpoint that failed. */
  public void checkpointFailed() {
    checkpointFailures.increment();
  }

  /** Counts an epoch. */
  public void epoch() {
    epochs.increment();
  }

  /** All numbers in Prometheus' text format. */
  public String scrape() {
    return registry.scrape();
  }
}
