package dev.megalodon.operator.status;

import dev.megalodon.crds.contract.Progress;
import dev.megalodon.crds.v1alpha1.CheckpointStatus;
import dev.megalodon.crds.v1alpha1.TrainingProgress;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** From a worker's answer to what the status shows: rounded, so that noise writes nothing. */
public final class ProgressStatus {
  private static final MathContext LOSS_DIGITS = new MathContext(4);
  private static final MathContext SPEED_DIGITS = new MathContext(3);

  private ProgressStatus() {}

  /** How far the training is. */
  public static TrainingProgress of(Progress progress) {
    long total = Math.max(1, progress.totalSteps());
    return new TrainingProgress(
        progress.step(),
        progress.totalSteps(),
        progress.step() + "/" + progress.totalSteps(),
        (int) Math.min(100, 100 * progress.step() / total),
        progress.tokens(),
        rounded(progress.loss(), LOSS_DIGITS),
        rounded(progress.heldOutLoss(), LOSS_DIGITS),
        rounded(progress.initialHeldOutLoss(), LOSS_DIGITS),
        rounded(progress.tokensPerSecond(), SPEED_DIGITS),
        Optional.ofNullable(progress.etaSeconds())
            .map(seconds -> Times.brief(Duration.ofSeconds(seconds)))
            .orElse(null));
  }

  /** The newest checkpoint the worker knows of. */
  public static Optional<CheckpointStatus> checkpoint(Progress progress) {
    return Optional.ofNullable(progress.checkpointStep())
        .map(
            step ->
                new CheckpointStatus(
                    step,
                    progress.checkpointUri(),
                    progress.checkpointDigest(),
                    progress.checkpointTime()));
  }

  /** The same at the end: a worker ends with 0 only after the last step. */
  public static TrainingProgress finished(TrainingProgress last) {
    long total = last.totalSteps();
    return new TrainingProgress(
        total,
        total,
        total + "/" + total,
        100,
        last.tokens(),
        last.loss(),
        last.heldOutLoss(),
        last.initialHeldOutLoss(),
        last.tokensPerSecond(),
        null);
  }

  /** What a finished run came to: {@code 300 steps, loss 5.58 → 1.71}. */
  public static String summary(TrainingProgress progress) {
    String steps = progress.step() + (progress.step() == 1 ? " step" : " steps");
    Double before = progress.initialHeldOutLoss();
    Double after = progress.heldOutLoss();
    if (before != null && after != null) {
      return "%s, held-out loss %.3f → %.3f nats per token".formatted(steps, before, after);
    }
    Double loss = progress.loss();
    return loss == null ? steps : "%s, training loss %.3f nats per token".formatted(steps, loss);
  }

  /** Not a number and infinity have no JSON; they are left out. */
  private static @Nullable Double rounded(@Nullable Double value, MathContext digits) {
    if (value == null || !Double.isFinite(value)) {
      return null;
    }
    return BigDecimal.valueOf(value).round(digits).doubleValue();
  }
}
