package dev.megalodon.trainer.cli.jobs;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

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
final class ScaleCommand implements Callable<Integer> {
  private final Kubectl kubectl;

  @Spec private CommandSpec command = CommandSpec.create();
  @Mixin private ClusterOptions options = new ClusterOptions();
  @Mixin private WaitOptions waiting = new WaitOptions();

  @Parameters(index = "0", paramLabel = "NAME", description = "The job.")
  private String name = "";

  @Parameters(index = "1", paramLabel = "WORKERS", description = "How many, 1 to 1024.")
  private int workers;

  ScaleCommand(Kubectl kubectl) {
    this.kubectl = kubectl;
  }

  @Override
  public Integer call() {
    Cluster cluster = options.cluster(kubectl);
    PrintWriter output = command.commandLine().getOut();
    cluster.scale(name, workers);
    output.printf("%s will train with %d workers%n", name, workers);
    if (waiting.isAskedFor()) {
      new JobWait(cluster, output)
          .until(
              name, "training with %d workers".formatted(workers), waiting.timeout(), this::isDone);
    }
    return ExitCode.COMPLETE.code();
  }

  private boolean isDone(Job job) {
    int worldSize = job.told(MegalodonTrainingJobStatus::worldSize).orElse(0);
    return worldSize == workers * job.spec().parallelism().ranksPerPod()
        && job.holds("Running")
        && !job.holds("Resizing");
  }
}
