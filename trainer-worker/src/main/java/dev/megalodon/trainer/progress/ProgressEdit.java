package dev.megalodon.trainer.progress;

import dev.megalodon.crds.contract.AbsentRank;
import dev.megalodon.crds.contract.Progress;
import dev.megalodon.crds.contract.RankTimes;
import dev.megalodon.crds.contract.Recovery;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A progress record in change; what is not set stays as it was. */
public final class ProgressEdit {
  private final Progress before;
  private Progress.Phase phase;
  private long epoch;
  private long step;
  private long tokens;
  private @Nullable Double loss;
  private @Nullable Double heldOutLoss;
  private @Nullable Double initialHeldOutLoss;
  private @Nullable Double tokensPerSecond;
  private @Nullable Long etaSeconds;
  private @Nullable Long checkpointStep;
  private @Nullable String checkpointUri;
  private @Nullable String checkpointDigest;
  private @Nullable String checkpointTime;
  private long resumedFromStep;
  private String message;
  private @Nullable Recovery recovery;
  private @Nullable String checkpointFailure;
  private List<AbsentRank> absent;
  private List<RankTimes> ranks;

  ProgressEdit(Progress before) {
    this.before = before;
    phase = before.phase();
    epoch = before.epoch();
    step = before.step();
    tokens = before.tokens();
    loss = before.loss();
    heldOutLoss = before.heldOutLoss();
    initialHeldOutLoss = before.initialHeldOutLoss();
    tokensPerSecond = before.tokensPerSecond();
    etaSeconds = before.etaSeconds();
    checkpointStep = before.checkpointStep();
    checkpointUri = before.checkpointUri();
    checkpointDigest = before.checkpointDigest();
    checkpointTime = before.checkpointTime();
    resumedFromStep = before.resumedFromStep();
    message = before.message();
    recovery = before.recovery();
    checkpointFailure = before.checkpointFailure();
    absent = before.absent();
    ranks = before.ranks();
  }

  /** Sets what the worker does. */
  public ProgressEdit phase(Progress.Phase value) {
    phase = value;
    return this;
  }

  /** Sets the line for people. */
  public ProgressEdit message(String value) {
    message = value;
    return this;
  }

  /** Sets the epoch and the step it starts from. */
  public ProgressEdit epoch(long number, long startStep, long startTokens) {
    epoch = number;
    step = startStep;
    resumedFromStep = startStep;
    tokens = startTokens;
    return this;
  }

  /** Sets a finished step and its training loss. */
  public ProgressEdit step(long value, long tokensSoFar, double trainingLoss) {
    step = value;
    tokens = tokensSoFar;
    loss = trainingLoss;
    return this;
  }

  /** Sets the speed; not finite means not known. */
  public ProgressEdit speed(double tokensEachSecond, double secondsLeft) {
    boolean known = Double.isFinite(tokensEachSecond) && Double.isFinite(secondsLeft);
    tokensPerSecond = known ? tokensEachSecond : null;
    etaSeconds = known ? Math.round(secondsLeft) : null;
    return this;
  }

  /** Sets the losses; null where not known. */
  public ProgressEdit losses(
      @Nullable Double training, @Nullable Double heldOut, @Nullable Double initialHeldOut) {
    loss = training;
    heldOutLoss = heldOut;
    initialHeldOutLoss = initialHeldOut;
    return this;
  }

  /** Sets the newest committed checkpoint. */
  public ProgressEdit checkpoint(long atStep, String uri, String digest, String time) {
    checkpointStep = atStep;
    checkpointUri = uri;
    checkpointDigest = digest;
    checkpointTime = time;
    return this;
  }

  /** Sets how training went on after a loss. */
  public ProgressEdit recovery(Recovery value) {
    recovery = value;
    return this;
  }

  /** Sets why the newest checkpoint failed; null: it did not. */
  public ProgressEdit checkpointFailure(@Nullable String reason) {
    checkpointFailure = reason;
    return this;
  }

  /** Sets which ranks are waited for. */
  public ProgressEdit absent(List<AbsentRank> value) {
    absent = value;
    return this;
  }

  /** Sets where the time of steps goes. */
  public ProgressEdit ranks(List<RankTimes> value) {
    ranks = value;
    return this;
  }

  Progress done() {
    return new Progress(
        before.jobUid(),
        before.rank(),
        before.incarnation(),
        phase,
        epoch,
        step,
        before.totalSteps(),
        tokens,
        loss,
        heldOutLoss,
        initialHeldOutLoss,
        tokensPerSecond,
        etaSeconds,
        checkpointStep,
        checkpointUri,
        checkpointDigest,
        checkpointTime,
        resumedFromStep,
        message,
        recovery,
        checkpointFailure,
        absent,
        ranks);
  }
}
