package dev.megalodon.trainer.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.kernels.gemm.Nd4jViews;
import dev.megalodon.trainer.checkpoint.Manifest;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.interchange.TensorFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what is in a checkpoint. */
@Command(
    name = "inspect",
    header = "Shows what a checkpoint or a file of parameters holds.",
    description = {
      "",
      "Of a checkpoint: step, losses, sizes, and the checkpoints that it goes back to. The SHA-256 of"
          + " every file is checked first; a damaged file is named and ends this with exit code 74.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  megalodon inspect checkpoints/local/job-local",
      "  megalodon inspect model.safetensors --tensors --json",
      "  megalodon inspect model.safetensors --tensor layers.0.mega.gamma"
    },
    mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec command = CommandSpec.create();

  @Parameters(
      paramLabel = "MODEL",
      description = "Safetensors or .pth file, checkpoint or job folder.")
  private Path model = Path.of("");

  @Option(names = "--tensors", description = "Statistics of every tensor.")
  private boolean tensors;

  @Option(names = "--tensor", paramLabel = "NAME", description = "Numbers of one tensor.")
  private @Nullable String tensorName;

  @Option(
      names = "--json",
      description = "One JSON object instead of lines, with every tensor's sums.")
  private boolean json;

  @Override
  public Integer call() {
    ModelFile found = ModelFile.find(model);
    PrintWriter output = command.commandLine().getOut();
    try (TensorFile file = TensorFile.open(found.parameters())) {
      Inspection inspection = Inspection.of(found, file, tensors || json);
      if (json) {
        output.println(json(inspection));
      } else {
        print(output, inspection);
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
    output.flush();
    return ExitCode.COMPLETE.code();
  }

  private static void printNumbers(PrintWriter output, TensorFile file, String name)
      throws IOException {
    try (Arena scratch = Arena.ofConfined()) {
      output.println(Nd4jViews.view(file.tensor(name).floats(scratch)));
    }
  }

  private static String json(Inspection inspection) throws JsonProcessingException {
    return JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .build()
        .writeValueAsString(inspection);
  }

  private static void print(PrintWriter output, Inspection inspection) {
    Inspection.Checkpoint checkpoint = inspection.checkpoint();
    if (checkpoint != null) {
      print(output, checkpoint);
    }
    output.printf(
        Locale.ROOT,
        "parameters  %,d in %s (%,d bytes)%n",
        inspection.parameters(),
        inspection.parametersFile(),
        inspection.bytes());
    if (inspection.model() != null) {
      output.printf("model       %s%n", inspection.model());
    }
    inspection.tensors().forEach(tensor -> print(output, tensor));
  }

  private static void print(PrintWriter output, Inspection.Checkpoint checkpoint) {
    Manifest manifest = checkpoint.manifest();
    output.printf("folder      %s%n", checkpoint.folder());
    output.printf("digest      %s%n", checkpoint.digest());
    output.printf(
        Locale.ROOT,
        "files       %d, %,d bytes, every SHA-256 as the manifest says%n",
        manifest.files().size(),
        checkpoint.verifiedBytes());
    output.printf("step        %d of %d%n", manifest.step(), manifest.totalSteps());
    output.printf(Locale.ROOT, "tokens      %,d%n", manifest.tokens());
    output.printf(
        "epoch       %d.%d, %d ranks%n",
        manifest.epochIncarnation(), manifest.epochCounter(), manifest.worldSize());
    output.printf("loss        %s%n", manifest.loss());
    output.printf(
        "held out    %s, %s before the first step%n",
        manifest.heldOutLoss(), manifest.initialHeldOutLoss());
    output.printf("numerics    %s%n", manifest.numerics());
    output.printf("created     %s%n", manifest.createdAt());
    for (Inspection.Ancestor ancestor : checkpoint.lineage()) {
      String where =
          ancestor.folder() == null
              ? "not kept any more"
              : "step %d in %s".formatted(ancestor.step(), ancestor.folder());
      output.printf("goes back   to %s, %s%n", ancestor.digest(), where);
    }
  }

  private static void print(PrintWriter output, Inspection.TensorLine tensor) {
    TensorStatistics statistics = tensor.statistics();
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
