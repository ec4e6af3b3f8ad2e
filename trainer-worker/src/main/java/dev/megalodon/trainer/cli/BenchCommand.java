package dev.megalodon.trainer.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.gemm.GemmProvider;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.job.TrainingPlan;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures this machine. */
@Command(
    name = "bench",
    header = "Measures this machine: matrix products and training steps, by GEMM provider.",
    description = {
      "",
      "The product of two 1024 x 1024 matrices in billions of operations a second, and whole training"
          + " steps of a model with one million parameters (4 x 512 bytes) in tokens a second. The"
          + " fastest run of each counts.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  megalodon bench",
      "  megalodon bench --threads 1 --seconds 10 --json"
    },
    mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec command = CommandSpec.create();

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "5",
      description = "Time for each measurement (default ${DEFAULT-VALUE}).")
  private double seconds;

  @Option(names = "--threads", paramLabel = "N", description = "That compute (default: all CPUs).")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--json", description = "One JSON object instead of lines.")
  private boolean json;

  @Override
  public Integer call() {
    if (!(seconds > 0 && seconds < 3600) || threads < 1) {
      throw new WorkerExit(
          ExitCode.BAD_SPEC, "--seconds must be between 0 and 3600, --threads at least 1");
    }
    ObjectNode result = JsonMapper.builder().build().createObjectNode().put("threads", threads);
    for (GemmProvider provider : GemmProvider.values()) {
      String name = provider.label();
      measure(name, result.withArray("providers").addObject().put("gemm", name));
    }
    if (json) {
      out().println(result);
    }
    out().flush();
    return ExitCode.COMPLETE.code();
  }

  private void measure(String gemm, ObjectNode result) {
    Duration patience = Duration.ofNanos((long) (seconds * 1e9));
    try (OpenDevice open =
        OpenDevice.start(new TrainingPlan.Compute("cpu", gemm, Precision.FP32, threads))) {
      Benchmark benchmark = new Benchmark(open.device(), patience);
      double gigaflops = benchmark.gigaflops();
      double tokens = benchmark.tokensPerSecond();
      result.put("gigaflops", gigaflops).put("tokensPerSecond", tokens);
      if (!json) {
        out()
            .printf(
                Locale.ROOT,
                "%-9s %d threads: %7.1f GF/s, %8.0f tokens/s in training%n",
                gemm,
                threads,
                gigaflops,
                tokens);
        out().flush();
      }
    }
  }

  private PrintWriter out() {
    return command.commandLine().getOut();
  }
}
