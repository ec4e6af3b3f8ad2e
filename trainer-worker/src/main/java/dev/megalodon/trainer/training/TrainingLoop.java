package dev.megalodon.trainer.training;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.contract.Progress;
import dev.megalodon.crds.contract.Recovery;
import dev.megalodon.trainer.checkpoint.CheckpointId;
import dev.megalodon.trainer.checkpoint.CheckpointStore;
import dev.megalodon.trainer.checkpoint.CheckpointWriter;
import dev.megalodon.trainer.checkpoint.Manifest;
import dev.megalodon.trainer.checkpoint.StoredCheckpoint;
import dev.megalodon.trainer.checkpoint.VolumeProof;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.job.TrainingPlan;
import dev.megalodon.trainer.parallel.Collectives;
import dev.megalodon.trainer.parallel.Mesh;
import dev.megalodon.trainer.parallel.PeerLostException;
import dev.megalodon.trainer.recovery.Holding;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One rank's work from the first rendezvous to the last checkpoint:
 *
 * <pre>
 *   join ─▶ load ─▶ ( step ─▶ evaluate? ─▶ leave? ─▶ checkpoint? )* ─▶ final checkpoint ─▶ done
 *    ▲                          │
 *    └──────── a rank is lost ──┘
 * </pre>
 *
 * <p>All ranks take every decision alike: it depends on the step and on what they told each other,
 * never on one rank's clock or files.
 */
