package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.kernels.gemm.Nd4jViews;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.kernels.safetensors.TensorInfo;
import dev.megalodon.trainer.checkpoint.Manifest;
import dev.megalodon.trainer.checkpoint.StoredCheckpoint;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what is in a checkpoint. */
@Command(
    name = "inspect",
    description = "Shows what a checkpoint or a file of parameters holds.",
    mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "Safetensors file, checkpoint or job folder.")
  private Path model = Path.of("");

  @Option(names = "--tensors", description = "Statistics of every tensor.")
  private boolean tensors;

  @Option(names = "--tensor", paramLabel = "NAME", description = "Numbers of one tensor.")
  private @Nullable String tensorName;

  @Override
  public Integer call() {
    ModelFile found = ModelFile.find(model);
    PrintStream output = System.out;
    found.checkpoint().ifPresent(checkpoint -> print(output, checkpoint));
    try (SafetensorsFile file = SafetensorsFile.open(found.parameters())) {
      long parameters = file.tensors().stream().mapToLong(TensorInfo::elements).sum();
      output.printf("parameters  %,d in %d tensors%n", parameters, file.tensors().size());
      if (tensors) {
        for (TensorInfo tensor : file.tensors()) {
          print(output, tensor, file.doubles(tensor.name()));
        }
      }
      if (tensorName != null) {
        output.println(Nd4jViews.view(file.tensor(tensorName)));
      }
    } catch (IOException e) {
      throw new WorkerExit(
          ExitCode.CHECKPOINT_FAILED,
          "%s cannot be read: %s".formatted(found.parameters(), e.getMessage()),
          e);
    }
    return ExitCode.COMPLETE.code();
  }

  private static void print(PrintStream output, StoredCheckpoint checkpoint) {
    Manifest manifest = checkpoint.manifest();
    output.printf("folder      %s%n", checkpoint.folder());
    output.printf("digest      %s%n", checkpoint.digest());
    output.printf("step        %d of %d%n", manifest.step(), manifest.totalSteps());
    output.printf("tokens      %,d%n", manifest.tokens());
    output.printf(
        "epoch       %d.%d, %d ranks%n",
        manifest.epochIncarnation(), manifest.epochCounter(), manifest.worldSize());
    output.printf("loss        %s%n", manifest.loss());
    output.printf(
        "held out    %s, %s before the first step%n",
        manifest.heldOutLoss(), manifest.initialHeldOutLoss());
    output.printf("numerics    %s%n", manifest.numerics());
    output.printf("created     %s%n", manifest.createdAt());
  }

  private static void print(PrintStream output, TensorInfo tensor, double[] values) {
    TensorStatistics statistics = TensorStatistics.of(values);
    output.printf(
        Locale.ROOT,
        "%-44s %-4s %-14s mean %11.4e  rms %11.4e  min %11.4e  max %11.4e%s%n",
        tensor.name(),
        tensor.type(),
        tensor.dims(),
        statistics.mean(),
        statistics.rootMeanSquare(),
        statistics.minimum(),
        statistics.maximum(),
        statistics.notFinite() == 0 ? "" : "  NOT FINITE: " + statistics.notFinite());
  }
}
