package dev.megalodon.trainer.cli.jobs;

import picocli.CommandLine.Parameters;

/** What all commands about one job have. */
abstract class JobCommand extends ClusterCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "The job.")
  private String name = "";

  JobCommand(Kubectl kubectl) {
    super(kubectl);
  }

  /** The job's name. */
  final String name() {
    return name;
  }
}
