package dev.megalodon.trainer.cli.jobs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.megalodon.crds.contract.ExitCode;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a new job from one that is there. */
@Command(
    name = "clone",
    header = "Makes a new job from one that is there.",
    description = {
      "",
      "The new job has the spec of the old one, and nothing else of it: no labels, no status, and it"
          + " is not suspended. With --resume it goes on from the old one's newest checkpoint.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  ${COMMAND-FULL-NAME} quickstart longer --resume --set training.steps=800",
      "  ${COMMAND-FULL-NAME} quickstart hotter --set training.optimizer.learningRate=0.008",
      "  ${COMMAND-FULL-NAME} quickstart other --dry-run > other.yaml"
    },
    mixinStandardHelpOptions = true)
final class CloneCommand extends ClusterCommand {
  private static final YAMLMapper YAML =
      YAMLMapper.builder().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER).build();

  @Parameters(index = "0", paramLabel = "NAME", description = "The job that is there.")
  private String name = "";

  @Parameters(index = "1", paramLabel = "NEW", description = "The name of the new one.")
  private String newName = "";

  @Option(names = "--resume", description = "Go on from the newest checkpoint of NAME.")
  private boolean resume;

  @Option(
      names = "--set",
      paramLabel = "PATH=VALUE",
      description = "Another value for a field of the spec; once for each.")
  private List<String> assignments = List.of();

  @Option(names = "--dry-run", description = "Print the new job and do not create it.")
  private boolean dryRun;

  CloneCommand(Kubectl kubectl) {
    super(kubectl);
  }

  @Override
  public Integer call() throws JsonProcessingException {
    Cluster cluster = cluster();
    PrintWriter output = output();
    List<Assignment> changes = assignments.stream().map(Assignment::parse).toList();
    ObjectNode clone = cloneOf(cluster.document(name));
    ObjectNode spec = clone.withObject("/spec");
    changes.forEach(change -> change.applyTo(spec));
    String manifest = YAML.writeValueAsString(clone);
    output.print(dryRun ? manifest : cluster.create(manifest));
    output.flush();
    return ExitCode.COMPLETE.code();
  }

  private ObjectNode cloneOf(ObjectNode original) {
    ObjectNode clone = YAML.createObjectNode();
    clone.set("apiVersion", original.path("apiVersion"));
    clone.set("kind", original.path("kind"));
    ObjectNode metadata = clone.putObject("metadata");
    metadata.put("name", newName);
    JsonNode namespace = original.path("metadata").path("namespace");
    metadata.set("namespace", namespace);
    ObjectNode spec = clone.putObject("spec");
    original.path("spec").properties().forEach(field -> spec.set(field.getKey(), field.getValue()));
    spec.remove("suspend");
    if (resume) {
      spec.withObject("/checkpoint").putObject("resumeFrom").put("job", name);
    }
    return clone;
  }
}