public final class TrainingLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingLoop.class);

  private final TrainingRun run;
  private final TrainingPlan plan;
  private final TrainingState state;
  private final Engine engine;
  private final CheckpointStore store;
  private final StateLoader loader;
  private final Checkpointing checkpointing;
  private final Reporter reporter;
  private final int heldOutWindows;

  /** How an epoch ends when nobody is lost. */
  private enum Ending {
    /** All steps are done and saved. */
    COMPLETE,
    /** Somebody left on notice; all have saved. */
    LEFT
  }

  /** Everything is allocated here. */
  public TrainingLoop(TrainingRun run) {
    this.run = run;
    this.plan = run.plan();
    this.state = new TrainingState(run.device(), plan, run.rank(), run.worldSize());
    this.store = new CheckpointStore(plan.checkpoints().jobFolder(), run.bounds().volumePatience());
    Mesh mesh = plan.parallel().mesh();
    this.engine = new Engine(run, state, new ExchangeChoice(plan, state, store));
    this.loader = new StateLoader(run, state, store);
    this.reporter = new Reporter(plan, run.rank(), run.board(), run.metrics(), run.clock());
    this.checkpointing =
        new Checkpointing(
            store,
            new CheckpointWriter(
                store,
                ModelMetadata.of(plan.model(), Optional.of(plan.data().tokenizer())),
                state.parameters(),
                state.shard(),
                state.carried().filter(states -> mesh.chunkIndex(run.rank()) == 0)),
            plan.checkpoints().keepLast(),
            reporter);
    this.heldOutWindows = run.text().heldOutWindows(plan.evaluation().sequences());
  }

  /**
   * Trains to the last step, whoever is lost and comes back meanwhile.
   *
   * @return {@code COMPLETE}, or {@code LEFT_ON_NOTICE} when this process was asked to leave
   * @throws WorkerExit when the run cannot go on
   */
  public ExitCode run(Membership membership) throws Exception {
    run.board().observe(membership.vitals());
    while (true) {
      try {
        reporter.phase(
            Progress.Phase.RENDEZVOUS, "waiting for all %d ranks".formatted(run.worldSize()));
        Session session = run.stop().interruptible(() -> membership.join(holding()));
        reporter.met();
        if (epoch(session) == Ending.COMPLETE) {
          reporter.phase(Progress.Phase.COMPLETE, "all %d steps are done".formatted(plan.steps()));
          membership.finish();
          return ExitCode.COMPLETE;
        }
        reporter.lost("a rank left on notice");
      } catch (PeerLostException e) {
        LOG.warn("back to the rendezvous: {}", e.getMessage());
        reporter.lost(String.valueOf(e.getMessage()));
      } catch (InterruptedException e) {
        if (!run.stop().requested()) {
          throw e;
        }
      }
      if (run.stop().requested()) {
        return leave(membership);
      }
    }
  }

  /** What this rank can go on from, for rank 0. */
  private String holding() {
    return engine
        .numerics()
        .flatMap(numerics -> state.holding(numerics, run.text().fingerprint()))
        .map(Holding::encoded)
        .orElse("");
  }

  private ExitCode leave(Membership membership) {
    String reason = "rank %d was told to leave".formatted(run.rank());
    LOG.info("{} after step {}", reason, state.position().step());
    try {
      membership.leave(reason);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return ExitCode.LEFT_ON_NOTICE;
  }

  private Ending epoch(Session session) {
    reporter.phase(Progress.Phase.LOADING, "epoch %s: loading".formatted(session.epoch()));
    StepRunner runner = engine.enter(session);
    StateLoader.Loaded loaded = loader.load(session, runner, engine.numerics().orElseThrow());
    if (loaded.source() == Recovery.Source.LIVE) {
      enterLive(runner, session);
    } else {
      enter(loaded, runner, session);
    }
    if (train(runner, session)) {
      saveFinal(session);
      return Ending.COMPLETE;
    }
    save(session);
    return Ending.LEFT;
  }

  /** Makes steps; false: somebody leaves before the last one. */
  private boolean train(StepRunner runner, Session session) {
    run.checkpointRequests().trainingFrom(state.position().step());
    try {
      while (state.position().step() < plan.steps()) {
        step(runner, session);
        Wishes wishes = wishes(session.collectives());
        if (wishes.leave()) {
          return false;
        }
        checkpointIfDue(session, wishes.checkpoint());
      }
      return true;
    } finally {
      run.checkpointRequests().notTraining();
    }
  }

  private void enter(StateLoader.Loaded loaded, StepRunner runner, Session session) {
    loaded.checkpoint().ifPresent(reporter::resumed);
    checkpointing.enter(loaded.checkpoint());
    new VolumeProof(plan.checkpoints().jobFolder(), run.bounds().volumePatience())
        .require(session.collectives(), "epoch-" + session.epoch());
    reporter.entered(session, state.position(), loaded.source());
    if (state.position().step() == 0) {
      evaluate(runner, session);
    }
  }

  /**
   * Does again what comes after the step that living ranks go on from, since it may have been
   * interrupted. The volume is not put to the proof: memory is enough to go on.
   */
  private void enterLive(StepRunner runner, Session session) {
    checkpointing.enterLive(run.rank() == 0 ? newestCommitted() : Optional.empty());
    reporter.entered(session, state.position(), Recovery.Source.LIVE);
    long step = state.position().step();
    if (step == 0 || evaluates(step)) {
      evaluate(runner, session);
    }
    boolean unsaved = run.rank() == 0 && checkpointing.newestStep() < step;
    if (session.collectives().allReduceOr(unsaved) && step < plan.steps()) {
      beginCheckpoint(session);
    }
  }

  private Optional<StoredCheckpoint> newestCommitted() {
    try {
      List<CheckpointId> committed = store.committed();
      return committed.isEmpty()
          ? Optional.empty()
          : Optional.of(StoredCheckpoint.readManifest(store.folder(committed.getFirst())));
    } catch (IOException e) {
      LOG.warn("the newest checkpoint in {} cannot be read: {}", store.folder(), e.toString());
      return Optional.empty();
    }
  }

  private void step(StepRunner runner, Session session) {
    session.clock().beginStep(state.position().step() + 1);
    StepResult result = runner.step(session);
    long step = state.position().step();
    reporter.step(session, step, result, session.clock().phaseTimes());
    run.faults().afterStep(step);
    session.clock().endStep();
    if (evaluates(step)) {
      evaluate(runner, session);
    }
  }

  private void checkpointIfDue(Session session, boolean asked) {
    long step = state.position().step();
    boolean due = asked || step % plan.checkpoints().everySteps() == 0;
    if (due && step < plan.steps()) {
      beginCheckpoint(session);
    } else {
      checkpointing.poll(session.collectives());
    }
  }

  private void beginCheckpoint(Session session) {
    checkpointing.begin(session.collectives(), () -> manifest(session));
    run.checkpointRequests().served(state.position().step());
  }

  private boolean evaluates(long step) {
    return step == plan.steps() || step % plan.evaluation().everySteps() == 0;
  }

  private void evaluate(StepRunner runner, Session session) {
    if (heldOutWindows > 0) {
      session.clock().beginEvaluation(state.position().step());
      double loss = runner.evaluate(heldOutWindows, session.collectives());
      session.clock().endEvaluation();
      state.moveTo(state.position().evaluated(loss));
      reporter.evaluated(session, state.position(), loss);
    }
  }

  private Wishes wishes(Collectives collectives) {
    boolean checkpoint = run.checkpointRequests().askedAfter(state.position().step());
    return new Wishes(run.stop().requested(), checkpoint).agreed(collectives);
  }

  /** Saves this step unless it has been, as well as it can be done now. */
  private void save(Session session) {
    long step = state.position().step();
    boolean saved =
        checkpointing.finish(session.collectives()).filter(done -> done == step).isPresent();
    if (!saved) {
      beginCheckpoint(session);
      checkpointing.finish(session.collectives());
    }
  }

  /** Saves the last step; tries again for as long as the bounds allow. */
  private void saveFinal(Session session) {
    reporter.phase(Progress.Phase.FINISHING, "writing the last checkpoint");
    long end = System.nanoTime() + run.bounds().finalCheckpoint().toNanos();
    Collectives collectives = session.collectives();
    checkpointing.finish(collectives);
    while (true) {
      beginCheckpoint(session);
      if (checkpointing.finish(collectives).isPresent()) {
        return;
      }
      if (collectives.allReduceOr(System.nanoTime() >= end)) {
        throw new WorkerExit(
            ExitCode.CHECKPOINT_FAILED,
            "the last checkpoint cannot be written: %s".formatted(run.board().current().message()));
      }
      pause();
    }
  }

  private void pause() {
    try {
      Thread.sleep(run.bounds().pauseBetweenTries());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Manifest manifest(Session session) {
    TrainingState.Position position = state.position();
    return new Manifest(
        Manifest.FORMAT_VERSION,
        run.board().current().jobUid(),
        session.incarnation(),
        session.counter(),
        position.step(),
        plan.steps(),
        position.step() * plan.tokensPerStep(),
        run.worldSize(),
        checkpointing.parent().orElse(null),
        plan.seed(),
        run.text().fingerprint(),
        Map.of("architecture", "megalodon", "config", plan.model()),
        plan.specDigest(),
        engine.numerics().orElseThrow(),
        position.loss(),
        position.initialHeldOutLoss(),
        position.heldOutLoss(),
        reporter.now(),
        List.of());
  }

  @Override
  public void close() {
    checkpointing.close();
    reporter.close();
  }
}
