package dev.megalodon.trainer.training;

import dev.megalodon.crds.contract.Curve;
import dev.megalodon.crds.contract.Progress;
import dev.megalodon.crds.contract.Recovery;
import dev.megalodon.trainer.checkpoint.FileDigest;
import dev.megalodon.trainer.checkpoint.Manifest;
import dev.megalodon.trainer.checkpoint.StoredCheckpoint;
import dev.megalodon.trainer.job.TrainingPlan;
import dev.megalodon.trainer.parallel.PhaseTimes;
import dev.megalodon.trainer.progress.ProgressBoard;
import dev.megalodon.trainer.progress.StepNumbers;
import dev.megalodon.trainer.progress.TrainingCurve;
import dev.megalodon.trainer.progress.WorkerMetrics;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells people and machines what happens: log lines, progress, metrics, curves, the step log. */
final class Reporter implements Checkpointing.Listener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Reporter.class);

  private final TrainingPlan plan;
  private final int rank;
  private final ProgressBoard board;
  private final WorkerMetrics metrics;
  private final StepLog stepLog;
  private final Curves curves;
  private final Clock clock;
  private final Comeback comeback;
  private Speedometer speed = new Speedometer();
  private boolean entered;

  Reporter(TrainingPlan plan, int rank, ProgressBoard board, WorkerMetrics metrics, Clock clock) {
    this.plan = plan;
    this.rank = rank;
    this.board = board;
    this.metrics = metrics;
    this.stepLog = new StepLog(plan.checkpoints().jobFolder());
    this.curves = new Curves(plan.checkpoints().jobFolder(), clock);
    this.clock = clock;
    this.comeback = new Comeback(clock);
  }

  /** A rank was lost, and this one goes back to the rendezvous. */
  void lost(String reason) {
    comeback.lost(reason);
  }

  /** All ranks have met. */
  void met() {
    comeback.met();
  }

  void phase(Progress.Phase phase, String message) {
    LOG.info(message);
    board.phase(phase, message);
  }

  /** All ranks have the state to go on from. */
  void entered(Session session, TrainingState.Position position, Recovery.Source source) {
    metrics.epoch();
    speed = new Speedometer();
    long logged = stepLog.newestStep();
    comeback.loaded(source, position.step(), logged).ifPresent(this::recovers);
    if (rank == 0) {
      curves.entered(session, position.step());
      if (logged < position.step() && position.gradientNorm() != null) {
        log(session, position.step(), made(position), Double.NaN);
      }
      if (!entered && logged > 0) {
        LoggedCurve.refill(board.curve(), plan.checkpoints().jobFolder());
      }
      entered = true;
    }
    long tokens = tokensAfter(position.step());
    board.update(
        edit ->
            edit.epoch(session.number(), position.step(), tokens)
                .losses(position.loss(), position.heldOutLoss(), position.initialHeldOutLoss()));
    phase(
        Progress.Phase.TRAINING,
        "epoch %s: training from step %d of %d"
            .formatted(session.epoch(), position.step(), plan.steps()));
  }

  private void recovers(Recovery recovery) {
    metrics.recovered(recovery.source());
    board.update(edit -> edit.recovery(recovery));
  }

  private void log(Session session, long step, StepResult result, double tokensPerSecond) {
    stepLog.step(session, step, result, tokensAfter(step), now());
    curves.step(step, result, tokensPerSecond);
    board.curve().step(point(step, result, tokensPerSecond));
  }

  /** The result of a step whose end this process did not see. */
  private StepResult made(TrainingState.Position position) {
    return new StepResult(
        Objects.requireNonNull(position.loss()),
        Objects.requireNonNull(position.gradientNorm()),
        plan.schedule().rate(position.step() - 1));
  }

  private long tokensAfter(long step) {
    return step * plan.tokensPerStep();
  }

  /** A step is done; {@code step} counts from 1. */
  void step(Session session, long step, StepResult result, PhaseTimes times) {
    StepNumbers numbers =
        new StepNumbers(times, plan.tokensPerStep(), result.gradientNorm(), result.learningRate());
    speed.record(numbers.duration());
    metrics.step(numbers);
    comeback.stepDone().ifPresent(recovery -> board.update(edit -> edit.recovery(recovery)));
    double tokensPerSecond = speed.tokensPerSecond(plan.tokensPerStep());
    double secondsLeft = speed.secondsFor(plan.steps() - step);
    long tokens = tokensAfter(step);
    String line =
        String.format(
            Locale.ROOT,
            "step %d/%d loss %.4f norm %.3f lr %.3g tokens/s %.0f eta %s",
            step,
            plan.steps(),
            result.loss(),
            result.gradientNorm(),
            result.learningRate(),
            tokensPerSecond,
            people(secondsLeft));
    board.update(
        edit ->
            edit.step(step, tokens, result.loss())
                .speed(tokensPerSecond, secondsLeft)
                .message(line));
    if (rank == 0) {
      LOG.info(line);
      log(session, step, result, tokensPerSecond);
    }
  }

  private TrainingCurve.Point point(long step, StepResult result, double tokensPerSecond) {
    return new TrainingCurve.Point(
        step, clock.millis(), result.loss(), result.gradientNorm(), tokensPerSecond);
  }

  void evaluated(Session session, TrainingState.Position position, double loss) {
    board.update(edit -> edit.losses(position.loss(), loss, position.initialHeldOutLoss()));
    if (rank == 0) {
      LOG.info(String.format(Locale.ROOT, "step %d held-out loss %.4f", position.step(), loss));
      curves.evaluated(position.step(), loss, () -> stepLog.hasEvaluation(position.step()));
      stepLog.evaluation(session, position.step(), loss, now());
      board.curve().evaluation(position.step(), loss);
    }
  }

  @Override
  public void committed(StoredCheckpoint checkpoint, long nanos) {
    Duration duration = Duration.ofNanos(nanos);
    metrics.checkpoint(duration, bytes(checkpoint.manifest().files()));
    long step = checkpoint.manifest().step();
    LOG.info("step {} checkpoint {} in {} ms", step, uri(checkpoint), duration.toMillis());
    show(checkpoint, nanos / 1e9);
    committedElsewhere();
  }

  @Override
  public void written(List<FileDigest> files) {
    metrics.checkpointWritten(bytes(files));
  }

  private static long bytes(List<FileDigest> files) {
    return files.stream().mapToLong(FileDigest::size).sum();
  }

  @Override
  public void committedElsewhere() {
    board.update(edit -> edit.checkpointFailure(null));
  }

  /** The epoch goes on from a checkpoint. */
  void resumed(StoredCheckpoint checkpoint) {
    LOG.info("going on from checkpoint {} ({})", uri(checkpoint), checkpoint.digest());
    show(checkpoint, 0);
  }

  private void show(StoredCheckpoint checkpoint, double seconds) {
    Manifest manifest = checkpoint.manifest();
    board
        .curve()
        .checkpoint(
            new Curve.Checkpoint(manifest.step(), manifest.createdAt(), uri(checkpoint), seconds));
    board.update(
        edit ->
            edit.checkpoint(
                manifest.step(), uri(checkpoint), checkpoint.digest(), manifest.createdAt()));
  }

  private String uri(StoredCheckpoint checkpoint) {
    return plan.checkpoints().volume().relativize(checkpoint.folder()).toString();
  }

  @Override
  public void failed(String sentence) {
    metrics.checkpointFailed();
    LOG.warn(sentence);
    board.update(edit -> edit.message(sentence).checkpointFailure(sentence));
  }

  /** The time as manifests and logs write it. */
  String now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS).toString();
  }

  @Override
  public void close() {
    curves.close();
  }

  private static String people(double seconds) {
    long whole = Math.round(seconds);
    return whole >= 3600
        ? "%dh%02dm".formatted(whole / 3600, whole % 3600 / 60)
        : "%dm%02ds".formatted(whole / 60, whole % 60);
  }
}
