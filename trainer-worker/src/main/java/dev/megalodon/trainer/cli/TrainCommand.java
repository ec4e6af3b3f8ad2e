package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.contract.WorkerEnvironment;
import dev.megalodon.crds.contract.WorkerPaths;
import dev.megalodon.crds.contract.WorkerPorts;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.job.JobFile;
import dev.megalodon.trainer.job.WorkerIdentity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** One rank of a training job, or a whole job on this machine. */
@Command(
    name = "train",
    header = "Trains a model: one rank of a job, or a whole job on this machine.",
    description = {
      "",
      "With --config, runs the job that the file describes, the very file that kubectl apply takes,"
          + " on this machine: parallelism.workers processes that meet on the loopback interface."
          + " It goes on from the newest checkpoint in --checkpoints, if there is one. The CRD's"
          + " defaults are filled in and its schema is checked; its rules in CEL are not.",
      "In a worker pod everything comes from the environment, and no option is needed.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  megalodon train --config job.yaml --data text=corpus --checkpoints checkpoints",
      "  megalodon train --local --spec spec.json --data volumes --checkpoints checkpoints",
      "",
      "Ctrl-C makes every rank write a checkpoint and leave (exit code 75)."
    },
    mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer> {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The job to run on this machine, as YAML or JSON.")
  private @Nullable Path config;

  @Option(names = "--spec", description = "The job's spec as JSON (default: the pod's).")
  private Path spec = Path.of(WorkerPaths.JOB_SPEC);

  @Option(names = "--secret", description = "File with the job's secret (default: the pod's).")
  private Path secret = Path.of(WorkerPaths.JOB_SECRET);

  @Option(
      names = "--data",
      paramLabel = "[NAME=]DIR",
      description =
          "With --config: the folder that stands for a data volume, by its name or its claim's; once"
              + " for each. Otherwise: a folder with a folder or link for each data volume.")
  private List<String> data = List.of(WorkerPaths.DATA);

  @Option(
      names = "--checkpoints",
      paramLabel = "DIR",
      description = "Folder that stands for the checkpoint volume.")
  private Path checkpoints = Path.of(WorkerPaths.CHECKPOINTS);

  @Option(names = "--termination-message", description = "File for the reason of an early end.")
  private Path terminationMessage = Path.of(WorkerPaths.TERMINATION_MESSAGE);

  @Option(names = "--local", description = "Train alone in this process, without a network.")
  private boolean local;

  @Option(names = "--job", description = "Name of the job: checkpoints go to local/JOB-local.")
  private String job = "job";

  @Option(names = "--rank", description = "This rank (default: the pod's).")
  private int rank = -1;

  @Option(names = "--world-size", description = "Number of ranks (default: the pod's).")
  private int worldSize = -1;

  @Option(
      names = "--incarnation",
      description =
          "Which process of this rank, growing (default: with --local one that is greater than any"
              + " checkpoint's, otherwise 1).")
  private @Nullable Long incarnation;

  @Option(names = "--rendezvous", description = "Address of rank 0 (default ${DEFAULT-VALUE}).")
  private String rendezvous = "127.0.0.1";

  @Option(names = "--address", description = "Address of this rank (default ${DEFAULT-VALUE}).")
  private String address = "127.0.0.1";

  @Option(names = "--rendezvous-port", description = "TCP port of rank 0's rendezvous.")
  private int rendezvousPort = WorkerPorts.RENDEZVOUS;

  @Option(names = "--collectives-port", description = "UDP port of this rank.")
  private int collectivesPort = WorkerPorts.COLLECTIVES;

  @Option(names = "--http-port", description = "TCP port of /progress and /metrics; 0: any.")
  private int httpPort = WorkerPorts.HTTP;

  @Option(
      names = "--final-checkpoint-seconds",
      defaultValue = "600",
      description = "How long to try to write the last checkpoint (default ${DEFAULT-VALUE}).")
  private long finalCheckpointSeconds;

  @Option(
      names = "--volume-seconds",
      defaultValue = "60",
      description = "How long files of other nodes may take to appear (default ${DEFAULT-VALUE}).")
  private long volumeSeconds;

  @Override
  public Integer call() throws Exception {
    return config == null ? rank() : wholeJob(config);
  }

  private int wholeJob(Path manifest) throws InterruptedException {
    try (LocalJob job = LocalJob.prepare(JobFile.read(manifest), folders())) {
      LocalTraining training = new LocalTraining(job, checkpoints);
      return job.ranks() == 1
          ? MegalodonCommand.run(training.alone().toArray(String[]::new))
          : training.together();
    }
  }

  /** By the volume or claim that each stands for. */
  private Map<String, Path> folders() {
    Map<String, Path> folders = new HashMap<>();
    for (String mapping : data) {
      int equals = mapping.indexOf('=');
      if (equals > 0) {
        folders.put(mapping.substring(0, equals), Path.of(mapping.substring(equals + 1)));
      }
    }
    return folders;
  }

  private int rank() {
    if (data.size() != 1) {
      throw new WorkerExit(
          ExitCode.BAD_SPEC, "--data may be given once only, except with --config: " + data);
    }
    WorkerProcess process =
        new WorkerProcess(
            new WorkerProcess.Places(
                spec, secret, Path.of(data.getFirst()), checkpoints, terminationMessage),
            new WorkerProcess.Ports(rendezvousPort, collectivesPort, httpPort),
            new WorkerProcess.Patience(
                Duration.ofSeconds(volumeSeconds), Duration.ofSeconds(finalCheckpointSeconds)),
            local);
    ExitCode code = process.run(() -> WorkerIdentity.from(environment()));
    return code.code();
  }

  private long incarnation() {
    if (incarnation != null) {
      return incarnation;
    }
    return local ? LocalJob.nextIncarnation(LocalTraining.jobFolder(checkpoints, job)) : 1;
  }

  /** The pod's environment, with what the options say laid over it. */
  private Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>(System.getenv());
    boolean byHand = local || rank >= 0;
    if (byHand) {
      environment.put(WorkerEnvironment.NAMESPACE, WorkerIdentity.LOCAL);
      environment.put(WorkerEnvironment.JOB_NAME, job);
      environment.put(WorkerEnvironment.JOB_UID, WorkerIdentity.LOCAL);
      environment.put(WorkerEnvironment.RANK, Integer.toString(Math.max(0, rank)));
      environment.put(WorkerEnvironment.WORLD_SIZE, Integer.toString(Math.max(1, worldSize)));
      environment.put(WorkerEnvironment.INCARNATION, Long.toString(incarnation()));
      environment.put(WorkerEnvironment.RENDEZVOUS_HOST, rendezvous);
      environment.put(WorkerEnvironment.POD_IP, address);
    }
    return environment;
  }
}
