package dev.megalodon.e2e.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code java … ImagesCommand}: what {@code make images} runs. */
@Command(
    name = "images",
    mixinStandardHelpOptions = true,
    description = "Builds the operator's and the trainer's image from the modules' build output.")
final class ImagesCommand implements Callable<Integer> {
  @Option(
      names = "--repository",
      required = true,
      description = "root of the working tree, already built")
  private Path repository = Path.of(".");

  @Option(
      names = "--output",
      required = true,
      description = "folder for archives, their names (NAME.ref) and the layer cache")
  private Path output = Path.of("target/images");

  @Option(
      names = "--push",
      paramLabel = "REGISTRY/REPO",
      description = "push there instead of writing archives")
  private Optional<String> push = Optional.empty();

  @Option(names = "--insecure", description = "push to a registry that has no TLS")
  private boolean insecure;

  /** Runs the command and exits with its status. */
  public static void main(String[] arguments) {
    CommandLine commandLine = new CommandLine(new ImagesCommand());
    commandLine.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          if (!(failure instanceof ToolFailedException)) {
            throw failure;
          }
          command.getErr().println(failure.getMessage());
          return CommandLine.ExitCode.SOFTWARE;
        });
    System.exit(commandLine.execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    Path runtime =
        JavaRuntime.link(Path.of(System.getProperty("java.home")), output.resolve("java"));
    ImageDefinitions definitions = new ImageDefinitions(repository, output, runtime);
    ImageBuilder builder = new ImageBuilder(output.resolve("cache"), insecure);
    for (ImageDefinition image : List.of(definitions.operator(), definitions.trainer())) {
      build(builder, image);
    }
    return CommandLine.ExitCode.OK;
  }

  private void build(ImageBuilder builder, ImageDefinition image) throws IOException {
    String tag = Fingerprint.of(image);
    String fileName = image.name().replace('/', '-');
    String reference = push.map(prefix -> prefix + "/" + fileName).orElse(image.name()) + ":" + tag;
    if (push.isPresent()) {
      builder.push(image, reference);
    } else {
      builder.writeArchive(image, reference, output.resolve(fileName + "-" + tag + ".tar"));
      deleteOlderArchives(fileName, tag);
    }
    Files.writeString(output.resolve(fileName + ".ref"), reference + "\n");
    System.out.println(reference);
  }

  private void deleteOlderArchives(String fileName, String tag) throws IOException {
    try (var archives = Files.newDirectoryStream(output, fileName + "-*.tar")) {
      for (Path archive : archives) {
        if (!archive.endsWith(fileName + "-" + tag + ".tar")) {
          Files.delete(archive);
        }
      }
    }
  }
}
