package dev.megalodon.trainer.cli.jobs;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Gives a job another number of workers. */
@Command(
    name = "scale",
    header = "Gives a job another number of workers; the global batch stays.",
    description = {
      "",
      "Added workers start while the others train on. Then all write a checkpoint and go on from it"
          + " in the new number. With --wait: until they do.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  ${COMMAND-FULL-NAME} quickstart 6",
      "  ${COMMAND-FULL-NAME} quickstart 3 --wait"
    },
    mixinStandardHelpOptions = true)
final class ScaleCommand extends JobCommand {
  @Mixin private WaitOptions waiting = new WaitOptions();

  @Parameters(index = "1", paramLabel = "WORKERS", description = "How many, 1 to 1024.")
  private int workers;

  ScaleCommand(Kubectl kubectl) {
    super(kubectl);
  }

  @Override
  public Integer call() {
    Cluster cluster = cluster();
    PrintWriter output = output();
    cluster.scale(name(), workers);
    output.printf("%s will train with %d workers%n", name(), workers);
    waiting.until(
        new JobWait(cluster, output),
        name(),
        "training with %d workers".formatted(workers),
        this::isDone);
    return ExitCode.COMPLETE.code();
  }

  private boolean isDone(Job job) {
    int worldSize = job.told(MegalodonTrainingJobStatus::worldSize).orElse(0);
    return worldSize == workers * job.spec().parallelism().ranksPerPod()
        && job.holds("Running")
        && !job.holds("Resizing");
  }
}
