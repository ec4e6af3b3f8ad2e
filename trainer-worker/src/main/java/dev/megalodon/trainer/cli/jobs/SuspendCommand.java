package dev.megalodon.trainer.cli.jobs;

import dev.megalodon.crds.contract.ExitCode;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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
final class SuspendCommand extends JobCommand {
  @Mixin private WaitOptions waiting = new WaitOptions();

  SuspendCommand(Kubectl kubectl) {
    super(kubectl);
  }

  @Override
  public Integer call() {
    Cluster cluster = cluster();
    PrintWriter output = output();
    cluster.patchSpec(name(), "{\"suspend\":true}");
    output.printf("%s will save and rest%n", name());
    waiting.until(new JobWait(cluster, output), name(), "suspended", job -> job.holds("Suspended"));
    return ExitCode.COMPLETE.code();
  }
}
