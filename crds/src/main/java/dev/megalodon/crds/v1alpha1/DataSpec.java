package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The text to train on and how it becomes sequences of tokens. */
@JsonInclude(Include.NON_NULL)
@ValidationRule(
    value = "self.sources.all(s, self.volumes.exists(v, v.name == s.volume))",
    fieldPath = ".sources",
    message = "every source's volume must be the name of one of spec.data.volumes")
@ValidationRule(
    value =
        "!has(self.heldOut) || !has(self.heldOut.sources) || self.heldOut.sources.all(s,"
            + " self.volumes.exists(v, v.name == s.volume))",
    fieldPath = ".heldOut",
    message = "every held-out source's volume must be the name of one of spec.data.volumes")
public record DataSpec(
    @JsonPropertyDescription("Claims that hold the data; mounted by every worker.")
        @Required
        @Size(min = 1, max = 16)
        List<Volume> volumes,
    @JsonPropertyDescription(
            "Files and folders to train on; a folder means every regular file under it.")
        @Required
        @Size(min = 1, max = 16)
        List<Source> sources,
    @JsonPropertyDescription("Text that is never trained on, to measure the loss on.")
        @Default("{\"fraction\": 0.1}")
        HeldOut heldOut,
    @JsonPropertyDescription("How files are read: text is UTF-8 or any other bytes, as they are.")
        @Default("text")
        Format format,
    @JsonPropertyDescription("How text becomes tokens: bytes makes one token of each byte.")
        @Default("bytes")
        Tokenizer tokenizer,
    @JsonPropertyDescription(
            "Tokens of one training sequence; a multiple of the model's chunk (2048 for presets), and"
                + " at least chunkParallel chunks.")
        @Required
        @Min(1)
        @Max(16_777_216)
        int sequenceLength) {

  /** How files are read. */
  public enum Format {
    /** Plain bytes. */
    @JsonProperty("text")
    TEXT
  }

  /** How text becomes tokens. */
  public enum Tokenizer {
    /** One token for each byte, ids 0 to 255. */
    @JsonProperty("bytes")
    BYTES
  }

  /** A claim that holds data. */
  public record Volume(
      @JsonPropertyDescription("Name that sources use for it.")
          @Required
          @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
          @Size(min = 1, max = 40)
          String name,
      @JsonPropertyDescription("PersistentVolumeClaim in the job's namespace.")
          @Required
          @Size(min = 1, max = 253)
          String claimName,
      @JsonPropertyDescription("Mount it read-only.") @Default("true") boolean readOnly) {}

  /** A file or folder of a volume. */
  @ValidationRule(
      value = "!self.path.startsWith('/') && !self.path.split('/').exists(part, part == '..')",
      fieldPath = ".path",
      message = "path is relative to the volume: no leading slash, no '..'")
  public record Source(
      @JsonPropertyDescription("Name of one of the volumes.") @Required @Size(min = 1, max = 40)
          String volume,
      @JsonPropertyDescription("File or folder, relative to the volume's root.")
          @Default(".")
          @Size(min = 1, max = 1024)
          String path) {}

  /** What is kept back. */
  @JsonInclude(Include.NON_NULL)
  @ValidationRule(
      value = "has(self.fraction) != has(self.sources)",
      message = "set exactly one of fraction and sources")
  public record HeldOut(
      @JsonPropertyDescription(
              "Share of the training data, taken from its end, 0 to 0.5. 0: nothing is kept back"
                  + " and nothing is evaluated.")
          @Min(0)
          @Max(0.5)
          @Nullable Double fraction,
      @JsonPropertyDescription("Files and folders of their own.") @Size(min = 1, max = 16)
          @Nullable List<Source> sources) {}
}
