package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.contract.WorkerPaths;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobSpec;
import dev.megalodon.crds.v1alpha1.WorkerSpec;
import dev.megalodon.kernels.Precision;
import dev.megalodon.trainer.job.JobFile;
import dev.megalodon.trainer.job.TrainingPlan;
import dev.megalodon.trainer.job.TrainingPlanner;
import dev.megalodon.trainer.job.WorkerIdentity;
import dev.megalodon.trainer.memory.MachineMemory;
import dev.megalodon.trainer.memory.MemoryCheck;
import dev.megalodon.trainer.memory.MemoryItem;
import dev.megalodon.trainer.memory.MemoryPlan;
import dev.megalodon.trainer.memory.MemoryPlanner;
import dev.megalodon.trainer.memory.MemoryQuantity;
import dev.megalodon.trainer.memory.MemoryRequest;
import dev.megalodon.trainer.memory.NumberTypes;
import dev.megalodon.trainer.model.Recompute;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tells how much memory a job's ranks will need. */
@Command(
    name = "plan",
    aliases = "memory",
    header = "Tells how much memory each rank of a job will need, before anything is allocated.",
    description = {
      "",
      "GiB by item, with every layer's activations kept and with each layer computed again in the"
          + " backward pass (layer), and whether a rank fits the job's limit and this machine.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  megalodon plan --config job.yaml",
      "  megalodon plan --config job.yaml --precision bf16"
    },
    mixinStandardHelpOptions = true)
final class PlanCommand implements Callable<Integer> {
  private static final double GIB = 1L << 30;

  @Spec private CommandSpec command = CommandSpec.create();

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The job, as kubectl apply takes it.")
  private Path config = Path.of("");

  @Option(
      names = "--precision",
      description = "What if: FP32 or BF16 (default: what the job's device computes with).")
  private Optional<Precision> precision = Optional.empty();

  @Override
  public Integer call() {
    JobFile job = JobFile.read(config);
    MemoryRequest request = request(job.spec());
    MachineMemory machine = MachineMemory.ofThisProcess();
    MemoryPlan all = MemoryPlanner.plan(request.with(Recompute.NONE)).withJvm(machine.jvmNow());
    MemoryPlan again = MemoryPlanner.plan(request.with(Recompute.LAYER)).withJvm(machine.jvmNow());
    PrintWriter output = command.commandLine().getOut();
    output.printf(
        Locale.ROOT,
        "%s: %,d parameters, %d ranks, rank 0 holds %d x %d tokens at once%n%n",
        job.name(),
        request.model().parameterCount(),
        request.ranks(),
        request.microSequences(),
        request.sliceLength());
    output.printf("%-36s %12s %12s%n", "GiB", "kept", "recomputed");
    for (MemoryItem item : MemoryItem.values()) {
      row(output, item.label(), all.of(item), again.of(item));
    }
    row(output, "total outside the Java heap", all.outsideHeap(), again.outsideHeap());
    memoryLimit(job.spec().worker())
        .ifPresent(
            limit ->
                verdict(
                    output,
                    "worker's memory limit",
                    all,
                    again,
                    machine.limitedTo(MemoryQuantity.bytes(limit))));
    verdict(output, "this machine", all, again, machine);
    output.flush();
    return ExitCode.COMPLETE.code();
  }

  private static void row(PrintWriter output, String label, long kept, long recomputed) {
    output.printf(Locale.ROOT, "%-36s %12.3f %12.3f%n", label, kept / GIB, recomputed / GIB);
  }

  private static Optional<String> memoryLimit(WorkerSpec worker) {
    return Optional.ofNullable(worker.resources())
        .map(WorkerSpec.Resources::limits)
        .map(limits -> limits.get("memory"));
  }

  /** Whether a rank fits, with activations kept and computed again. */
  private static void verdict(
      PrintWriter output, String place, MemoryPlan kept, MemoryPlan again, MachineMemory memory) {
    output.printf(
        Locale.ROOT,
        "%n%s: %.3f GiB, the Java heap up to %.3f GiB of it%n",
        place,
        memory.limit() / GIB,
        memory.heapLimit() / GIB);
    output.printf("  kept:       %s%n", words(MemoryCheck.of(kept, memory)));
    output.printf("  recomputed: %s%n", words(MemoryCheck.of(again, memory)));
  }

  private static String words(MemoryCheck check) {
    return switch (check) {
      case MemoryCheck.Fits _ -> "fits";
      case MemoryCheck.Tight tight -> "may fit: " + tight.warning();
      case MemoryCheck.TooLarge tooLarge -> "does not fit: " + tooLarge.reason();
    };
  }

  private MemoryRequest request(MegalodonTrainingJobSpec spec) {
    int ranks = spec.parallelism().worldSize();
    WorkerIdentity first = new WorkerIdentity("plan", "plan", "plan", 0, ranks, 1, "", "");
    TrainingPlan plan =
        new TrainingPlanner(
                first,
                Path.of(WorkerPaths.DATA),
                Path.of(WorkerPaths.CHECKPOINTS),
                Runtime.getRuntime().availableProcessors())
            .plan(spec);
    MemoryRequest request = MemoryRequest.of(plan, 0, ranks);
    return precision.map(chosen -> request.with(NumberTypes.of(chosen))).orElse(request);
  }
}
