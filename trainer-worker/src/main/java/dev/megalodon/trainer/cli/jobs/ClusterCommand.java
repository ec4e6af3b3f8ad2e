package dev.megalodon.trainer.cli.jobs;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What all commands that ask a cluster have. */
abstract class ClusterCommand implements Callable<Integer> {
  private final Kubectl kubectl;

  @Spec private CommandSpec command = CommandSpec.create();
  @Mixin private ClusterOptions options = new ClusterOptions();

  ClusterCommand(Kubectl kubectl) {
    this.kubectl = kubectl;
  }

  /** The cluster that the options name. */
  final Cluster cluster() {
    return options.cluster(kubectl);
  }

  /** Where people read. */
  final PrintWriter output() {
    return command.commandLine().getOut();
  }
}
