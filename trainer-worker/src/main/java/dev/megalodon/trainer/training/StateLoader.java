package dev.megalodon.trainer.training;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.contract.Recovery;
import dev.megalodon.trainer.checkpoint.CheckpointStore;
import dev.megalodon.trainer.checkpoint.StoredCheckpoint;
import dev.megalodon.trainer.data.DataSource;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.job.TrainingPlan;
import dev.megalodon.trainer.recovery.LiveTransfer;
import dev.megalodon.trainer.recovery.ResumePoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings a rank's state to where an epoch goes on from. */
final class StateLoader {
  private static final Logger LOG = LoggerFactory.getLogger(StateLoader.class);

  private final TrainingRun run;
  private final TrainingPlan plan;
  private final TrainingState state;
  private final CheckpointStore store;

  /**
   * Where the state came from.
   *
   * @param source what kind of place
   * @param checkpoint which one, if it was a checkpoint
   */
  record Loaded(Recovery.Source source, Optional<StoredCheckpoint> checkpoint) {}

  StateLoader(TrainingRun run, TrainingState state, CheckpointStore store) {
    this.run = run;
    this.plan = run.plan();
    this.state = state;
    this.store = store;
  }

  /**
   * Loads with all ranks of an epoch.
   *
   * @param runner makes this rank's steps
   * @param numerics what the bits of the results depend on
   */
  Loaded load(Session session, StepRunner runner, String numerics) {
    return switch (ResumePoint.decode(session.resume())) {
      case ResumePoint.Beginning() -> {
        state.initialize();
        establish(session, runner);
        yield new Loaded(Recovery.Source.BEGINNING, Optional.empty());
      }
      case ResumePoint.Checkpoint reference -> {
        StoredCheckpoint checkpoint = open(reference);
        load(checkpoint, numerics);
        establish(session, runner);
        yield new Loaded(Recovery.Source.CHECKPOINT, Optional.of(checkpoint));
      }
      case ResumePoint.Live live -> {
        join(live, session, runner, numerics);
        yield new Loaded(Recovery.Source.LIVE, Optional.empty());
      }
    };
  }

  /** Nobody may take this rank's state for whole before its copies are. */
  private void establish(Session session, StepRunner runner) {
    runner.replicate(session);
    state.established(session.number());
  }

  private void join(ResumePoint.Live live, Session session, StepRunner runner, String numerics) {
    LOG.info(
        "going on from living ranks at step {}; newcomers: {}",
        live.state().step(),
        live.newcomers());
    requireSame(
        live.state().numerics(),
        live.state().dataFingerprint(),
        "the living ranks at step " + live.state().step(),
        numerics);
    if (!live.newcomers().contains(run.rank())) {
      runner.catchUp(live.state().step(), Optional.ofNullable(live.state().gradientNorm()));
    }
    new LiveTransfer(
            state.parameters(), state.shard(), state.buddy().orElseThrow(), state.replicas())
        .run(live.newcomers(), session.collectives(), session.neighbours());
    state.joined(live.state());
  }

  private StoredCheckpoint open(ResumePoint.Checkpoint reference) {
    Path folder = plan.checkpoints().volume().resolve(reference.folder());
    try {
      StoredCheckpoint checkpoint = store.open(folder);
      if (!checkpoint.digest().equals(reference.digest())) {
        throw new IOException(
            "its manifest is %s, rank 0 saw %s".formatted(checkpoint.digest(), reference.digest()));
      }
      return checkpoint;
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  private void load(StoredCheckpoint checkpoint, String numerics) {
    boolean own = checkpoint.folder().startsWith(plan.checkpoints().jobFolder());
    if (own) {
      requireSame(
          checkpoint.manifest().numerics(),
          checkpoint.manifest().dataFingerprint(),
          "the checkpoint at step " + checkpoint.manifest().step(),
          numerics);
    }
    try {
      state.load(checkpoint);
    } catch (IOException e) {
      throw unusable(checkpoint.folder(), e);
    }
  }

  private static WorkerExit unusable(Path folder, IOException cause) {
    return new WorkerExit(
        ExitCode.CHECKPOINT_FAILED,
        "the checkpoint %s cannot be loaded: %s".formatted(folder, cause.getMessage()),
        cause);
  }

  /** Refuses to go on with other numbers than the job was started with. */
  private void requireSame(
      String startedWith, String dataFingerprint, String what, String numerics) {
    if (!startedWith.equals(numerics)) {
      throw new WorkerExit(
          ExitCode.NUMERICS_MISMATCH,
          "rank %d computes with %s, but the job was started with %s"
              .formatted(run.rank(), numerics, startedWith));
    }
    if (!dataFingerprint.equals(run.text().fingerprint())) {
      throw new WorkerExit(
          ExitCode.BAD_DATA,
          "the training text in %s, or how it is read (spec.data), has changed since %s"
              .formatted(plan.data().sources().stream().map(DataSource::path).toList(), what));
    }
  }
}
