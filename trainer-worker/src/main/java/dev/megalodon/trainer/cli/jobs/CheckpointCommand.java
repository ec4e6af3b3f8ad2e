package dev.megalodon.trainer.cli.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.v1alpha1.CheckpointStatus;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Has a job write a checkpoint now. */
@Command(
    name = "checkpoint",
    header = "Has a job write a checkpoint at the end of the step under way.",
    description = {
      "",
      "Training goes on as if nothing had been asked. The checkpoint counts towards keepLast like"
          + " any other. At most one every 10 s. Needs the right to create pods/proxy.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  ${COMMAND-FULL-NAME} quickstart",
      "  ${COMMAND-FULL-NAME} quickstart --wait"
    },
    mixinStandardHelpOptions = true)
final class CheckpointCommand extends JobCommand {
  @Mixin private WaitOptions waiting = new WaitOptions();

  CheckpointCommand(Kubectl kubectl) {
    super(kubectl);
  }

  @Override
  public Integer call() {
    Cluster cluster = cluster();
    PrintWriter output = output();
    Job job = cluster.job(name());
    JsonNode answer = cluster.post(job, pod(job), "/checkpoint");
    long step = answer.path("afterStep").asLong();
    output.printf("%s will write a checkpoint after step %d%n", name(), step);
    waiting.until(
        new JobWait(cluster, output),
        name(),
        "saved at step %d or later".formatted(step),
        now -> savedStep(now) >= step);
    return ExitCode.COMPLETE.code();
  }

  private static String pod(Job job) {
    if (job.phase().isFinal()) {
      throw new WorkerExit(
          ExitCode.UNEXPECTED,
          "%s is %s and trains no more; its last checkpoint is %s"
              .formatted(job.name(), job.phaseName(), newest(job)));
    }
    return job.firstPod()
        .orElseThrow(
            () ->
                new WorkerExit(
                    ExitCode.UNEXPECTED,
                    "%s has no rank 0 now: %s".formatted(job.name(), News.headline(job))));
  }

  private static String newest(Job job) {
    return job.told(MegalodonTrainingJobStatus::checkpoint)
        .map(checkpoint -> "that of step " + checkpoint.step())
        .orElse("none");
  }

  private static long savedStep(Job job) {
    return job.told(MegalodonTrainingJobStatus::checkpoint).map(CheckpointStatus::step).orElse(0L);
  }
}
