package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobSpec;
import dev.megalodon.crds.v1alpha1.ParallelismSpec;
import dev.megalodon.trainer.cli.logging.LogSetup;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.job.SpecFile;
import dev.megalodon.trainer.job.TrainingPlan;
import dev.megalodon.trainer.job.TrainingPlanner;
import dev.megalodon.trainer.job.WorkerIdentity;
import dev.megalodon.trainer.memory.MachineMemory;
import dev.megalodon.trainer.memory.MemoryCheck;
import dev.megalodon.trainer.memory.MemoryPlan;
import dev.megalodon.trainer.memory.MemoryPlanner;
import dev.megalodon.trainer.memory.MemoryRequest;
import dev.megalodon.trainer.parallel.Network;
import dev.megalodon.trainer.parallel.Ticker;
import dev.megalodon.trainer.parallel.Traffic;
import dev.megalodon.trainer.parallel.aeron.AeronNetwork;
import dev.megalodon.trainer.parallel.aeron.AeronSettings;
import dev.megalodon.trainer.progress.CheckpointRequests;
import dev.megalodon.trainer.progress.ProcessMetrics;
import dev.megalodon.trainer.progress.ProgressBoard;
import dev.megalodon.trainer.progress.ProgressServer;
import dev.megalodon.trainer.progress.TerminationMessage;
import dev.megalodon.trainer.progress.WorkerMetrics;
import dev.megalodon.trainer.recovery.ResumePlanner;
import dev.megalodon.trainer.rendezvous.EpochId;
import dev.megalodon.trainer.rendezvous.Identity;
import dev.megalodon.trainer.rendezvous.JobSecret;
import dev.megalodon.trainer.rendezvous.Rendezvous;
import dev.megalodon.trainer.rendezvous.RendezvousException;
import dev.megalodon.trainer.rendezvous.RendezvousSettings;
import dev.megalodon.trainer.training.RendezvousMembership;
import dev.megalodon.trainer.training.SoloMembership;
import dev.megalodon.trainer.training.StopSignal;
import dev.megalodon.trainer.training.TrainingLoop;
import dev.megalodon.trainer.training.TrainingRun;
import dev.megalodon.trainer.training.TrainingText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts one rank together, runs it, and says why it ended. */
final class WorkerProcess {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerProcess.class);

  /**
   * How long a damaged checkpoint is looked at again before the one before it is taken. Shorter
   * than for files that another rank has just written: these are older than the process that reads
   * them.
   */
  private static final Duration DAMAGE_PATIENCE = Duration.ofSeconds(10);

  private final Places places;
  private final Ports ports;
  private final Patience patience;
  private final boolean alone;
  private final StopSignal stop = new StopSignal();
  private final CheckpointRequests checkpointRequests = new CheckpointRequests(Ticker.SYSTEM);

  /** Files and folders. */
  record Places(Path spec, Path secret, Path data, Path checkpoints, Path terminationMessage) {}

  /** Ports to listen on. */
  record Ports(int rendezvous, int collectives, int http) {}

  /**
   * How long things may take.
   *
   * @param volume for other nodes' files to appear
   * @param finalCheckpoint to write the last checkpoint
   */
  record Patience(Duration volume, Duration finalCheckpoint) {}

  /** A process that trains alone, or with others. */
  WorkerProcess(Places places, Ports ports, Patience patience, boolean alone) {
    this.places = places;
    this.ports = ports;
    this.patience = patience;
    this.alone = alone;
  }

  /**
   * Trains until the end, whatever it is.
   *
   * @param identity read inside, so that a wrong one is reported like any other error
   */
  ExitCode run(Supplier<WorkerIdentity> identity) {
    LeaveOnNotice notice = LeaveOnNotice.install(stop, places.terminationMessage());
    ExitCode code = attempt(identity, notice);
    notice.ended(code);
    return code;
  }

  private ExitCode attempt(Supplier<WorkerIdentity> identity, LeaveOnNotice notice) {
    try {
      WorkerIdentity own = identity.get();
      LogSetup.about(() -> about(own, EpochId.NONE, 0));
      MegalodonTrainingJobSpec spec = spec();
      notice.grace(Duration.ofSeconds(spec.checkpoint().graceSeconds()));
      return train(own, spec);
    } catch (WorkerExit e) {
      return failed(e.code(), e.sentence(), e);
    } catch (RendezvousException e) {
      return failed(e.exitCode(), String.valueOf(e.getMessage()), e);
    } catch (OutOfMemoryError e) {
      return failed(ExitCode.UNEXPECTED, "out of memory: " + e.getMessage(), e);
    } catch (Throwable e) {
      // Errors too: whatever happens, the process must end with a code and say why.
      return failed(ExitCode.UNEXPECTED, "unexpected: " + e, e);
    }
  }

  private ExitCode failed(ExitCode code, String sentence, Throwable cause) {
    new TerminationMessage(places.terminationMessage()).write(sentence);
    if (code == ExitCode.UNEXPECTED) {
      LOG.error(sentence, cause);
    } else {
      LOG.error(sentence);
    }
    return code;
  }

  private MegalodonTrainingJobSpec spec() {
    MegalodonTrainingJobSpec spec = SpecFile.read(places.spec());
    return alone ? onOneRank(spec) : spec;
  }

  private static MegalodonTrainingJobSpec onOneRank(MegalodonTrainingJobSpec spec) {
    return new MegalodonTrainingJobSpec(
        spec.model(),
        spec.data(),
        spec.training(),
        new ParallelismSpec(1, 1, 1, spec.parallelism().chunkExchange()),
        spec.checkpoint(),
        spec.failurePolicy(),
        spec.worker(),
        spec.scheduling(),
        spec.suspend(),
        spec.managedBy(),
        spec.activeDeadlineSeconds(),
        spec.startDeadlineSeconds(),
        spec.ttlSecondsAfterFinished(),
        spec.cleanPodPolicy());
  }

  private ExitCode train(WorkerIdentity own, MegalodonTrainingJobSpec spec) throws Exception {
    ProgressBoard board =
        new ProgressBoard(own.jobUid(), own.rank(), own.incarnation(), spec.training().steps());
    LogSetup.about(
        () -> about(own, EpochId.unpacked(board.current().epoch()), board.current().step()));
    Traffic traffic = new Traffic();
    WorkerMetrics metrics = new WorkerMetrics(board, own.jobName(), traffic);
    TrainingPlan plan = plan(own, spec);
    requireMemory(plan, own);
    try (HeldFolder folder = HeldFolder.of(own, plan.checkpoints(), patience.volume());
        ProgressServer server = ProgressServer.start(ports.http(), board, metrics);
        OpenDevice open = OpenDevice.start(plan.compute());
        ProcessMetrics process = new ProcessMetrics(open.device()::allocatedBytes);
        TrainingText text = TrainingText.open(plan);
        TrainingLoop loop = new TrainingLoop(run(own, plan, open, text, board, metrics))) {
      metrics.bind(process);
      if (own.rank() == 0) {
        server.offer(checkpointRequests);
      }
      LOG.info(
          "rank {} of {}, incarnation {}: {} parameters, {} tokens of text, {}, progress on port {}",
          own.rank(),
          own.worldSize(),
          own.incarnation(),
          plan.model().parameterCount(),
          text.trainingTokens(),
          open.numerics(),
          server.port());
      ResumePlanner planner = new ResumePlanner(plan.checkpoints(), damagePatience());
      ExitCode code =
          alone
              ? loop.run(new SoloMembership(own.incarnation(), planner))
              : withOthers(own, plan, spec, planner, loop, traffic);
      String sentence =
          code == ExitCode.COMPLETE
              ? ""
              : "left on notice after step %d\n".formatted(board.current().step());
      new TerminationMessage(places.terminationMessage()).write(sentence, board.current());
      return code;
    }
  }

  /** What every line of a log for programs says. */
  private static Map<String, Object> about(WorkerIdentity own, EpochId epoch, long step) {
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("job", own.namespace() + "/" + own.jobName());
    about.put("rank", own.rank());
    about.put("incarnation", own.incarnation());
    about.put("epoch", epoch.toString());
    about.put("step", step);
    return about;
  }

  private Duration damagePatience() {
    return DAMAGE_PATIENCE.compareTo(patience.volume()) < 0 ? DAMAGE_PATIENCE : patience.volume();
  }

  /** Before anything is allocated: what cannot fit ends here, with numbers. */
  private static void requireMemory(TrainingPlan plan, WorkerIdentity own) {
    MemoryPlan needed = MemoryPlanner.plan(MemoryRequest.of(plan, own.rank(), own.worldSize()));
    switch (MemoryCheck.of(needed, MachineMemory.ofThisProcess())) {
      case MemoryCheck.Fits fits -> {}
      case MemoryCheck.Tight tight -> LOG.warn(tight.warning());
      case MemoryCheck.TooLarge large -> throw new WorkerExit(ExitCode.BAD_SPEC, large.reason());
    }
  }

  private TrainingPlan plan(WorkerIdentity own, MegalodonTrainingJobSpec spec) {
    int processors = Runtime.getRuntime().availableProcessors();
    return new TrainingPlanner(own, places.data(), places.checkpoints(), processors).plan(spec);
  }

  private TrainingRun run(
      WorkerIdentity own,
      TrainingPlan plan,
      OpenDevice open,
      TrainingText text,
      ProgressBoard board,
      WorkerMetrics metrics) {
    return new TrainingRun(
        plan,
        own.rank(),
        own.worldSize(),
        open.device(),
        open.numerics(),
        text,
        board,
        metrics,
        stop,
        checkpointRequests,
        Clock.systemUTC(),
        new TrainingRun.Bounds(
            patience.volume(),
            patience.finalCheckpoint(),
            TrainingRun.Bounds.DEFAULT.pauseBetweenTries()),
        TrainingRun.Faults.NONE);
  }

  private ExitCode withOthers(
      WorkerIdentity own,
      TrainingPlan plan,
      MegalodonTrainingJobSpec spec,
      ResumePlanner planner,
      TrainingLoop loop,
      Traffic traffic)
      throws Exception {
    Identity identity =
        new Identity(
            own.jobUid(),
            own.rank(),
            own.worldSize(),
            own.incarnation(),
            plan.specDigest(),
            secret());
    RendezvousSettings settings =
        RendezvousSettings.at(own.rendezvousHost())
            .withPort(ports.rendezvous())
            .withRejoin(Duration.ofSeconds(spec.failurePolicy().rejoinSeconds()));
    try (Network network =
            AeronNetwork.launch(AeronSettings.forPod(own.address(), ports.collectives()), traffic);
        Rendezvous rendezvous =
            Rendezvous.start(
                identity,
                settings,
                network,
                (epoch, roster, holdings) -> planner.decide(own.worldSize(), holdings).encoded())) {
      return loop.run(new RendezvousMembership(rendezvous, plan.parallel().mesh().chunkParallel()));
    }
  }

  private JobSecret secret() {
    try {
      return new JobSecret(Files.readAllBytes(places.secret()));
    } catch (IOException | IllegalArgumentException e) {
      throw new WorkerExit(
          ExitCode.BAD_SPEC,
          "the job's secret %s cannot be used: %s".formatted(places.secret(), e.getMessage()),
          e);
    }
  }
}
