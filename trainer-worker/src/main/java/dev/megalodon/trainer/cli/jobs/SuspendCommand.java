package dev.megalodon.trainer.cli.jobs;

import dev.megalodon.crds.contract.ExitCode;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Brings a job to rest. */
@Command(
    name = "suspend",
    header = "Suspends a job: its workers write a checkpoint and leave.",
    description = {"", "It goes on from there when it is resumed. Nothing is charged.", ""},
    footer = {
      "",
      "Examples:",
      "  ${COMMAND-FULL-NAME} quickstart",
      "  ${COMMAND-FULL-NAME} quickstart --wait"
    },
    mixinStandardHelpOptions = true)
final class SuspendCommand implements Callable<Integer> {
  private final Kubectl kubectl;

  @Spec private CommandSpec command = CommandSpec.create();
  @Mixin private ClusterOptions options = new ClusterOptions();
  @Mixin private WaitOptions waiting = new WaitOptions();

  @Parameters(paramLabel = "NAME", description = "The job.")
  private String name = "";

  SuspendCommand(Kubectl kubectl) {
    this.kubectl = kubectl;
  }

  @Override
  public Integer call() {
    Cluster cluster = options.cluster(kubectl);
    PrintWriter output = command.commandLine().getOut();
    cluster.patchSpec(name, "{\"suspend\":true}");
    output.printf("%s will save and rest%n", name);
    if (waiting.isAskedFor()) {
      new JobWait(cluster, output)
          .until(name, "suspended", waiting.timeout(), job -> job.holds("Suspended"));
    }
    return ExitCode.COMPLETE.code();
  }
}
