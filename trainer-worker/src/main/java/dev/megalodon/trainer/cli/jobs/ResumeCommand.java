package dev.megalodon.trainer.cli.jobs;

import dev.megalodon.crds.contract.ExitCode;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lets a suspended job go on. */
@Command(
    name = "resume",
    header = "Lets a suspended job go on from its newest checkpoint.",
    description = {"", "With --wait: until steps are made again.", ""},
    footer = {
      "",
      "Examples:",
      "  ${COMMAND-FULL-NAME} quickstart",
      "  ${COMMAND-FULL-NAME} quickstart --wait --timeout 120"
    },
    mixinStandardHelpOptions = true)
final class ResumeCommand implements Callable<Integer> {
  private final Kubectl kubectl;

  @Spec private CommandSpec command = CommandSpec.create();
  @Mixin private ClusterOptions options = new ClusterOptions();
  @Mixin private WaitOptions waiting = new WaitOptions();

  @Parameters(paramLabel = "NAME", description = "The job.")
  private String name = "";

  ResumeCommand(Kubectl kubectl) {
    this.kubectl = kubectl;
  }

  @Override
  public Integer call() {
    Cluster cluster = options.cluster(kubectl);
    PrintWriter output = command.commandLine().getOut();
    cluster.patchSpec(name, "{\"suspend\":false}");
    output.printf("%s will go on%n", name);
    if (waiting.isAskedFor()) {
      new JobWait(cluster, output)
          .until(name, "training", waiting.timeout(), job -> job.holds("Running"));
    }
    return ExitCode.COMPLETE.code();
  }
}
