package dev.megalodon.operator.resources;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobSpec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * The job's spec as workers read it: JSON with every default, without what only the operator acts
 * on. So an edit of a deadline is no edit of what is trained.
 *
 * @param json the document
 * @param hash eight hexadecimal digits of its SHA-256; names the ConfigMap, whose content never
 *     changes
 */
public record SpecDocument(String json, String hash) {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private static final List<String> OPERATORS_OWN =
      List.of(
          "suspend",
          "managedBy",
          "scheduling",
          "activeDeadlineSeconds",
          "startDeadlineSeconds",
          "ttlSecondsAfterFinished",
          "cleanPodPolicy");
  private static final List<String> OPERATORS_OWN_OF_WORKER =
      List.of("image", "imagePullPolicy", "resources", "template");

  /** A worker is told of how many ranks it is one, which may change while the job lives. */
  private static final List<String> OPERATORS_OWN_OF_PARALLELISM = List.of("workers");

  private static final List<String> OPERATORS_OWN_OF_FAILURE_POLICY =
      List.of("maxRestarts", "backoff", "progressRefundsBudget", "stragglerRatio");

  /** The document of a spec. */
  public static SpecDocument of(MegalodonTrainingJobSpec spec) {
    ObjectNode tree = MAPPER.valueToTree(spec);
    tree.remove(OPERATORS_OWN);
    remove(tree.path("worker"), OPERATORS_OWN_OF_WORKER);
    remove(tree.path("parallelism"), OPERATORS_OWN_OF_PARALLELISM);
    remove(tree.path("failurePolicy"), OPERATORS_OWN_OF_FAILURE_POLICY);
    try {
      String json = MAPPER.writeValueAsString(tree) + "\n";
      return new SpecDocument(json, hash(json));
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("a job's spec cannot be written as JSON", impossible);
    }
  }

  private static void remove(JsonNode node, List<String> fields) {
    if (node instanceof ObjectNode object) {
      object.remove(fields);
    }
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 4);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JVM has SHA-256", impossible);
    }
  }
}
