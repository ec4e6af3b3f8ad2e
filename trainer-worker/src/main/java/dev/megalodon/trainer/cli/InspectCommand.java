package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.kernels.gemm.Nd4jViews;
import dev.megalodon.trainer.checkpoint.Manifest;
import dev.megalodon.trainer.checkpoint.StoredCheckpoint;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.interchange.TensorFile;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.file.Path;
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
  @Parameters(
      paramLabel = "MODEL",
      description = "Safetensors or .pth file, checkpoint or job folder.")
  private Path model = Path.of("");

  @Option(names = "--tensors", description = "Statistics of every tensor.")
  private boolean tensors;

  @Option(names = "--json", description = "Every tensor with its type, shape and sum as JSON.")
  private boolean json;

  @Option(names = "--tensor", paramLabel = "NAME", description = "Numbers of one tensor.")
  private @Nullable String tensorName;

  @Override
  public Integer call() {
    ModelFile found = ModelFile.find(model);
    PrintStream output = System.out;
    try (TensorFile file = TensorFile.open(found.parameters())) {
      TensorListing listing = new TensorListing(file);
      if (json) {
        listing.printJson(output);
      } else {
        found.checkpoint().ifPresent(checkpoint -> print(output, checkpoint));
        print(output, listing);
      }
      if (tensorName != null) {
        printNumbers(output, file, tensorName);
      }
    } catch (IOException e) {
      throw new WorkerExit(
          ExitCode.CHECKPOINT_FAILED,
          "%s cannot be read: %s".formatted(found.parameters(), e.getMessage()),
          e);
    }
    return ExitCode.COMPLETE.code();
  }

  private void print(PrintStream output, TensorListing listing) throws IOException {
    listing.printSummary(output);
    if (tensors) {
      listing.printTensors(output);
    }
  }

  private static void printNumbers(PrintStream output, TensorFile file, String name)
      throws IOException {
    try (Arena scratch = Arena.ofConfined()) {
      output.println(Nd4jViews.view(file.tensor(name).floats(scratch)));
    }
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
}
