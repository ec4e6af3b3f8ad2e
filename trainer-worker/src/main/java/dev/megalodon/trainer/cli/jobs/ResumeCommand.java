package dev.megalodon.trainer.cli.jobs;

import dev.megalodon.crds.contract.ExitCode;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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
final class ResumeCommand extends JobCommand {
  @Mixin private WaitOptions waiting = new WaitOptions();

  ResumeCommand(Kubectl kubectl) {
    super(kubectl);
  }

  @Override
  public Integer call() {
    Cluster cluster = cluster();
    PrintWriter output = output();
    cluster.patchSpec(name(), "{\"suspend\":false}");
    output.printf("%s will go on%n", name());
    waiting.until(new JobWait(cluster, output), name(), "training", job -> job.holds("Running"));
    return ExitCode.COMPLETE.code();
  }
}
