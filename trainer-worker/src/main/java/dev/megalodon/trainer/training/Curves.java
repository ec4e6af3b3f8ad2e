package dev.megalodon.trainer.training;

import dev.megalodon.trainer.tensorboard.EventLog;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * The curves of a run for TensorBoard, in the folder {@code tensorboard} of the job's; rank 0 draws
 * them. Every epoch has a file of its own, which makes readers forget the steps that are made
 * again.
 */
final class Curves implements AutoCloseable {
  static final String FOLDER = "tensorboard";

  private final EventLog log;
  private final Clock clock;
  private long entered;

  Curves(Path jobFolder, Clock clock) {
    this.log = new EventLog(jobFolder.resolve(FOLDER));
    this.clock = clock;
  }

  /**
   * An epoch begins.
   *
   * @param step steps that are done
   */
  void entered(Session session, long step) {
    entered = step;
    String name = "%08d.%04d".formatted(session.incarnation(), session.counter());
    log.begin(name, step == 0 ? 0 : step + 1);
  }

  /**
   * A step is done; {@code step} counts from 1.
   *
   * @param tokensPerSecond not finite: not known
   */
  void step(long step, StepResult result, double tokensPerSecond) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put("train/loss", result.loss());
    numbers.put("train/gradient_norm", result.gradientNorm());
    numbers.put("train/learning_rate", result.learningRate());
    if (Double.isFinite(tokensPerSecond)) {
      numbers.put("train/tokens_per_second", tokensPerSecond);
    }
    log.scalars(clock.instant(), step, numbers);
  }

  /**
   * An evaluation is done, perhaps again: the one after the step that an epoch begins with.
   *
   * @param known whether its result was logged before; only asked where it may have been
   */
  void evaluated(long step, double loss, BooleanSupplier known) {
    if (step == 0 || step != entered || !known.getAsBoolean()) {
      log.scalars(clock.instant(), step, Map.of("evaluation/held_out_loss", loss));
    }
  }

  @Override
  public void close() {
    log.close();
  }
}
