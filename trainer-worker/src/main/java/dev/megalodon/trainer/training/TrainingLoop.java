package dev.megalodon.trainer.training;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.contract.Progress;
import dev.megalodon.trainer.checkpoint.CheckpointStore;
import dev.megalodon.trainer.checkpoint.CheckpointWriter;
import dev.megalodon.trainer.checkpoint.Manifest;
import dev.megalodon.trainer.checkpoint.StoredCheckpoint;
import dev.megalodon.trainer.checkpoint.VolumeProof;
import dev.megalodon.trainer.data.DataSource;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.job.TrainingPlan;
import dev.megalodon.trainer.parallel.Collectives;
import dev.megalodon.trainer.parallel.Mesh;
import dev.megalodon.trainer.parallel.PeerLostException;
import dev.megalodon.trainer.parallel.cost.ChunkExchange;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
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
  private final CurrentChunkGroup chunkGroup;
  private final ExchangeChoice exchangeChoice;
  private final CheckpointStore store;
  private final Checkpointing checkpointing;
  private final Reporter reporter;
  private final int heldOutWindows;
  private Optional<Engine> engine = Optional.empty();

  /** What makes steps, and how it exchanges states; bits depend on both. */
  private record Engine(ChunkExchange exchange, StepRunner runner) {}

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
    this.chunkGroup = new CurrentChunkGroup(mesh.chunkIndex(run.rank()), mesh.chunkParallel());
    this.exchangeChoice = new ExchangeChoice(plan, state, store);
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
        Session session = run.stop().interruptible(membership::join);
        if (epoch(session) == Ending.COMPLETE) {
          reporter.phase(Progress.Phase.COMPLETE, "all %d steps are done".formatted(plan.steps()));
          membership.finish();
          return ExitCode.COMPLETE;
        }
      } catch (PeerLostException e) {
        LOG.warn("back to the rendezvous: {}", e.getMessage());
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
    Collectives collectives = session.collectives();
    StepRunner runner = engine(session).runner();
    load(session);
    String nonce = "epoch-" + session.epoch();
    new VolumeProof(plan.checkpoints().jobFolder(), run.bounds().volumePatience())
        .require(collectives, nonce);
    reporter.entered(session, state.position());
    if (state.position().step() == 0) {
      evaluate(runner, session);
    }
    while (state.position().step() < plan.steps()) {
      step(runner, session);
      if (leaving(collectives)) {
        save(session);
        return Ending.LEFT;
      }
    }
    saveFinal(session);
    return Ending.COMPLETE;
  }

  /** Everything that a step needs is allocated in the first epoch, when the exchange is known. */
  private Engine engine(Session session) {
    chunkGroup.enter(session.chunkGroup());
    if (engine.isEmpty()) {
      ChunkExchange exchange = exchangeChoice.of(session);
      engine =
          Optional.of(
              new Engine(
                  exchange,
                  new StepRunner(plan, run.rank(), chunkGroup, exchange, run.text(), state)));
    }
    return engine.get();
  }

  private void step(StepRunner runner, Session session) {
    long begun = System.nanoTime();
    long before = state.position().step();
    session.clock().beginStep(before + 1);
    StepResult result = runner.step(before, session.collectives());
    state.moveTo(state.position().after(result));
    reporter.step(session, before + 1, result, Duration.ofNanos(System.nanoTime() - begun));
    run.faults().afterStep(before + 1);
    session.clock().endStep();
    boolean last = before + 1 == plan.steps();
    if (last || (before + 1) % plan.evaluation().everySteps() == 0) {
      evaluate(runner, session);
    }
    if (!last && (before + 1) % plan.checkpoints().everySteps() == 0) {
      checkpointing.begin(session.collectives(), () -> manifest(session));
    } else {
      checkpointing.poll(session.collectives());
    }
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

  private boolean leaving(Collectives collectives) {
    return collectives.allReduceOr(run.stop().requested());
  }

  /** Saves this step unless it has been, as well as it can be done now. */
  private void save(Session session) {
    long step = state.position().step();
    boolean saved =
        checkpointing.finish(session.collectives()).filter(done -> done == step).isPresent();
    if (!saved) {
      checkpointing.begin(session.collectives(), () -> manifest(session));
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
      checkpointing.begin(collectives, () -> manifest(session));
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

  private void load(Session session) {
    reporter.phase(Progress.Phase.LOADING, "epoch %s: loading".formatted(session.epoch()));
    Optional<StoredCheckpoint> checkpoint =
        ResumePoint.decode(session.resume()).checkpoint().map(this::open);
    if (checkpoint.isPresent()) {
      load(checkpoint.get());
      reporter.resumed(checkpoint.get());
    } else {
      state.initialize();
    }
    checkpointing.enter(checkpoint);
  }

  private StoredCheckpoint open(ResumePoint.Reference reference) {
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

  private void load(StoredCheckpoint checkpoint) {
    boolean own = checkpoint.folder().startsWith(plan.checkpoints().jobFolder());
    if (own) {
      requireSame(checkpoint.manifest());
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
  private void requireSame(Manifest manifest) {
    if (!manifest.numerics().equals(numerics())) {
      throw new WorkerExit(
          ExitCode.NUMERICS_MISMATCH,
          "rank %d computes with %s, but the job was started with %s"
              .formatted(run.rank(), numerics(), manifest.numerics()));
    }
    if (!manifest.dataFingerprint().equals(run.text().fingerprint())) {
      throw new WorkerExit(
          ExitCode.BAD_DATA,
          ("the training text in %s, or how it is read (spec.data), has changed since the"
                  + " checkpoint at step %d")
              .formatted(
                  plan.data().sources().stream().map(DataSource::path).toList(), manifest.step()));
    }
  }

  /** What the bits of the results depend on. */
  private String numerics() {
    return plan.parallel().mesh().chunkParallel() == 1
        ? run.numerics()
        : "%s, chunk exchange %s".formatted(run.numerics(), engine.orElseThrow().exchange().text());
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
        numerics(),
        position.loss(),
        position.initialHeldOutLoss(),
        position.heldOutLoss(),
        reporter.now(),
        List.of());
  }

  @Override
  public void close() {
    checkpointing.close();
  }
}
